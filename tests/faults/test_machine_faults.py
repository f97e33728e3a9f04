"""What the machine does to a process: forks, Ctrl-C, daemons, files that vanish under it."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest

import kzt_rates
from kzt_rates.figures import Day, Figure
from kzt_rates.store.sqlite import SqliteStore

posix = pytest.mark.skipif(os.name != "posix", reason="it takes a POSIX system")
DAY = date(2025, 12, 5)
NOON = datetime(2025, 12, 5, 7, tzinfo=timezone.utc)
CODES = [a + b + "X" for a in "ABCDEFGH" for b in "ABCDE"]


def after(days: int) -> date:
    return DAY + timedelta(days)


def keep(store: SqliteStore, on: date, value: str) -> None:
    figures = {code: Figure(value, 1, feed="daily", final=True, fetched_at=NOON) for code in CODES}
    store.change([on], lambda _: [Day(on, figures, complete=True, final=True, fetched_at=NOON)])


def values(store: SqliteStore, on: date) -> set[str]:
    (day,) = store.read([on])
    return {figure.value for figure in day.figures.values()}


@contextmanager
def busy(work: Callable[[], object]) -> Iterator[None]:
    """Have a thread do some work again and again."""
    stop = threading.Event()

    def run() -> None:
        while not stop.is_set():
            work()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def fork(work: Callable[[], object]) -> int:
    """Do some work in a forked child; return how it ended, -14 where it hangs."""
    child = os.fork()
    if child == 0:  # pragma: no cover
        signal.alarm(15)  # less than a store waits for its file
        try:
            work()
        except BaseException:  # noqa: BLE001
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


@posix
@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
@pytest.mark.parametrize("part", ["xml", "xlsx"])
def test_a_fork_while_a_thread_parses(part: str) -> None:
    """The child of a process that parses XML parses XML, instead of waiting for the thread."""
    from kzt_rates.feed import xlsx, xml

    if part == "xml":
        body = b"<rates>" + b"<item><title>USD</title></item>" * 20_000 + b"</rates>"
        parse: Callable[[], object] = lambda: xml.parse(body)  # noqa: E731
    else:
        body = b"<sheet>" + b"<c/>" * 15_000 + b"</sheet>"
        parse = lambda: xlsx.parse(body, "a part")  # noqa: E731
    parse()
    with busy(parse):
        for _ in range(12):
            assert fork(parse) == 0


@posix
@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
def test_a_fork_while_a_thread_writes(tmp_path: Path) -> None:
    """The child keeps what it learns at once, and both go on with a whole file."""
    store = SqliteStore(str(tmp_path / "cache.sqlite"))
    turns = iter(range(10**6))
    with busy(lambda: keep(store, DAY, str(1 + next(turns) % 2))):
        for turn in range(1, 9):
            assert fork(lambda turn=turn: keep(store, after(turn), "7")) == 0
    assert [values(store, after(turn)) for turn in range(1, 9)] == [{"7"}] * 8
    assert values(store, DAY) in ({"1"}, {"2"})
    store.close()


@posix
def test_a_fork_while_this_very_thread_reads(tmp_path: Path) -> None:
    """A fork in the middle of a look, from a signal say, hangs neither of the two."""
    store = SqliteStore(str(tmp_path / "cache.sqlite"))
    keep(store, DAY, "7")
    ends: list[int] = []

    def decide(days: list[Day]) -> list[Day]:
        ends.append(fork(lambda: values(store, DAY)))
        return days

    store.change([DAY], decide)
    assert ends == [0]
    keep(store, DAY, "8")
    assert values(store, DAY) == {"8"}
    store.close()


DAEMON = """
    import os, sys, time
    sys.path.insert(0, {here!r})
    from test_machine_faults import DAY, after, keep, values
    from kzt_rates.store.sqlite import SqliteStore

    path, done = sys.argv[1:]
    store = SqliteStore(path)
    keep(store, DAY, "1")
    assert values(store, DAY) == {{"1"}}
    if os.fork():
        sys.exit()  # which closes the parent's connection, and takes its -wal away
    os.setsid()
    try:
        for _ in range(400):  # until the others have used the file
            if os.path.exists(done + ".go"):
                break
            time.sleep(0.02)
        found = values(store, after(1))
        keep(store, after(2), "3")
        said = f"{{found}} {{values(store, DAY)}} {{values(store, after(2))}}"
    except BaseException as error:
        said = repr(error)
    with open(done + ".part", "w") as file:
        file.write(said)
    os.rename(done + ".part", done)
"""


@posix
def test_a_daemon(tmp_path: Path) -> None:
    """A process that opened the cache and became a daemon uses it like the others."""
    path, done = tmp_path / "cache.sqlite", tmp_path / "done"
    script = textwrap.dedent(DAEMON).format(here=str(Path(__file__).parent))
    subprocess.run([sys.executable, "-c", script, str(path), str(done)], check=True, timeout=30)
    for value in ("1", "2"):  # another process opens, writes and closes it, twice
        other = SqliteStore(str(path))
        keep(other, after(1), value)
        other.close()
    done.with_suffix(".go").touch()
    for _ in range(500):
        if done.exists():
            break
        time.sleep(0.02)
    assert done.read_text(encoding="utf-8") == "{'2'} {'1'} {'3'}"
    store = SqliteStore(str(path))
    assert [values(store, after(turn)) for turn in range(3)] == [{"1"}, {"2"}, {"3"}]
    store.close()


@posix
@pytest.mark.parametrize("companions", [False, True])
def test_the_file_is_removed_while_it_is_open(tmp_path: Path, *, companions: bool) -> None:
    """What is learned after that is kept in a new file."""
    path = tmp_path / "cache.sqlite"
    store = SqliteStore(str(path))
    keep(store, DAY, "1")
    for end in ("", "-wal", "-shm")[: 3 if companions else 1]:
        (tmp_path / f"cache.sqlite{end}").unlink()
    keep(store, after(1), "2")
    assert path.exists()
    assert values(store, after(1)) == {"2"}
    other = SqliteStore(str(path))
    assert (values(other, DAY), values(other, after(1))) == (set(), {"2"})
    other.close()
    keep(store, after(2), "3")
    store.close()
    other = SqliteStore(str(path))
    assert [values(other, after(turn)) for turn in range(3)] == [set(), {"2"}, {"3"}]
    other.close()


@posix
def test_another_file_is_put_in_its_place(tmp_path: Path) -> None:
    """So is what is learned after another process has made the file anew; nothing of it is lost."""
    path = tmp_path / "cache.sqlite"
    store = SqliteStore(str(path))
    keep(store, DAY, "1")
    path.unlink()
    other = SqliteStore(str(path))
    keep(other, after(1), "2")
    keep(store, after(2), "3")
    store.close()
    assert [values(other, after(turn)) for turn in range(3)] == [set(), {"2"}, {"3"}]
    keep(other, after(3), "4")
    other.close()
    again = SqliteStore(str(path))
    assert [values(again, after(turn)) for turn in (1, 2, 3)] == [{"2"}, {"3"}, {"4"}]
    again.close()


@posix
def test_ctrl_c_at_any_instruction() -> None:
    """After each of some hundred interrupts the next call of the same client works."""
    tool = Path(__file__).parents[2] / "tools" / "break_it.py"
    command = [sys.executable, str(tool), "interrupts", "--share", "0.02"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    # some come when the call has ended already
    assert done.stdout.startswith("interrupts (400): 400 interrupted"), done
    assert ", 0 wrong" in done.stdout, done
    assert done.returncode == 0


def test_a_closed_client(tmp_path: Path) -> None:
    """A client that is closed says so, and a second closing does nothing."""
    client = kzt_rates.Client(cache=tmp_path / "cache.sqlite", offline=True)
    assert client.convert(100, "USD", on="2025-12-05") == 49965
    client.close()
    client.close()
    with pytest.raises(RuntimeError, match="this client is closed"):
        client.convert(100, "USD", on="2025-12-05")
