"""What every test gets: no network, no settings of the machine's, and a world to ask in."""

import ast
import asyncio
import csv
import inspect
import io
import os
import re
import signal
import socket
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from threading import Barrier, Event, Thread, current_thread, main_thread
from typing import Any

import certifi
import pytest
from hypothesis import HealthCheck, settings

import kzt_rates
from kzt_rates.loops import sleep
from kzt_rates.store.contents import build_archive
from kzt_rates.testing import SettableClock, Sheet, StandInBank, dense_sheets

FIGURES_FILE = Path(__file__).parents[1] / "data" / "official_rates.csv"
NOON = "2025-12-10T12:00+05:00"
FIRST_DAY, TOMORROW = "2025-12-04", "2025-12-11"

# Read by type checkers, or run in a browser; collecting their doctests would run them here.
collect_ignore_glob = ["typing/*", "browser/*"]

# no test depends on how fast the machine is
settings.register_profile("any", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any")

HERE = Path(__file__).parent
# what an extra is needed for, besides the tests that are marked
OF_EXTRAS = (
    *("unit/frames", "unit/tables", "unit/plotting", "rules/test_frames_learn.py"),
    *("cli/test_output.py", "cli/test_plot.py", "docs", "benchmarks", "web"),
)

# Libraries of frames that `.[test]` does without: they are more than half a gigabyte.
ENGINES = ("dask", "duckdb", "ibis", "polars", "pyspark")
ABSENT = tuple(name for name in ENGINES if find_spec(name) is None)

# what a terminal and its user set, and help and tables would follow
OF_TERMINALS = ("FORCE_COLOR", "LINES", "NO_COLOR", "PYTHON_COLORS", "PYTEST_ADDOPTS", "LANGUAGE")

# date -> code -> (value, nominal)
Figures = dict[str, dict[str, tuple[str, int]]]
Dense = dict[date, dict[str, tuple[str, int]]]
# A Python in a browser has neither threads nor processes nor sockets, and here no lxml.
IN_BROWSER = sys.platform == "emscripten"
OF_A_SYSTEM = (
    *("faults", "testing", "cli/test_processes.py", "cli/test_sync_processes.py"),
    *("unit/test_attacks.py", "unit/test_html.py", "unit/test_series_html.py", "unit/test_xlsx.py"),
    *("unit/test_export_feed.py", "unit/test_workbook.py", "unit/test_feeds.py"),
)
SYSTEM_FIXTURES = {"bank", "old_bank", "world", "run_apart", "start", "terminal"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Have the part of the suite that the base install must pass."""
    parser.addoption("--base", action="store_true", help="leave out tests that need an extra")
    parser.addoption("--engines", action="store_true", help="only tests of Dask, Polars and so on")
    parser.addoption(
        "--pure",
        type=float,
        metavar="PERCENT",
        help="list what was not run of the pure rooms, and fail below this share of it",
    )


def pytest_report_header(config: pytest.Config) -> str | None:
    """Say what is left out for want of a library."""
    if not ABSENT or config.getoption("base"):
        return None
    return f"without the tests of {', '.join(ABSENT)}, which are not installed: `nox -s engines`"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out the files whose imports the base install cannot serve."""
    left_out = OF_EXTRAS if config.getoption("base") else ()
    if IN_BROWSER:
        left_out += OF_A_SYSTEM
    return True if collection_path in {HERE / name for name in left_out} else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out single tests that need an extra, or more than a browser has."""
    kept: list[pytest.Item] = []
    left_out: list[pytest.Item] = []
    for item in items:
        (left_out if _is_left_out(item, config) else kept).append(item)
    if left_out:
        items[:] = kept
        config.hook.pytest_deselected(items=left_out)


def _is_left_out(item: pytest.Item, config: pytest.Config) -> bool:
    if config.getoption("base") and item.get_closest_marker("extras"):
        return True
    if config.getoption("engines"):
        return not _needs(item, ENGINES)
    if ABSENT and _needs(item, ABSENT):
        return True
    needs_a_system = item.get_closest_marker("system") or SYSTEM_FIXTURES.intersection(
        getattr(item, "fixturenames", ())
    )
    return IN_BROWSER and bool(needs_a_system)


def _needs(item: pytest.Item, libraries: tuple[str, ...]) -> bool:
    """Whether a test, its module or the page it runs imports one of some libraries."""
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    sources = [str(getattr(value, "text", "")) for value in parameters.values()]
    if isinstance(item, pytest.DoctestItem):
        sources.append(str(item.dtest.docstring))
    else:
        sources.append(_code(item.function))
    return _is_of(item.path, libraries) or any(map(_importing(libraries).search, sources))


def _is_of(path: Path, libraries: tuple[str, ...]) -> bool:
    imports = rf"^(?:import|from) (?:{'|'.join(libraries)})\b"
    return path.suffix == ".py" and bool(re.search(imports, _text(path), re.MULTILINE))


@cache
def _importing(libraries: tuple[str, ...]) -> re.Pattern[str]:
    names = "|".join(libraries)
    imports = rf"^[ .>]*(?:import|from) (?:{names})\b"
    return re.compile(rf"{imports}|\.to_(?:{names})\(", re.MULTILINE)


@cache
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def _code(function: Callable[..., Any]) -> str:
    return inspect.getsource(function)


def pytest_configure(config: pytest.Config) -> None:
    """Look after src/ and docs/ as well, which are outside this folder."""
    if ABSENT and config.getoption("engines"):
        raise pytest.UsageError(f"--engines needs {', '.join(ABSENT)}: .[test-engines]")
    _hear_ctrl_c()
    config.pluginmanager.register(Isolation(), "kzt_rates-isolation")
    if config.getoption("pure") is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(PureRooms(config), "kzt_rates-pure-rooms")
    if ABSENT:
        config.pluginmanager.register(Importable(), "kzt_rates-importable")


class PureRooms:
    """Lists which lines and branches of the pure rooms a run with coverage left out.

    Where rates are decided and calculated, what no test has run is a wrong number in waiting.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._coverage = config.pluginmanager.get_plugin("_cov")
        self._floor = config.getoption("pure")
        self._left = ""

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Look into what was measured, once it is combined."""
        rooms = [HERE.parent / "src" / "kzt_rates" / room for room in _pure_rooms()]
        include = [f"{room}{ending}" for room in rooms for ending in (".py", "/*")]
        said = io.StringIO()
        measured = self._coverage.cov_controller.cov
        share = measured.report(include=include, skip_covered=True, show_missing=True, file=said)
        if share < 100:
            self._left = said.getvalue()
        if share < self._floor:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Name the lines."""
        if self._left:
            title = f"what was not run of the pure rooms, of which {self._floor:g} % must be"
            terminalreporter.section(title)
            terminalreporter.write_line(self._left)


def _pure_rooms() -> tuple[str, ...]:
    """Return the rooms that may not wait for anything, as the test of the architecture has them."""
    tree = ast.parse(_text(HERE / "unit" / "test_architecture.py"))
    (found,) = (
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "PURE"
    )
    return tuple(ast.literal_eval(found))


class Importable:
    """Leaves out the modules, of src/ as well, that import a library that is not installed."""

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Look at a module's text before it is imported."""
        return True if _is_of(collection_path, ABSENT) else None


class Isolation:
    """Keeps tests from the machine's settings and from the network."""

    @pytest.fixture(autouse=True)
    def _isolated(
        self,
        request: pytest.FixtureRequest,
        monkeypatch: pytest.MonkeyPatch,
        tmp_path: Path,
        tmp_path_factory: pytest.TempPathFactory,
    ) -> Iterator[None]:
        for name in list(os.environ):
            if name.startswith("KZT_RATES_") or name.lower().endswith("_proxy"):
                monkeypatch.delenv(name)
        for name in OF_TERMINALS:
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("COLUMNS", "80")
        monkeypatch.setenv("KZT_RATES_CACHE", str(tmp_path / "kzt_rates" / "cache.sqlite"))
        monkeypatch.setenv("SSL_CERT_FILE", self._one_certificate(tmp_path_factory.getbasetemp()))
        if isinstance(request.node, pytest.DoctestItem):
            monkeypatch.setenv("KZT_RATES_OFFLINE", "1")
        strayed = _keep_at_home(monkeypatch)
        yield
        kzt_rates.close()
        assert not strayed, f"a test went to {strayed}"

    def _one_certificate(self, folder: Path) -> str:
        """Return a bundle of one: reading the world's was a third of the suite's time."""
        file = folder / "one-certificate.pem"
        if not file.exists():
            mark = "-----END CERTIFICATE-----\n"
            bundle = Path(certifi.where()).read_text(encoding="utf-8")
            file.write_text(bundle.partition(mark)[0] + mark, encoding="utf-8")
        return str(file)


def _hear_ctrl_c() -> None:
    """Let Ctrl-C through: jobs in a shell's background ignore it, and so would their children."""
    if current_thread() is main_thread() and signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _keep_at_home(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Forbid connections to anything but this machine; return the list of those tried."""
    strayed: list[str] = []
    connect, connect_ex, look_up = (
        socket.socket.connect,
        socket.socket.connect_ex,
        socket.getaddrinfo,
    )

    def check(host: object) -> None:
        name = str(host)
        if name.startswith("127.") or name in ("localhost", "::1", "None", ""):
            return
        if not name.endswith(".invalid"):  # reserved for names that lead nowhere
            strayed.append(name)
        raise socket.gaierror(socket.EAI_NONAME, "tests stay on this machine")

    def guarded(original: Callable[..., Any]) -> Callable[..., Any]:
        def call(self: socket.socket, address: Any) -> Any:
            if self.family in (socket.AF_INET, socket.AF_INET6):
                check(address[0])
            return original(self, address)

        return call

    def guarded_look_up(host: Any, *args: Any, **options: Any) -> Any:
        check(host.decode() if isinstance(host, bytes) else host)
        return look_up(host, *args, **options)

    monkeypatch.setattr(socket.socket, "connect", guarded(connect))
    monkeypatch.setattr(socket.socket, "connect_ex", guarded(connect_ex))
    monkeypatch.setattr(socket, "getaddrinfo", guarded_look_up)
    return strayed


class TrioRunner:
    """A run of trio in a thread, which lasts for all that it is given; as `asyncio.Runner`."""

    def __init__(self) -> None:
        import trio

        self._trio, self._started = trio, Event()
        self._thread = Thread(target=lambda: trio.run(self._last))
        self._thread.start()
        self._started.wait()

    def run(self, awaitable: Any) -> Any:
        return self._trio.from_thread.run(_awaited, awaitable, trio_token=self._token)

    def close(self) -> None:
        self._token.run_sync_soon(self._end.set)
        self._thread.join()

    async def _last(self) -> None:
        self._token, self._end = self._trio.lowlevel.current_trio_token(), self._trio.Event()
        self._started.set()
        await self._end.wait()


RUNNERS: dict[str, Any] = {"async": asyncio.Runner, "trio": TrioRunner}


class Driver:
    """A client of either kind, whose verbs are called alike."""

    def __init__(self, kind: str, settings: dict[str, Any]) -> None:
        self._open = True
        self._runner = RUNNERS[kind]() if kind in RUNNERS else None
        self._kind = kind
        self.client: Any = (kzt_rates.AsyncClient if self._runner else kzt_rates.Client)(**settings)
        self.waits: list[float] = []

    def never_sleep(self) -> "Driver":
        """Let the waits between attempts pass at once, into `waits`."""

        async def pass_in_a_task(seconds: float) -> None:
            self.waits.append(seconds)

        self.client._sleep = pass_in_a_task if self._runner else self.waits.append
        return self

    def ask(self, call: Callable[[Any], Any]) -> Any:
        """Return what a call of the client brings."""
        return self._runner.run(_awaited(call(self.client))) if self._runner else call(self.client)

    def ask_all(self, *calls: Callable[[Any], Any]) -> list[Any]:
        """Run calls at once, in tasks or threads; an error is returned in place of an answer."""
        if self._runner:
            gather = self._gather if self._kind == "async" else self._gather_on_trio
            return list(self._runner.run(gather(calls)))
        start = Barrier(len(calls))

        def run(call: Callable[[Any], Any]) -> Any:
            start.wait()
            try:
                return call(self.client)
            except kzt_rates.KztRatesError as error:
                return error

        with ThreadPoolExecutor(len(calls)) as threads:
            return list(threads.map(run, calls))

    async def _gather(self, calls: tuple[Callable[[Any], Any], ...]) -> list[Any]:
        return await asyncio.gather(*(call(self.client) for call in calls), return_exceptions=True)

    async def _gather_on_trio(self, calls: tuple[Callable[[Any], Any], ...]) -> list[Any]:
        import trio

        answers: dict[int, Any] = {}

        async def answer(number: int) -> None:
            try:
                answers[number] = await calls[number](self.client)
            except Exception as error:  # noqa: BLE001  # returned, as of `gather`
                answers[number] = error

        async with trio.open_nursery() as nursery:
            for number in range(len(calls)):
                nursery.start_soon(answer, number)
        return [answers[number] for number in range(len(calls))]

    def convert(self, *args: Any, **options: Any) -> Any:
        return self.ask(lambda client: client.convert(*args, **options))

    def rate(self, *args: Any, **options: Any) -> kzt_rates.Rate:
        found: kzt_rates.Rate = self.ask(lambda client: client.rate(*args, **options))
        return found

    def sheet(self, *args: Any, **options: Any) -> kzt_rates.RateSheet:
        found: kzt_rates.RateSheet = self.ask(lambda client: client.sheet(*args, **options))
        return found

    def latest(self, **options: Any) -> kzt_rates.RateSheet:
        found: kzt_rates.RateSheet = self.ask(lambda client: client.latest(**options))
        return found

    def history(self, *args: Any, **options: Any) -> kzt_rates.Series:
        found: kzt_rates.Series = self.ask(lambda client: client.history(*args, **options))
        return found

    def sync(self, *args: Any, **options: Any) -> kzt_rates.SyncReport:
        found: kzt_rates.SyncReport = self.ask(lambda client: client.sync(*args, **options))
        return found

    def currencies(self) -> tuple[kzt_rates.Currency, ...]:
        found: tuple[kzt_rates.Currency, ...] = self.ask(lambda client: client.currencies())
        return found

    def close(self) -> None:
        """Close the client, and the event loop it lived in; a second time does nothing."""
        open_before, self._open = self._open, False
        if self._runner is None:
            self.client.close()
        elif open_before:
            self._runner.run(self.client.aclose())
            self._runner.close()


async def _awaited(answer: Any) -> Any:
    return await answer


class World:
    """A bank with true rates, the clocks, a cache file, and clients of one kind."""

    def __init__(self, kind: str, cache: Path, figures: Figures) -> None:
        self.kind = kind
        self.cache = cache
        self.figures = figures
        self.clock = SettableClock(NOON)
        self.bank_clock = SettableClock(NOON)
        self.bank = StandInBank(clock=self.bank_clock)
        self.publish(FIRST_DAY, TOMORROW)
        self._drivers: list[Driver] = []

    def publish(self, start: str, end: str) -> None:
        """Publish the true sheets of a span of days, as far as all of a day is on record."""
        for day, rates in self.figures.items():
            if start <= day <= end and len(rates) > 30:
                self.bank.publish(day, rates)

    def publish_known(self, start: str, end: str) -> None:
        """Publish what is on record of a span of days, though it be one figure a day."""
        for day, rates in self.figures.items():
            if start <= day <= end:
                self.bank.publish(day, rates)

    def publish_dense(self, start: str, end: str, *codes: str) -> Dense:
        """Publish made-up rates for every day of a span, and return them; they are not official."""
        sheets = _made_up(start, end, *codes)
        for day, rates in sheets.items():
            self.bank.publish(day, rates)
        return sheets

    def reopen(self, **options: Any) -> None:
        """Put another bank, with options of its own, in the place of the first."""
        self.bank.stop()
        self.bank = StandInBank(clock=self.bank_clock, **options).start()
        self.publish(FIRST_DAY, TOMORROW)

    def scaled(self, day: str, percent: int) -> Sheet:
        """Return a true sheet with every value multiplied."""
        return {
            code: (Decimal(value) * percent / 100, nominal)
            for code, (value, nominal) in self.figures[day].items()
        }

    def client(self, **settings: Any) -> Driver:
        """Open a client of the bank, by default without archive and retries."""
        usual: dict[str, Any] = {
            "base_url": self.bank.url,
            "cache": str(self.cache),
            "archive": False,
            "offline": False,
            "retries": 0,
            "clock": self.clock,
        }
        driver = Driver(self.kind, {**usual, **settings})
        self._drivers.append(driver)
        return driver

    @property
    def asked(self) -> list[str]:
        """The dates that the daily feed was asked for, and `latest` or `export` for those feeds."""
        return [
            request.feed if request.day is None else request.day.isoformat()
            for request in self.bank.requests
        ]

    @property
    def questions(self) -> list[str]:
        """As `asked`, with the range and the codes that the export was asked for."""
        return [
            f"{request.start}..{request.end} {_named(request.codes)}"
            if request.feed == "export"
            else asked
            for request, asked in zip(self.bank.requests, self.asked, strict=True)
        ]

    def archive_of(self, *days: str) -> str:
        """Return an archive of a few days on record: the packaged one grows."""
        lines = ["date,currency,value,nominal,source"]
        for day in days:
            lines += [f"{day},{code},{v},{n},-" for code, (v, n) in self.figures[day].items()]
        source, archive = self.cache.with_name("slice.csv"), self.cache.with_name("slice.sqlite")
        source.write_text("\n".join([*lines, ""]), encoding="utf-8")
        build_archive(str(source), str(archive))
        return str(archive)

    def a_moment_later(self, call: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """Return a call, for `ask_all`, that lets the others go first."""

        async def in_a_task(client: Any) -> Any:
            await sleep(0.1)
            return await call(client)

        def in_a_thread(client: Any) -> Any:
            time.sleep(0.1)
            return call(client)

        return in_a_thread if self.kind == "sync" else in_a_task

    def set_clocks(self, instant: str) -> None:
        self.clock.set(instant)
        self.bank_clock.set(instant)

    def advance(self, **units: float) -> None:
        step = timedelta(**units)
        self.clock.advance(step)
        self.bank_clock.advance(step)

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Read the cache's file without the help of kzt_rates."""
        if not self.cache.exists():
            return []
        with closing(sqlite3.connect(self.cache)) as connection:
            return connection.execute(query, values).fetchall()

    def marks(self, day: str, kind: str) -> list[str]:
        """Return about whom the cache has a mark (`silence`, `blank` and so on) on a day."""
        query = "SELECT about FROM mark WHERE day = ? AND kind = ? ORDER BY about"
        return [about for (about,) in self.rows(query, day, kind)]

    def dump(self) -> list[str]:
        """Return all that the cache's file holds, as text."""
        if not self.cache.exists():
            return []
        with closing(sqlite3.connect(self.cache)) as connection:
            return [line for line in connection.iterdump() if line[:5] not in ("BEGIN", "COMMI")]

    def close(self) -> None:
        for driver in self._drivers:
            driver.close()
        self.bank.stop()


@cache
def _made_up(start: str, end: str, *codes: str) -> Dense:
    return dense_sheets(start, end, codes or None)


def _named(codes: tuple[str, ...]) -> str:
    return " ".join(sorted(codes)) if len(codes) < 10 else f"{len(codes)} codes"


@pytest.fixture(scope="session")
def figures() -> Figures:
    """The bank's figures on record, by date and code."""
    found: Figures = {}
    with FIGURES_FILE.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            day = date.fromisoformat(row["date"]).isoformat()
            found.setdefault(day, {})[row["currency"]] = (row["value"], int(row["nominal"]))
    return found


@pytest.fixture(params=["sync", "async", "trio"])
def kind(request: pytest.FixtureRequest) -> str:
    """Both kinds of client, one after the other, and the async one on both loops."""
    if request.param == "trio":
        pytest.importorskip("trio")
    return str(request.param)


@pytest.fixture
def world(kind: str, tmp_path: Path, figures: Figures) -> Iterator[World]:
    """Noon of Wednesday 2025-12-10, with the true rates of 2025-12-04 to tomorrow."""
    made = World(kind, tmp_path / "world.sqlite", figures)
    with made.bank:
        yield made
        made.close()
