"""The rows that the grid has no rate for: asked for, carried, left null, or named in an error."""

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kzt_rates.errors import KztRatesError, RateNotFound, UnknownCurrency
from kzt_rates.figures import KZT
from kzt_rates.frames.ratios import LARGEST_PART, Ratio, date_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kzt_rates.frames.exact import Units
    from kzt_rates.frames.grid import Grid
    from kzt_rates.frames.ratios import Ints
    from kzt_rates.frames.source import Source
    from kzt_rates.typing import MissingRates

MAX_NAMED_ROWS = 3
LARGEST_KEY = 2**62


class Answers(NamedTuple):
    """The ratios of some rows, and the rows that have none."""

    rows: "Ints"
    tops: "Units"
    bottoms: "Units"
    without: "Ints"


class Case(NamedTuple):
    """A pair on a day, and the first row that has it."""

    number: int
    day: int
    row: int


def learn_of(source: "Source", grid: "Grid", rows: "Ints") -> bool:
    """Have the rates of some rows learned, where the bank may be asked; say if to look again."""
    wanted: dict[str, list[date]] = {}
    for case in _cases(grid, rows)[0]:
        pair, day = grid.known.codes[case.number], _date_or_none(case.day)
        if pair is not None and day is not None and pair[0] != pair[1]:
            for code in pair:
                if code != KZT:
                    wanted.setdefault(code, []).append(day)
    return bool(wanted) and source.learn(wanted)


def answers_for(
    source: "Source",
    grid: "Grid",
    rows: "Ints",
    missing: "MissingRates",
    name_of: "Callable[[int], str]",
) -> Answers:
    """Return the rates of rows, each as `Client.rate` finds it.

    Raises for the first rows without one, unless `missing` is `"null"`.
    """
    cases, case_of_row = _cases(grid, rows)
    found: list[Ratio | None] = []
    failures: list[tuple[Case, KztRatesError]] = []
    for case in cases:
        try:
            found.append(_answer(source, grid, case, missing))
        except (RateNotFound, UnknownCurrency) as error:
            if missing != "null":
                failures.append((case, error))
                if len(failures) == MAX_NAMED_ROWS:
                    break
            found.append(None)
    if failures:
        raise _named(failures, name_of)
    has_one = np.array([ratio is not None for ratio in found], np.bool_)[case_of_row]
    ratios = [ratio or Ratio(0, 1) for ratio in found]
    is_small = all(max(ratio) < LARGEST_PART**2 for ratio in ratios)
    parts = np.array(ratios, np.int64 if is_small else np.object_).reshape(-1, 2)
    rated = case_of_row[has_one]
    return Answers(rows[has_one], parts[rated, 0], parts[rated, 1], rows[~has_one])


def _cases(grid: "Grid", rows: "Ints") -> "tuple[list[Case], Ints]":
    """Return the pairs and days of some rows, each once, by row; and which of them a row has."""
    numbers, days = grid.numbers_of(rows), grid.days_of(rows)
    low, width = int(days.min(initial=0)), int(days.max(initial=0)) - int(days.min(initial=0)) + 1
    if (int(numbers.max(initial=0)) + 1) * width < LARGEST_KEY:
        keys = numbers * width + (days - low)
    else:  # days that are in no calendar
        keys = np.unique(np.stack([numbers, days]), axis=1, return_inverse=True)[1].ravel()
    _, first, which = np.unique(keys, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    places = first[order]
    cases = map(Case, numbers[places].tolist(), days[places].tolist(), rows[places].tolist())
    return list(cases), rank[which]


def _answer(source: "Source", grid: "Grid", case: Case, missing: "MissingRates") -> Ratio:
    pair = grid.known.codes[case.number]
    if pair is None:
        raise grid.known.why[case.number]
    day = _date_or_none(case.day)
    if day is None:
        raise RateNotFound(f"there is no date {case.day} days from 1970-01-01", code=pair[0])
    return source.ratio(*pair, day, missing)


def _date_or_none(number: int) -> date | None:
    try:
        return date_of(number)
    except (ValueError, OverflowError):
        return None


def _named(
    failures: "Sequence[tuple[Case, KztRatesError]]", name_of: "Callable[[int], str]"
) -> KztRatesError:
    """Return the error of the first row, with a message that names the first rows."""
    first = failures[0][1]
    lines = [f"{name_of(case.row)}: {error}" for case, error in failures]
    more = ", and perhaps more" if len(failures) == MAX_NAMED_ROWS else ""
    message = f"rows without a rate{more}:\n  " + "\n  ".join(lines)
    if len(failures) == 1:
        message = lines[0]
    first.args = (message, *first.args[1:])
    return first
