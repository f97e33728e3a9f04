"""Tries to break kzt_rates: processes that are killed, calls that are interrupted, full disks.

    python tools/break_it.py [--share 1.0] [PART ...]

Runs each part once and prints what it counted; ends with 1 where anything was wrong. `--share`
runs a part of the load, for a machine that is busy. What came of it is on the page "How it was
tried to break".
"""

import argparse
import asyncio
import datetime as dt
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import kzt_rates
from kzt_rates.errors import FeedError, StoreUnavailable
from kzt_rates.feed import export, xml
from kzt_rates.figures import Day, Figure, Received
from kzt_rates.store.sqlite import SqliteStore
from kzt_rates.testing import (
    SettableClock,
    StandInBank,
    archive_sheets,
    daily_xml,
    range_xlsx,
    rates_all_xml,
)

ROOT = Path(__file__).parents[1]

NOON = dt.datetime(2025, 12, 5, 7, tzinfo=dt.timezone.utc)
CODES = [a + b + "X" for a in "ABCDEF" for b in "ABCDEFGH"]


def interrupts(folder: Path, count: int, seed: int = 0) -> "Counter[str]":
    """Interrupt calls of one client and one store at random moments; each next call must work."""
    chance = random.Random(seed)  # noqa: S311
    counts: Counter[str] = Counter()
    store = SqliteStore(str(folder / "cache.sqlite"))
    client = kzt_rates.Client(cache=store, offline=True)
    first = dt.date(2025, 1, 1)
    days = [first + dt.timedelta(turn) for turn in range(20)]

    def keep(on: dt.date, value: str) -> None:
        figures = {
            code: Figure(value, 1, feed="daily", final=True, fetched_at=NOON) for code in CODES
        }
        store.change([on], lambda _: [Day(on, figures, complete=True, final=True)])

    def work() -> None:
        on = chance.choice(days)
        for _ in range(50):
            keep(on, str(chance.choice((1, 2))))
            store.read([on])
            store.series(CODES[0], days[0], days[-1])
            client.convert(100, "USD", on="2025-12-05")
            client.rate("EUR", on=f"2025-12-{chance.randint(5, 9):02}")

    def interrupt(*_: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        raise KeyboardInterrupt

    keep(days[0], "1")
    work()
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        while counts["interrupted"] < count:
            try:
                signal.setitimer(signal.ITIMER_REAL, chance.uniform(0.0001, 0.004))
                work()
                counts["missed"] += 1
            except KeyboardInterrupt:
                counts["interrupted"] += 1
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
            try:
                on = chance.choice(days)
                keep(on, "7")
                (day,) = store.read([on])
                right = {figure.value for figure in day.figures.values()} == {"7"}
                right = right and client.convert(100, "USD", on="2025-12-05") == 49965
                counts["wrong"] += not right
            except Exception as error:  # noqa: BLE001  # whatever it is, it is counted
                counts["wrong"] += 1
                counts[repr(error)[:200]] += 1
    finally:
        signal.signal(signal.SIGALRM, before)
        client.close()
        store.close()
    return counts


def kills(folder: Path, count: int) -> "Counter[str]":
    """Kill writers at random moments; the file is whole, and every day of one answer."""
    cache = folder / "cache.sqlite"
    chance = random.Random(0)  # noqa: S311
    counts: Counter[str] = Counter()
    command = [sys.executable, str(ROOT / "tests" / "faults" / "endless_writer.py"), str(cache)]
    for _ in range(count):
        with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:  # noqa: S603
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(chance.uniform(0, 0.05))
            writer.kill()
        counts["killed"] += 1
        with closing(sqlite3.connect(cache)) as connection:
            sound = connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            days = connection.execute(
                "SELECT count(*), count(DISTINCT value) FROM figure GROUP BY day"
            ).fetchall()
        counts["wrong"] += not (sound and set(days) == {(52, 1)})
    return counts


def _bank() -> StandInBank:
    clock = SettableClock("2025-12-31T12:00+05:00")
    bank = StandInBank(archive_sheets("2025-12-01", "2025-12-31"), clock=clock)
    return bank.start()


def processes(folder: Path, count: int) -> "Counter[str]":
    """Have eight processes make mixed calls on one cache; each compares its answers."""
    counts: Counter[str] = Counter()
    bank = _bank()
    script = [sys.executable, str(ROOT / "tests" / "faults" / "mixed_calls.py"), bank.url]
    script += [str(folder / "cache.sqlite"), str(ROOT / "data" / "official_rates.csv")]
    workers = [
        subprocess.Popen([*script, str(seed), str(count // 8)], stderr=subprocess.PIPE)  # noqa: S603
        for seed in range(8)
    ]
    for worker in workers:
        told = worker.communicate()[1].decode()
        counts["calls"] += count // 8
        counts["wrong"] += bool(worker.returncode or told)
        sys.stderr.write(told[-2000:])
    bank.stop()
    return counts


def threads(folder: Path, count: int) -> "Counter[str]":
    """Have threads share one client; each compares its answers."""
    counts: Counter[str] = Counter()
    sheets = archive_sheets("2025-12-01", "2025-12-31")
    clock = SettableClock("2025-12-31T12:00+05:00")
    bank = _bank()

    def work(seed: int) -> int:
        chance = random.Random(seed)  # noqa: S311
        wrong = 0
        for _ in range(100):
            on, code = chance.choice(list(sheets)), chance.choice(("USD", "EUR", "RUB", "KRW"))
            wrong += client.rate(code, on=on).value != _value(sheets[on][code])
        return wrong

    cache = folder / "cache.sqlite"
    with kzt_rates.Client(bank.url, cache, archive=False, clock=clock, timeout=60) as client:
        with ThreadPoolExecutor(count) as pool:
            counts["wrong"] = sum(pool.map(work, range(count)))
        counts["calls"] = 100 * count
    bank.stop()
    return counts


def _value(rate: Any) -> Decimal:
    return Decimal(rate[0] if isinstance(rate, tuple) else rate)


def tasks(folder: Path, count: int) -> "Counter[str]":
    """Cancel half of many tasks at random moments; the others are right, and so is what follows."""
    counts: Counter[str] = Counter()
    sheets = archive_sheets("2025-12-01", "2025-12-31")
    clock = SettableClock("2025-12-31T12:00+05:00")
    chance = random.Random(0)  # noqa: S311
    bank = _bank()

    async def run() -> None:
        cache = folder / "cache.sqlite"
        async with kzt_rates.AsyncClient(bank.url, cache, False, clock=clock, timeout=60) as client:

            async def ask(on: dt.date) -> None:
                rate = await client.rate("EUR", on=on)
                counts["wrong"] += rate.value != _value(sheets[on]["EUR"])
                counts["answered"] += 1

            started = [asyncio.create_task(ask(chance.choice(list(sheets)))) for _ in range(count)]
            for task in started[::2]:
                await asyncio.sleep(chance.choice((0, 0, 0, 0, 0, 0, 0.001)))
                counts["cancelled"] += task.cancel()
            for outcome in await asyncio.gather(*started, return_exceptions=True):
                if isinstance(outcome, Exception):
                    counts["wrong"] += 1
                    counts[repr(outcome)[:200]] += 1
            for on in sheets:
                await ask(on)

    asyncio.run(run())
    bank.stop()
    return counts


def disk(folder: Path, count: int) -> "Counter[str]":
    """Let a file grow so far and no farther, and write; what is kept is whole."""
    import resource

    counts: Counter[str] = Counter()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    for turn in range(count):
        store = SqliteStore(str(folder / f"{turn}.sqlite"))
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096 + 3001 * turn, hard))
        try:
            for place in range(40):
                on = dt.date(2025, 1, 1) + dt.timedelta(place)
                figure = Figure(str(1 + place), 1, feed="daily", final=True, fetched_at=NOON)
                day = Day(on, dict.fromkeys(CODES, figure), complete=True, final=True)
                store.change([on], _always(day))
                counts["kept"] += 1
        except StoreUnavailable:
            counts["full"] += 1
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        known = store.read([dt.date(2025, 1, 1) + dt.timedelta(place) for place in range(40)])
        counts["wrong"] += sum(len(day.figures) not in (0, len(CODES)) for day in known)
        counts["limits"] += 1
        store.close()
    signal.signal(signal.SIGXFSZ, before)
    return counts


def _always(day: Day) -> "Callable[[list[Day]], list[Day]]":
    return lambda _: [day]


def answers(_: Path, count: int) -> "Counter[str]":
    """Spoil answers of the bank byte by byte; a reader returns a sheet or raises `FeedError`."""
    counts: Counter[str] = Counter()
    chance = random.Random(0)  # noqa: S311
    on = dt.date(2025, 12, 5)
    sheet = dict(list(archive_sheets(on, on)[on].items())[-6:])
    book = range_xlsx({on: sheet}, list(sheet), on, on)
    received = Received(NOON, on)
    readers: list[tuple[bytes, Callable[[bytes], object]]] = [
        (daily_xml(on, sheet), lambda body: xml.read_daily(body, on, received)),
        (rates_all_xml((on, sheet)), lambda body: xml.read_latest(body, received)),
        (book, lambda body: export.read(body, list(sheet), on, on, received)),
    ]
    for turn in range(count):
        body, read = readers[2 if turn % 20 == 0 else turn % 2]
        spoilt = bytearray(body)
        for _turn in range(chance.choice((1, 1, 1, 2, 5, 20))):
            place = chance.randrange(len(spoilt) + 1)
            kind = chance.randrange(4)
            if kind == 0:
                spoilt[place : place + 1] = bytes([chance.randrange(256)])
            elif kind == 1:
                spoilt[place:place] = chance.choice((b"<", b">", b"&", b"0", b"\xff", b"</item>"))
            elif kind == 2:
                del spoilt[place : place + chance.choice((1, 3, 100))]
            else:
                spoilt[place:place] = spoilt[place : place + chance.choice((5, 50, 500))]
        try:
            read(bytes(spoilt))
            counts["read"] += 1
        except FeedError:
            counts["refused"] += 1
        except Exception as error:  # noqa: BLE001  # whatever it is, it is counted
            counts["wrong"] += 1
            counts[repr(error)[:200]] += 1
    return counts


PARTS: "dict[str, tuple[Callable[[Path, int], Counter[str]], int]]" = {
    "interrupts": (interrupts, 20_000),
    "kills": (kills, 500),
    "processes": (processes, 8_000),
    "threads": (threads, 64),
    "tasks": (tasks, 1_000),
    "disk": (disk, 100),
    "answers": (answers, 1_000_000),
}


def main() -> int:
    """Run the parts that are named, or all."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--share", type=float, default=1.0)
    options = parser.parse_args()
    wrong = 0
    for name in options.parts or PARTS:
        part, load = PARTS[name]
        count = max(1, int(load * options.share))
        started = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            counts = part(Path(folder), count)
        wrong += counts["wrong"]
        told = ", ".join(f"{number:,} {kind}" for kind, number in sorted(counts.items()))
        print(f"{name} ({count:,}): {told}; {time.monotonic() - started:.0f} s", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
