"""The client for threads: runs the plans and waits for the store and the bank."""

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from threading import Event, Lock, get_ident
from time import sleep

import kzt_rates.process  # binds the name that annotations begin with, to be read at run time
from kzt_rates.core import Core
from kzt_rates.errors import BankUnavailable, KztRatesError, twin_of
from kzt_rates.plans import Attempt, Fetch, Pause, StoreCall, Wait, drive
from kzt_rates.settings import transport_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Hashable
    from typing import TypeVar, overload

    import kzt_rates.models
    import kzt_rates.typing
    from kzt_rates.plans import Outcome, Step, Steps
    from kzt_rates.transport.threaded import Transport

    T = TypeVar("T")


class _Each(Iterator["T"]):
    """Runs a plan for each item; ends with its first `None`, or with an error once `is_over`.

    No generator: that ends at an error, and the next sheet would seem not to be there.
    """

    def __init__(
        self,
        run: "Callable[[Steps[T | None]], T | None]",
        plan: "Callable[[], Steps[T | None]]",
        is_over: "Callable[[], bool]",
    ) -> None:
        self._run = run
        self._plan = plan
        self._is_over = is_over
        self._ended = False

    def __next__(self) -> "T":
        if self._ended:
            raise StopIteration
        try:
            found = self._run(self._plan())
        except (RuntimeError, KztRatesError):
            if not self._is_over():
                raise
            found = None
        if found is None:
            self._ended = True
            raise StopIteration
        return found

    def close(self) -> None:
        """End the iteration."""
        self._ended = True


class Client:
    """The official rates, with settings of one's own; safe among threads.

    An argument that is `None` is taken from the environment, else it is the built-in default.

    Args:
        base_url: the bank's address (`KZT_RATES_BASE_URL`).
        cache: a file's path, a store, or `False` to keep nothing on disk (`KZT_RATES_CACHE`);
            then answers are kept for as long as the client lives.
        archive: `False` to ignore the packaged archive (`KZT_RATES_ARCHIVE=off`).
        offline: `True` to never ask the bank (`KZT_RATES_OFFLINE=1`).
        timeout: seconds an attempt may take, the body included.
        retries: how often a failed attempt is repeated.
        transport: an `httpx` transport to ask the bank through; closed with the client.
        clock: returns the instant it is, aware.

    Raises `ValueError` or `TypeError` for invalid settings.

    >>> import kzt_rates
    >>> with kzt_rates.Client(offline=True) as client:
    ...     client.convert(100, "USD", on="2025-12-05")
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
        transport: "kzt_rates.typing.Transport | None" = None,
        clock: "kzt_rates.typing.Clock | None" = None,
    ) -> None:
        self._core = Core(base_url, cache, archive, offline, timeout, retries, clock)
        self._memo = self._core.memo
        self._given_transport = transport_of(transport, "handle_request")
        self._sleep: Callable[[float], object] = sleep
        self._bank: tuple[Transport, _Runs] | None = None
        self._closing: Event | None = None
        self._lock = Lock()
        kzt_rates.process.start_afresh_in_children(self)

    def convert(
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
            ratio = self._run(plan)
        return ratio.convert(amount, places)

    def rate(
        self,
        base: str,
        quote: str = "KZT",
        *,
        on: "kzt_rates.typing.DateLike | None" = None,
        missing: "kzt_rates.typing.Missing" = "raise",
        refresh: bool = False,
    ) -> "kzt_rates.models.Rate":
        """Return the rate of a pair; see `kzt_rates.rate`."""
        return self._run(self._core.rate(base, quote, on, missing, refresh))

    def sheet(
        self,
        on: "kzt_rates.typing.DateLike | None" = None,
        *,
        missing: "kzt_rates.typing.Missing" = "raise",
        refresh: bool = False,
    ) -> "kzt_rates.models.RateSheet":
        """Return all rates of a date; see `kzt_rates.sheet`."""
        return self._run(self._core.sheet(on, missing, refresh))

    def latest(self, *, refresh: bool = False) -> "kzt_rates.models.RateSheet":
        """Return the newest sheet the bank has published; see `kzt_rates.latest`."""
        return self._run(self._core.latest(refresh))

    if TYPE_CHECKING:

        @overload  # text is an iterable of texts, too
        def history(  # type: ignore[overload-overlap]
            self,
            base: str,
            quote: str = "KZT",
            *,
            start: "kzt_rates.typing.DateLike",
            end: "kzt_rates.typing.DateLike | None" = None,
            missing: "kzt_rates.typing.MissingDays" = "skip",
        ) -> "kzt_rates.models.Series": ...
        @overload
        def history(
            self,
            base: "Iterable[str]",
            quote: str = "KZT",
            *,
            start: "kzt_rates.typing.DateLike",
            end: "kzt_rates.typing.DateLike | None" = None,
            missing: "kzt_rates.typing.MissingDays" = "skip",
        ) -> "dict[str, kzt_rates.models.Series]": ...

    def history(
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
            return self._run(self._core.history(base, quote, start, end, missing, False))
        return self._run(self._core.histories(base, quote, start, end, missing))

    def sync(
        self,
        start: "kzt_rates.typing.DateLike",
        end: "kzt_rates.typing.DateLike | None" = None,
        *,
        currencies: "Iterable[str] | None" = None,
        progress: "Callable[[kzt_rates.typing.SyncProgress], object] | None" = None,
    ) -> "kzt_rates.models.SyncReport":
        """Fill the cache for a range of dates; see `kzt_rates.sync`."""
        return self._run(self._core.sync(start, end, currencies, progress))

    def sheets(
        self,
        start: "kzt_rates.typing.DateLike",
        end: "kzt_rates.typing.DateLike | None" = None,
    ) -> "Iterator[kzt_rates.models.RateSheet]":
        """Return the sheets of a range, one after the other; see `kzt_rates.sheets`."""
        sheets = self._core.sheets(start, end)
        return self._each(lambda: self._core.next_sheet(sheets))

    def watch(
        self,
        codes: "Iterable[str] | None" = None,
        threshold: "kzt_rates.typing.Amount | None" = None,
        until: "kzt_rates.typing.DateLike | None" = None,
    ) -> "Iterator[kzt_rates.models.WatchedSheet]":
        """Follow the bank's newest sheet; see `kzt_rates.watch`."""
        watch = self._core.watch(codes, threshold, until)
        self._run(watch.begin())
        return self._each(lambda: self._core.next_watched(watch), until_closed=True)

    def status(self) -> "kzt_rates.models.Status":
        """Return how fresh the archive and the cache are; see `kzt_rates.status`."""
        return self._run(self._core.status())

    def currencies(self) -> "tuple[kzt_rates.Currency, ...]":
        """Return the currencies known here; see `kzt_rates.currencies`."""
        return self._run(self._core.currencies())

    def close(self) -> None:
        """Close connections and files."""
        with self._lock:
            self._core.closed = True  # whoever waits for another attempt must not connect anew
            bank, self._bank = self._bank, None
            if self._closing is not None:
                self._closing.set()
        try:
            self._core.close()
        finally:
            if bank is not None:
                bank[0].close()
            if self._given_transport is not None:
                self._given_transport.close()

    def __aenter__(self) -> "kzt_rates.typing.NoReturn":
        raise TypeError("Client is not awaited: use `with Client()`, or `async with AsyncClient()`")

    __aexit__ = __aenter__

    def __enter__(self) -> "kzt_rates.typing.Self":
        return self

    def __exit__(
        self,
        kind: "type[BaseException] | None",
        error: "BaseException | None",
        traceback: object,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<kzt_rates.Client of {self._core.base_url}>"

    def start_afresh(self) -> None:
        """Leave connections and waiting to the parent of a forked child."""
        self._bank, self._lock, self._closing = None, Lock(), None

    def _run(self, plan: "Steps[T]") -> "T":
        if self._core.closed:
            raise RuntimeError("this client is closed")
        return drive(plan, self._perform)

    def _perform(self, step: "Step") -> object:
        if isinstance(step, StoreCall):
            return self._core.call_store(step)
        if isinstance(step, Fetch):
            return self._run(self._core.fetch(step))
        if isinstance(step, Wait):
            return self._sleep(step.seconds)
        if isinstance(step, Pause):
            return self._pause(step)
        transport, runs = self._reach_bank()
        if isinstance(step, Attempt):
            return transport.fetch(step.question)
        return runs.share(step.key, lambda: self._run(step.plan()))

    def _each(
        self, plan: "Callable[[], Steps[T | None]]", *, until_closed: bool = False
    ) -> "Iterator[T]":
        """Return an iterator over what a plan returns each time, until it returns `None`."""
        return _Each(self._run, plan, lambda: until_closed and self._core.closed)

    def _pause(self, step: "Pause") -> bool:
        with self._lock:
            if self._closing is None:
                self._closing = Event()
            if self._core.closed:
                self._closing.set()
        return self._closing.wait(step.seconds)

    def _reach_bank(self) -> "tuple[Transport, _Runs]":
        with self._lock:
            if self._core.closed:
                raise BankUnavailable("the client was closed", url=self._core.base_url)
            if self._bank is None:
                from kzt_rates.transport.threaded import Transport

                core, given = self._core, self._given_transport
                transport = Transport(core.base_url, core.timeout, given, core.login, core.headers)
                self._bank = transport, _Runs()
            return self._bank


class _Run:
    __slots__ = ("ended", "error", "leader", "outcome")

    def __init__(self) -> None:
        self.leader = get_ident()
        self.ended = Event()
        self.outcome: Outcome | None = None
        self.error: Exception | None = None


class _Runs:
    """What runs now, by key; a thread that wants the same waits for its outcome."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._running: dict[Hashable, _Run] = {}

    def share(self, key: "Hashable", run: "Callable[[], Outcome]") -> "Outcome":
        """Run, or wait for the thread that does; one that is interrupted hands over."""
        own = _Run()
        try:
            while True:
                with self._lock:
                    shared = self._running.get(key)
                    if shared is None or shared.leader == own.leader:
                        # no thread waits for itself: its own run was interrupted at its last moment
                        shared = self._running[key] = own
                if shared is own:
                    break
                shared.ended.wait()
                if shared.error is not None:
                    raise twin_of(shared.error)
                if shared.outcome is not None:
                    return shared.outcome
            own.outcome = run()
        except Exception as error:
            own.error = error
            raise
        finally:
            with self._lock:
                if self._running.get(key) is own:
                    del self._running[key]
            own.ended.set()
        return own.outcome
