"""The client for tasks of asyncio and of trio: the same plans, awaited."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import suppress
from decimal import Decimal

import kzt_rates.process  # binds the name that annotations begin with, to be read at run time
from kzt_rates.core import Core
from kzt_rates.errors import BankUnavailable, KztRatesError
from kzt_rates.loops import Runs, running, sleep
from kzt_rates.plans import Attempt, Fetch, Pause, StoreCall, Wait
from kzt_rates.settings import transport_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar, overload

    import kzt_rates.models
    import kzt_rates.typing
    from kzt_rates.loops import Event, Loop
    from kzt_rates.plans import Outcome, Step, Steps
    from kzt_rates.transport.tasks import AsyncTransport

    T = TypeVar("T")


class _Each(AsyncIterator["T"]):
    """Runs a plan for each item; ends with its first `None`, or with an error once `is_over`.

    No async generator, because one that is left in a loop must be closed by hand on trio.
    """

    def __init__(
        self,
        run: "Callable[[Steps[T | None]], Awaitable[T | None]]",
        plan: "Callable[[], Steps[T | None]]",
        is_over: "Callable[[], bool]" = lambda: False,
    ) -> None:
        self._run = run
        self._plan = plan
        self._is_over = is_over
        self._ended = False

    async def __anext__(self) -> "T":
        if self._ended:
            raise StopAsyncIteration
        try:
            found = await self._run(self._plan())
        except (RuntimeError, KztRatesError):
            if not self._is_over():
                raise
            found = None
        if found is None:
            self._ended = True
            raise StopAsyncIteration
        return found

    async def aclose(self) -> None:
        """End the iteration."""
        self._ended = True


class AsyncClient:
    """The official rates, awaited; safe among the tasks of one event loop, asyncio's or trio's.

    Arguments are those of `Client`, with an async `transport`. The store is the same file,
    reached through a worker thread.

    >>> import asyncio, kzt_rates
    >>> async def main():
    ...     async with kzt_rates.AsyncClient(offline=True) as client:
    ...         return await client.convert(100, "USD", on="2025-12-05")
    >>> asyncio.run(main())
    Decimal('49965')
    """

    def __init__(
        self,
        base_url: "str | None" = None,
        cache: "kzt_rates.typing.CacheLike" = None,
        archive: "kzt_rates.typing.ArchiveLike" = None,
        offline: "bool | None" = None,
        timeout: float = 10,
        retries: int = 3,
        transport: "kzt_rates.typing.AsyncTransport | None" = None,
        clock: "kzt_rates.typing.Clock | None" = None,
    ) -> None:
        self._core = Core(base_url, cache, archive, offline, timeout, retries, clock)
        self._memo = self._core.memo
        self._given_transport = transport_of(transport, "handle_async_request")
        self._sleep: Callable[[float], Awaitable[object]] = sleep
        self._transport: AsyncTransport | None = None
        self._loop: object = None
        self._on: Loop
        self._closing: Event
        self._questions: Runs
        self._lookups: Runs
        kzt_rates.process.start_afresh_in_children(self)

    async def convert(
        self,
        amount: "kzt_rates.typing.Amount",
        base: str,
        quote: str = "KZT",
        *,
        on: "kzt_rates.typing.DateLike | None" = None,
        missing: "kzt_rates.typing.Missing" = "raise",
        places: "int | None" = None,
        refresh: bool = False,
    ) -> "Decimal":
        """Return an amount of `base` in units of `quote`; see `kzt_rates.convert`."""
        try:  # a list cannot be looked up; the plan says what is wrong with it
            ratio = (
                self._memo.get((base, quote, on)) if missing == "raise" and not refresh else None
            )
        except TypeError:
            ratio = None
        if ratio is None:
            plan = self._core.ratio(amount, base, quote, on, missing, places, refresh)
            ratio = await self._run(plan)
        return ratio.convert(amount, places)

    async def rate(
        self,
        base: str,
        quote: str = "KZT",
        *,
        on: "kzt_rates.typing.DateLike | None" = None,
        missing: "kzt_rates.typing.Missing" = "raise",
        refresh: bool = False,
    ) -> "kzt_rates.models.Rate":
        """Return the rate of a pair; see `kzt_rates.rate`."""
        return await self._run(self._core.rate(base, quote, on, missing, refresh))

    async def sheet(
        self,
        on: "kzt_rates.typing.DateLike | None" = None,
        *,
        missing: "kzt_rates.typing.Missing" = "raise",
        refresh: bool = False,
    ) -> "kzt_rates.models.RateSheet":
        """Return all rates of a date; see `kzt_rates.sheet`."""
        return await self._run(self._core.sheet(on, missing, refresh))

    async def latest(self, *, refresh: bool = False) -> "kzt_rates.models.RateSheet":
        """Return the newest sheet the bank has published; see `kzt_rates.latest`."""
        return await self._run(self._core.latest(refresh))

    if TYPE_CHECKING:

        @overload  # text is an iterable of texts, too
        async def history(  # type: ignore[overload-overlap]
            self,
            base: str,
            quote: str = "KZT",
            *,
            start: "kzt_rates.typing.DateLike",
            end: "kzt_rates.typing.DateLike | None" = None,
            missing: "kzt_rates.typing.MissingDays" = "skip",
        ) -> "kzt_rates.models.Series": ...
        @overload
        async def history(
            self,
            base: "Iterable[str]",
            quote: str = "KZT",
            *,
            start: "kzt_rates.typing.DateLike",
            end: "kzt_rates.typing.DateLike | None" = None,
            missing: "kzt_rates.typing.MissingDays" = "skip",
        ) -> "dict[str, kzt_rates.models.Series]": ...

    async def history(
        self,
        base: "str | Iterable[str]",
        quote: str = "KZT",
        *,
        start: "kzt_rates.typing.DateLike",
        end: "kzt_rates.typing.DateLike | None" = None,
        missing: "kzt_rates.typing.MissingDays" = "skip",
    ) -> "kzt_rates.models.Series | dict[str, kzt_rates.models.Series]":
        """Return the rates of a pair over dates, or of several; see `kzt_rates.history`."""
        if isinstance(base, str):
            return await self._run(self._core.history(base, quote, start, end, missing, False))
        return await self._run(self._core.histories(base, quote, start, end, missing))

    async def sync(
        self,
        start: "kzt_rates.typing.DateLike",
        end: "kzt_rates.typing.DateLike | None" = None,
        *,
        currencies: "Iterable[str] | None" = None,
        progress: "Callable[[kzt_rates.typing.SyncProgress], object] | None" = None,
    ) -> "kzt_rates.models.SyncReport":
        """Fill the cache for a range of dates; see `kzt_rates.sync`."""
        return await self._run(self._core.sync(start, end, currencies, progress))

    def sheets(
        self,
        start: "kzt_rates.typing.DateLike",
        end: "kzt_rates.typing.DateLike | None" = None,
    ) -> "AsyncIterator[kzt_rates.models.RateSheet]":
        """Return the sheets of a range, for `async for`; see `kzt_rates.sheets`."""
        sheets = self._core.sheets(start, end)
        return _Each(self._run, lambda: self._core.next_sheet(sheets))

    def watch(
        self,
        codes: "Iterable[str] | None" = None,
        threshold: "kzt_rates.typing.Amount | None" = None,
        until: "kzt_rates.typing.DateLike | None" = None,
    ) -> "AsyncIterator[kzt_rates.models.WatchedSheet]":
        """Follow the bank's newest sheet, for `async for`; see `kzt_rates.watch`."""
        watch = self._core.watch(codes, threshold, until)
        return _Each(self._run, lambda: self._core.next_watched(watch), lambda: self._core.closed)

    async def status(self) -> "kzt_rates.models.Status":
        """Return how fresh the archive and the cache are; see `kzt_rates.status`."""
        return await self._run(self._core.status())

    async def currencies(self) -> "tuple[kzt_rates.Currency, ...]":
        """Return the currencies known here; see `kzt_rates.currencies`."""
        return await self._run(self._core.currencies())

    async def aclose(self) -> None:
        """Close connections and files."""
        self._core.closed = True  # whoever waits for another attempt must not connect anew
        transport, self._transport = self._transport, None
        here, loop = running()
        if self._loop is here:
            self._closing.set()
        with loop.shielded():
            try:
                await loop.to_thread(self._core.close)
            finally:
                try:
                    if transport is not None:
                        await transport.close()
                    if self._given_transport is not None:
                        await self._given_transport.aclose()
                except Exception:
                    # connections of a run that is over can no longer be closed in good order
                    if self._loop is None or self._loop is here:
                        raise

    def __enter__(self) -> "kzt_rates.typing.NoReturn":
        raise TypeError(
            "AsyncClient is awaited: use `async with AsyncClient()`, or `with Client()`"
        )

    __exit__ = __enter__

    async def __aenter__(self) -> "kzt_rates.typing.Self":
        return self

    async def __aexit__(
        self,
        kind: "type[BaseException] | None",
        error: "BaseException | None",
        traceback: object,
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"<kzt_rates.AsyncClient of {self._core.base_url}>"

    def start_afresh(self) -> None:
        """Leave connections and waiting to the parent of a forked child."""
        self._loop = self._transport = None

    async def _run(self, plan: "Steps[T]") -> "T":
        if self._core.closed:
            raise RuntimeError("this client is closed")
        result: object = None
        error: BaseException | None = None
        while True:
            try:
                step = plan.send(result) if error is None else plan.throw(error)
            except StopIteration as stop:
                answer: T = stop.value
                return answer
            result = error = None
            try:
                result = await self._perform(step)
            except BaseException as raised:  # noqa: BLE001  # every end is the plan's to make
                error = raised

    async def _pause(self, step: "Pause") -> object:
        with suppress(TimeoutError):
            async with self._on.timeout(step.seconds):
                if not self._core.closed:
                    return await self._closing.wait()
        return None

    async def _perform(self, step: "Step") -> object:
        loop, means = running()
        if self._loop is not loop:  # connections and waiting belong to their loop
            self._loop, self._transport, self._on = loop, None, means
            self._questions, self._lookups = Runs(means), Runs(means)
            self._closing = means.event()
        if isinstance(step, StoreCall):
            return await self._call_store(step)
        if isinstance(step, Fetch):
            return await self._run(self._core.fetch(step))
        if isinstance(step, Wait):
            return await self._sleep(step.seconds)
        if isinstance(step, Pause):
            return await self._pause(step)
        if isinstance(step, Attempt):
            return await self._reach_bank().fetch(step.question)

        async def run() -> "Outcome":
            return await self._run(step.plan())

        return await self._questions.share(step.key, run)

    async def _call_store(self, call: "StoreCall") -> object:
        """Call the store in a thread; a thread a task would keep a thousand tasks waiting."""

        async def look() -> object:
            return await self._on.to_thread(self._core.call_store, call)

        if call.key is not None:
            # a look from before a correction must not be shared by who counts it already
            return await self._lookups.lead((call.key, self._memo.corrections()), look)
        try:
            return await look()
        finally:
            self._lookups.forget()  # what was looked up meanwhile may be older than this

    def _reach_bank(self) -> "AsyncTransport":
        if self._core.closed:
            raise BankUnavailable("the client was closed", url=self._core.base_url)
        if self._transport is None:
            from kzt_rates.transport.tasks import AsyncTransport

            core, given = self._core, self._given_transport
            self._transport = AsyncTransport(
                core.base_url, core.timeout, given, core.login, core.headers
            )
        return self._transport
