"""Tries to break kzt_rates: processes that are killed, calls that are interrupted, full disks.

    python tools/break_it.py [--share 1.0] [PART ...]

Runs each part once and prints what it counted; ends with 1 where anything was wrong. `--share`
runs a part of the load, for a machine that is busy. What came of it is on the page "How it was
tried to break".
"""

import argparse
import datetime as dt
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import kzt_rates
from kzt_rates.figures import Day, Figure
from kzt_rates.store.sqlite import SqliteStore

NOON = dt.datetime(2025, 12, 5, 7, tzinfo=dt.timezone.utc)
CODES = [a + b + "X" for a in "ABCDEF" for b in "ABCDEFGH"]


def interrupts(folder: Path, count: int, seed: int = 0) -> "Counter[str]":
    """Interrupt calls of one client and one store at random moments; each next call must work."""
    chance = random.Random(seed)  # noqa: S311  # nothing secret
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


PARTS = {"interrupts": (interrupts, 20_000)}


def main() -> int:
    """Run the parts that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
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
