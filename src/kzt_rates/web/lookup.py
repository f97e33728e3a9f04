"""What the service knows, and when it may ask the bank: never because a stranger wants it.

A plan is first run on what is known. Only where that is not enough, and `ask` allows the day, the
client asks the bank, once for all who wait; then the plan is run again on what is known.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from copy import copy
from datetime import date, datetime, timedelta
from math import ceil
from time import monotonic
from typing import TYPE_CHECKING, Any, Generic, Literal, NamedTuple, TypeVar, TypeVarTuple

from kzt_rates.async_client import AsyncClient
from kzt_rates.client import Client
from kzt_rates.core import Core
from kzt_rates.currency import quoted_on
from kzt_rates.dates import MAX_DAYS_AHEAD, ONE_DAY, date_in_kazakhstan
from kzt_rates.errors import BankUnavailable, FeedError, KztRatesError, Offline, RateNotFound
from kzt_rates.figures import Day
from kzt_rates.log import handle_stale_with
from kzt_rates.plans import (
    Attempt,
    Fetch,
    Once,
    StoreCall,
    Terms,
    Wait,
    drive,
    load_bounds,
    load_newest_complete,
    load_stamp,
)
from kzt_rates.plans.rules import RECENT_DAYS, verdict
from kzt_rates.web.freshness import next_look
from kzt_rates.web.messages import Refused
from kzt_rates.web.shapes import ON_THE_WAY

if TYPE_CHECKING:
    from kzt_rates.plans import Step, Steps

T = TypeVar("T")
Arguments = TypeVarTuple("Arguments")
Ask = Literal["none", "recent", "any"]

# How many threads read at once for each of these. Whoever wants a day does not wait for those who
# want years or a page, and whether a ready answer holds is seen at once, or all would wait for
# that. Days are read by one: with four, each waits for the others' lock of Python at every row.
READERS = {"stamp": 1, "day": 1, "page": 2, "range": 2}
ASKERS = 4
# How long a visitor waits for the bank; the question itself goes on for those who come later.
PATIENCE_SECONDS = 8.0
SECONDS_BETWEEN_QUESTIONS = 1.0
# Figures of a range that are read and written at once; more is sent in pieces.
FIGURES_AT_ONCE = 4000
# After a failure of the bank: no visitor makes it be asked again before.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10))
MAX_RESTS = 1000

_told: ContextVar["list[str] | None"] = ContextVar("told", default=None)


def _collect_stale(message: str) -> bool:
    """Take what would be a warning of a stale rate, where an answer can say it instead."""
    told = _told.get()
    if told is None:
        return False
    told.append(message)
    return True


class Found(NamedTuple, Generic[T]):
    """What a plan returned, and whether it had to use figures past their time."""

    value: T
    stale: bool


class Lookup:
    """Runs plans for the service over the store of a client."""

    def __init__(self, client: Client | AsyncClient, ask: Ask) -> None:
        self._client = client
        self._core: Core = client._core  # noqa: SLF001  # the web drives plans, as the clients do
        self._ask = "none" if self._core.terms.offline else ask
        self.terms = Terms(
            self._core.terms.clock,
            self._core.base_url,
            offline=True,
            corrected=self._core.terms.corrected,
        )
        self._readers: dict[str, ThreadPoolExecutor] = {}
        self._askers: ThreadPoolExecutor | None = None
        self._asked: dict[Hashable, asyncio.Task[None]] = {}
        # until when nobody makes the bank be asked: for anything, and under a key
        self._next_question: datetime | None = None
        self._rests: dict[Hashable, datetime] = {}
        self._next_turn = 0.0
        self.figures_at_once = FIGURES_AT_ONCE
        self.pace = SECONDS_BETWEEN_QUESTIONS
        self._failures = 0
        self.questions: Counter[str] = Counter(ok=0, failed=0)
        self.last_question: datetime | None = None
        self.last_failure: datetime | None = None
        handle_stale_with(_collect_stale)

    def send_along(self, **headers: str) -> None:
        """Have headers sent with every question to the bank."""
        self._core.headers.update(headers)

    def now(self) -> datetime:
        """Return the instant by the client's clock."""
        return self._core.terms.clock()

    def today(self) -> date:
        """Return today's date in Kazakhstan."""
        return self.terms.today()

    def moment(self) -> tuple[date, datetime]:
        """Return today's date in Kazakhstan, and the instant at which it is that.

        What is asked for by no date is for the day at the request's beginning: the bank may be
        slow to answer, and midnight pass meanwhile.
        """
        now = self.now()
        return date_in_kazakhstan(now), now

    def is_followed(self, day: Day, at: datetime | None) -> bool:
        """Whether whoever follows the bank has looked since it was time, and renewed each draft.

        `at` is when the sheet came; it is a while on the way.
        """
        came = (at, *[one.fetched_at for one in day.figures.values() if not one.final])
        now = self.now()
        return all(
            # what came in the future came by a clock that was set back since
            when is not None and when - ON_THE_WAY <= now < next_look(when) + ON_THE_WAY
            for when in came
        )

    def first_recent(self) -> date:
        """Return the first day that the bank may be asked about, unless it may about any."""
        return date.min if self._ask == "any" else self.today() - RECENT_DAYS * ONE_DAY

    async def currencies(self) -> "list[dict[str, Any]]":
        """Return what is known here of each currency, by name."""
        return await self._look(self._core.facts_of_currencies())

    async def bounds(self) -> "dict[str, tuple[date, date]]":
        """Return the first and the last day of every code known here."""
        return await self._look(load_bounds())

    async def newest_complete(self) -> date | None:
        """Return the newest complete day known here."""
        until = self.today() + MAX_DAYS_AHEAD * ONE_DAY
        return await self._look(load_newest_complete(until), "stamp")

    async def stamp(self) -> Hashable:
        """Return what differs once anybody has written to the store."""
        return await self._look(load_stamp(), "stamp")

    async def close(self, client: "Client | AsyncClient | None") -> None:
        """Let go of threads, and of a client that is nobody else's."""
        if isinstance(client, AsyncClient):
            await client.aclose()
        elif client is not None:
            await self.in_thread(client.close)
        for pool in (*self._readers.values(), self._askers):
            if pool is not None:
                pool.shutdown(wait=False, cancel_futures=True)

    # --- reading -----------------------------------------------------------------------------

    def read(self, plan: "Callable[[Terms], Steps[T]]") -> "Found[T]":
        """Run a plan on what is known here; blocks, and raises what the plan raises."""
        told: list[str] = []
        token = _told.set(told)
        try:
            return Found(drive(plan(self.terms), self._step), bool(told))
        finally:
            _told.reset(token)

    async def _look(self, plan: "Steps[T]", what: str = "day") -> T:
        return await self.in_thread(lambda: drive(plan, self._step), what=what)

    async def _read(self, plan: "Callable[[Terms], Steps[T]]", what: str) -> "Found[T]":
        return await self.in_thread(lambda: self.read(plan), what=what)

    async def in_thread(self, work: "Callable[..., T]", *arguments: Any, what: str = "day") -> T:
        """Do work that blocks in one of few threads, those of `what` in `READERS`."""
        pool = self._readers.get(what)
        if pool is None:
            pool = ThreadPoolExecutor(READERS[what], f"kzt-rates-{what}")
            self._readers[what] = pool
        return await asyncio.get_running_loop().run_in_executor(pool, work, *arguments)

    def _step(self, step: "Step") -> object:
        if isinstance(step, StoreCall):
            return self._core.call_store(step)
        if isinstance(step, Once):
            return drive(step.plan(), self._step)
        assert isinstance(step, Fetch | Attempt | Wait)
        raise Offline("the bank is not asked while an answer is looked up")

    # --- asking ------------------------------------------------------------------------------

    async def find(
        self,
        plan: "Callable[[Terms], Steps[T]]",
        *,
        key: Hashable,
        enough: "Callable[[T], bool]" = lambda _: True,
        ask: "Callable[[Terms], Steps[Any]] | None" = None,
        holds: "Callable[[T], bool]" = lambda _: False,
        day: date | None = None,
        what: str = "day",
    ) -> "Found[T]":
        """Run a plan on what is known, and again after asking the bank where that is allowed.

        `key`: who waits for the same one shares the question. `enough`: whether what is known
        needs no question. `holds`: whether it is fresh although the plan calls it stale. `ask` is
        the plan to ask with, by default the same. `day` is the day that the question is about,
        the first of several, where an error does not say it. `what` names the threads that read.
        """
        try:
            found = await self._read(plan, what)
            if found.stale and holds(found.value):
                found = Found(found.value, stale=False)
            if not found.stale and enough(found.value):
                return found
            problem: KztRatesError | None = None
        except Offline as error:
            found, problem = None, error
            day = error.date or day
        if self._may_ask(day) and (ask is None or await self._is_open(ask, what)):
            failure = await self._question(key, ask or plan)
            try:
                found, problem = await self._read(plan, what), None
            except Offline as error:
                problem = _as_asked(failure, error)
            if problem is None and found and not found.stale and enough(found.value):
                self._rests.pop(key, None)
                return found
            self._rest(key)
        if problem is not None:
            raise problem
        assert found is not None
        return found

    async def _is_open(self, plan: "Callable[[Terms], Steps[Any]]", what: str) -> bool:
        """Whether a plan would ask the bank for anything."""
        try:
            return (await self._read(plan, what)).stale
        except Offline:
            return True
        except KztRatesError:
            return False

    def _may_ask(self, day: date | None) -> bool:
        """Whether the bank may be asked about a day, `None` for its latest sheet."""
        if self._ask == "none":
            return False
        if day is None or self._ask == "any":
            return True
        ahead = (day - self.today()).days
        return -RECENT_DAYS <= ahead <= MAX_DAYS_AHEAD

    async def _question(
        self, key: Hashable, plan: "Callable[[Terms], Steps[Any]]"
    ) -> KztRatesError | None:
        """Ask the bank, or wait for those who do; return what went wrong."""
        task = self._asked.get(key)
        if task is None:
            if self._is_resting(self._rests.get(key)) or self._is_resting(self._next_question):
                return None
            if len(self._asked) >= ASKERS:
                return None
            task = asyncio.get_running_loop().create_task(self._put(plan))
            self._asked[key] = task
            task.add_done_callback(lambda done: self._end(key, done))
        try:
            await asyncio.wait_for(asyncio.shield(task), PATIENCE_SECONDS)
        except TimeoutError:
            return BankUnavailable("the bank is slow to answer")
        except KztRatesError as error:
            return error
        return None

    def _rest(self, key: Hashable) -> None:
        """Leave a question alone for a minute that did not bring what was wanted."""
        if len(self._rests) >= MAX_RESTS:
            self._rests = {
                other: until for other, until in self._rests.items() if self._is_resting(until)
            }
        if len(self._rests) < MAX_RESTS and not self._is_resting(self._rests.get(key)):
            self._rests[key] = self.now() + PAUSES[0]

    def _is_resting(self, until: datetime | None) -> bool:
        """Whether a pause goes on, by a clock that may have been set back."""
        now = self.now()
        return until is not None and now < until <= now + PAUSES[-1]

    def seconds_to_question(self) -> int:
        """Return in how many seconds the bank may be asked again."""
        if self._next_question is None or not self._is_resting(self._next_question):
            return 60
        return max(1, ceil((self._next_question - self.now()).total_seconds()))

    def _end(self, key: Hashable, task: "asyncio.Task[None]") -> None:
        self._asked.pop(key, None)
        if not task.cancelled():
            task.exception()  # whoever waited has it; nobody may be left who waits

    async def _put(self, plan: "Callable[[Terms], Steps[Any]]") -> None:
        turn = max(self._next_turn, monotonic())
        self._next_turn = turn + self.pace
        await asyncio.sleep(turn - monotonic())
        self.last_question = self.now()
        steps, told = plan(self._core.terms), list[str]()
        try:
            if isinstance(self._client, AsyncClient):
                _told.set(told)  # of this task alone
                await self._client._run(steps)  # noqa: SLF001  # as above
            else:
                if self._askers is None:
                    self._askers = ThreadPoolExecutor(ASKERS, "kzt-rates-ask")
                run = asyncio.get_running_loop().run_in_executor
                await run(self._askers, _run_and_hear, self._client, steps, told)
        except RateNotFound:
            pass  # that is an answer, and the store knows it now
        except (BankUnavailable, FeedError):
            self._fail()
            raise
        if told:
            self._fail()
        else:
            self.questions["ok"] += 1
            self._failures = 0

    def _fail(self) -> None:
        self.questions["failed"] += 1
        self.last_failure = self.now()
        self._next_question = self.last_failure + PAUSES[min(self._failures, len(PAUSES) - 1)]
        self._failures += 1


def _as_asked(failure: KztRatesError | None, wanted: Offline) -> KztRatesError:
    """Return what went wrong, about what was wanted: others may have shared the question."""
    if not isinstance(failure, BankUnavailable | FeedError):
        return failure or wanted
    mine = copy(failure)
    mine.code, mine.date, mine.nearest = wanted.code, wanted.date, wanted.nearest
    return mine


def _run_and_hear(client: Client, steps: "Steps[Any]", told: list[str]) -> None:
    """Run a plan with a client, in a thread; hear that a figure is stale, and warn nobody."""
    token = _told.set(told)
    try:
        client._run(steps)  # noqa: SLF001  # as above
    finally:
        _told.reset(token)


def is_whole(day: Day) -> bool:
    """Whether nothing of a day's sheet is unknown."""
    return day.complete


def has_all(day: Day) -> bool:
    """Whether a day's sheet has all that the bank published: nothing unknown, nothing refused."""
    return is_whole(day) and not day.refused


def check_has_all(day: Day, now: datetime, instead: str) -> None:
    """Refuse a sheet without all of its rates for a form that cannot say which it lacks.

    `instead` is what to ask for.
    """
    if has_all(day):
        return
    unknown = [
        code
        for code in sorted(quoted_on(day.date) - {*day.figures, *day.refused})
        if not is_whole(day) and verdict(code, day, now) not in ("none_published", "no_such_unit")
    ]
    lacking = {"refused": sorted(day.refused), "unknown": unknown}
    said = "; ".join(f"{why}: {', '.join(codes)}" for why, codes in lacking.items() if codes)
    raise Refused(
        503,
        f"the sheet of {day.date} is not known here whole ({said or 'in part'}): {instead}",
        kind="refused" if is_whole(day) else "not_known_here",
        date=day.date.isoformat(),
    )
