"""Flips single bits of a cache's file and asks what the store then says: no wrong word is allowed.

    python tools/flip_bits.py [--flips 2000] [--seed 0]

Prints how often a flip was noticed (`StoreError`), how often something was only not known any more,
and how often nothing was different; ends with 1 where an answer was wrong.
"""

import argparse
import datetime as dt
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from kzt_rates.errors import StoreError
from kzt_rates.figures import Day, Figure, Listing, Refusal
from kzt_rates.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from kzt_rates.figures import Entry

FIRST = dt.date(2025, 11, 1)
NOON = dt.datetime(2025, 12, 5, 7, tzinfo=dt.timezone.utc)
# AMD and AED differ in one bit, as few codes do.
CODES = ("AED", "AMD", "EUR", "KRW", "RUB", "USD")
DAYS = [FIRST + dt.timedelta(days) for days in range(40)]


def contents() -> "list[Day]":
    """Return days of every kind: whole, in part, drafts, with marks of every kind, unknown ones."""
    numbers = random.Random(1)  # noqa: S311  # nothing secret
    days = []
    for place, on in enumerate(DAYS):
        figures = {
            code: Figure(
                f"{numbers.randrange(1, 700)}.{numbers.randrange(100):02}",
                numbers.choice((1, 10, 100, 1000)),
                numbers.choice((None, "+0.25", "-1.10")),
                numbers.choice((None, "ДОЛЛАР США")),
                feed=numbers.choice(("daily", "export")),
                final=place % 9 != 8,
                fetched_at=NOON,
            )
            for code in CODES[: 6 if place % 5 else 3]
        }
        whole = place % 5 != 4
        if place % 10 == 9:
            figures, whole = {}, False
        days.append(
            Day(
                on,
                figures,
                complete=whole,
                final=whole and place % 9 != 8,
                fetched_at=NOON if whole else None,
                refused={"IRR": Refusal("0.4, then 34", NOON)} if place % 7 == 1 else {},
                silences={"daily": NOON} if place % 10 == 9 else {},
                blanks={"TRY": NOON} if place % 4 == 1 else {},
                absent={"GBP": NOON} if place % 6 == 1 else {},
                listings={"daily": Listing(frozenset(figures), NOON)} if whole else {},
            )
        )
    return days


def wrong_words(
    store: SqliteStore, truth: "dict[dt.date, Day]", seen: "Counter[str]"
) -> "Iterator[str]":
    """Ask everything; yield what is said wrongly, and count what else happens."""
    for codes in (None, *([code] for code in CODES)):
        for on in DAYS:
            try:
                (day,) = store.read([on], codes)
            except StoreError:
                seen["noticed"] += 1
            else:
                yield from _wrong_of_day(day, truth[on], codes, seen)
    for code in CODES:
        try:
            points = store.series(code, DAYS[0], DAYS[-1])
        except StoreError:
            seen["noticed"] += 1
        else:
            yield from _wrong_of_series(code, points, truth, seen)
    try:
        complete = store.complete_days(DAYS[0], DAYS[-1])
    except StoreError:
        seen["noticed"] += 1
    else:
        invented = set(complete) - {on for on, day in truth.items() if day.complete}
        yield from (f"{on} is not complete" for on in invented)


def _wrong_of_series(
    code: str, points: "list[Entry]", truth: "dict[dt.date, Day]", seen: "Counter[str]"
) -> "Iterator[str]":
    found = {point[0]: point for point in points}
    for on, day in truth.items():
        figure = day.figures.get(code)
        point = found.pop(on, None)
        if point is None:
            if figure is not None and day.complete:
                yield f"the series of {code} has lost {on}"
            seen["unknown"] += figure is not None
        elif figure is None or (str(point[1]), point[2], point[3]) != (
            figure.value, figure.nominal, figure.final,
        ):  # fmt: skip
            yield f"the series of {code} says {point}"
    yield from (f"the series of {code} invents {on}" for on in found)


def _wrong_of_day(
    day: Day, true: Day, codes: "list[str] | None", seen: "Counter[str]"
) -> "Iterator[str]":
    if day.complete and not true.complete:
        yield f"{day.date} is not complete"
    if day.complete and day.final and not true.final:
        yield f"{day.date} is not final"
    for code in codes or CODES:
        figure, real = day.figures.get(code), true.figures.get(code)
        if figure is None:
            if real is not None and day.complete:
                yield f"{code} of {day.date} is said not to be there"
            seen["unknown"] += real is not None
        elif real is None or (
            figure.value, figure.nominal, figure.final, figure.change, figure.name,
            figure.fetched_at, figure.feed, figure.refreshed,
        ) != (
            real.value, real.nominal, real.final, real.change, real.name,
            real.fetched_at, real.feed, real.refreshed,
        ):  # fmt: skip
            yield f"{code} of {day.date} is {figure.value} per {figure.nominal}"
    if codes is None and day.figures.keys() - true.figures.keys():
        yield f"{day.date} has {sorted(day.figures)}"
    for name in ("silences", "blanks", "absent", "refused", "listings"):
        said, real = getattr(day, name), getattr(true, name)
        if not {*map(repr, said.items())} <= {*map(repr, real.items())}:
            yield f"{name} of {day.date} are {said}"


def flip(path: Path, flips: int, seed: int) -> "tuple[Counter[str], list[str]]":
    """Flip bits of a file, one at a time, anywhere in it; return what happened."""
    store = SqliteStore(str(path))
    days = contents()
    store.change(DAYS, lambda _: days)
    store.close()
    whole = path.read_bytes()
    truth = {day.date: day for day in days}
    numbers = random.Random(seed)  # noqa: S311  # nothing secret
    counts, wrong = Counter[str](), []
    for _ in range(flips):
        place, bit = numbers.randrange(len(whole)), numbers.randrange(8)
        damaged = bytearray(whole)
        damaged[place] ^= 1 << bit
        path.write_bytes(damaged)
        seen: Counter[str] = Counter()
        store = SqliteStore(str(path))
        told = list(wrong_words(store, truth, seen))
        store.close()
        wrong += [f"byte {place}, bit {bit}: {text}" for text in told]
        kind = "wrong" if told else next((k for k in ("noticed", "unknown") if seen[k]), "harmless")
        counts[kind] += 1
    return counts, wrong


def main() -> int:
    """Flip, and say what came of it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--flips", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        counts, wrong = flip(Path(folder, "cache.sqlite"), options.flips, options.seed)
    print("\n".join(wrong[:20]))
    kinds = ("noticed", "unknown", "harmless", "wrong")
    print(", ".join(f"{counts[kind]} {kind}" for kind in kinds))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
