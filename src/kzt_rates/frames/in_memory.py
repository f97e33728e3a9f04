"""Frames in memory: their columns out, one look-up a row, the new column in beside them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from kzt_rates.errors import KztRatesError, RateNotFound, StoreError, UnknownCurrency
from kzt_rates.figures import KZT
from kzt_rates.frames import arrow
from kzt_rates.frames.columns import CHUNK_ROWS, Days, Labels, any_null, date_of, day_number
from kzt_rates.frames.grid import Grid, pairs_of
from kzt_rates.frames.multiply import kind_of
from kzt_rates.frames.source import LARGEST_PART, ClientSource, Ratio

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kzt_rates.client import Client
    from kzt_rates.frames.columns import Amounts, Flags, Ints, Units
    from kzt_rates.frames.multiply import Converted, Kind
    from kzt_rates.frames.request import Asked, Codes, Dates
    from kzt_rates.frames.source import Source
    from kzt_rates.typing import MissingRates


# Learned in questions, learned one by one, and once more for each process that writes meanwhile.
MAX_ROUNDS = 10
MAX_NAMED_ROWS = 3
LARGEST_KEY = 2**62


def convert_pandas(frame: Any, asked: Asked, client: Client) -> Any:
    """Return a pandas frame with the new column; its index and its other columns as they are."""
    return pandas_converted(frame, asked, ClientSource(client))


def pandas_converted(frame: Any, asked: Asked, source: Source) -> Any:
    """Return a pandas frame with the new column, by rates of any source."""
    from kzt_rates.frames import pandas as columns

    like = frame[asked.amount]
    converted = _converted(
        asked,
        source,
        columns.amounts_of(like),
        lambda name: columns.labels_of(frame[name]),
        lambda name: columns.days_of(frame[name]),
        lambda row: f"row {row} (index {_label(frame.index[row])})",
    )
    column = columns.column_of(converted, like, asked.places)
    result = frame.assign()  # a copy: at once, or where pandas copies on write, then
    result[asked.into] = column
    return result


def _label(label: Any) -> Any:
    """Return a label of an index in Python's own values."""
    if isinstance(label, tuple):
        return tuple(map(_label, label))
    return label.item() if hasattr(label, "item") else label


def convert_arrow(frame: Any, asked: Asked, client: Client) -> Any:
    """Return a table of PyArrow with the new column."""
    converted = _of_arrow(asked, ClientSource(client), frame.column)
    return frame.append_column(asked.into, arrow.column_of(converted, asked.places))


def convert_polars(frame: Any, asked: Asked, client: Client) -> Any:
    """Return a frame of Polars with the new column."""
    return frame.hstack([polars_column(frame, asked, ClientSource(client))])


def polars_column(frame: Any, asked: Asked, source: Source, named: str = "row") -> Any:
    """Return the new column of a frame of Polars; errors call its rows as `named`."""
    import polars as pl

    converted = _of_arrow(asked, source, lambda name: _of_polars(frame[name]), named)
    return pl.Series(asked.into, arrow.column_of(converted, asked.places))


def convert_other(frame: Any, asked: Asked, client: Client) -> Any:
    """Return a frame of any other library that narwhals knows with the new column."""
    import narwhals as nw

    wrapped = nw.from_native(frame, eager_only=True)
    source = ClientSource(client)
    converted = _of_arrow(asked, source, lambda name: _chunked(wrapped[name].to_arrow()))
    values = arrow.column_of(converted, asked.places).to_pylist()
    column = nw.new_series(asked.into, values, backend=wrapped.implementation)
    return wrapped.with_columns(column).to_native()


def _of_arrow(
    asked: Asked, source: Source, column: Callable[[str], Any], named: str = "row"
) -> Converted:

    return _converted(
        asked,
        source,
        arrow.amounts_of(column(asked.amount)),
        lambda name: arrow.labels_of(column(name)),
        lambda name: arrow.days_of(column(name)),
        lambda row: f"{named} {row}",
    )


def _converted(
    asked: Asked,
    source: Source,
    amounts: Amounts,
    labels_of: Callable[[str], Labels],
    days_of: Callable[[str], Days],
    name_of: Callable[[int], str],
) -> Converted:
    def labels(codes: Codes) -> Labels:
        return Labels((codes.code,)) if codes.column is None else labels_of(codes.column)

    def days(dates: Dates) -> Days:
        if dates.column is not None:
            return days_of(dates.column)
        assert dates.day is not None
        return Days(day_number(dates.day))

    return convert_columns(
        source,
        amounts,
        labels(asked.currency),
        days(asked.date),
        labels(asked.to),
        missing=asked.missing,
        places=asked.places,
        name_of=name_of,
    )


def _of_polars(series: Any) -> Any:
    """Return a column of Polars as one of Arrow; `TypeError` for one that Arrow has no kind for."""
    import polars as pl

    try:
        return _chunked(series.to_arrow())
    except (pa.ArrowInvalid, pl.exceptions.PolarsError) as error:
        raise TypeError(f"{series.name!r} is of {series.dtype}: {error}") from None


def _chunked(array: Any) -> Any:
    """Return an array of Arrow as a column of a table."""
    return array if isinstance(array, pa.ChunkedArray) else pa.chunked_array([array])


def convert_columns(
    source: Source,
    amounts: Amounts,
    currency: Labels,
    days: Days,
    to: Labels,
    *,
    missing: MissingRates,
    places: int | None,
    name_of: Callable[[int], str],
) -> Converted:
    """Return a column of amounts in another currency, each at the rate of its day.

    Rows that the final rates on record have none for are asked for and looked up again; those
    that still have none are treated as `missing` says. Errors name rows by `name_of`.
    """
    pairs = pairs_of(currency, to)
    nulls = any_null(amounts.nulls, pairs.nulls, days.nulls)
    kind, size = kind_of(amounts, places), len(amounts)
    # a float too large for its result is infinity, and what stands under a null is anything
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        for _ in range(MAX_ROUNDS):
            grid = Grid(source, pairs, days)
            rows = _that_count(_gather(grid, kind, size), nulls, amounts)
            if not len(rows):
                break
            if learn_of(source, grid, rows):
                continue
            answers = answers_for(source, grid, rows, missing, name_of)
            if source.look_again():
                continue  # what was learned on the way may have corrected a rate of other rows
            kind.put(answers.rows, answers.tops, answers.bottoms)
            if len(answers.without):
                nulls = np.zeros(size, np.bool_) if nulls is None else nulls.copy()
                nulls[answers.without] = True
            break
        else:
            raise StoreError("others write to the cache all the time; convert the frame again")
        return kind.converted(nulls)


def _gather(grid: Grid, kind: Kind, size: int) -> Ints:
    """Convert what the grid has rates for, and return the other rows."""
    kind.look_up(grid)
    open_rows = []
    for start in range(0, size, CHUNK_ROWS):
        rows = slice(start, min(start + CHUNK_ROWS, size))
        none = kind.fill(rows, grid.places_of(rows))
        if none is not None and none.any():
            open_rows.append(np.flatnonzero(none) + start)
    return np.concatenate(open_rows) if open_rows else np.zeros(0, np.int64)


def _that_count(rows: Ints, nulls: Flags | None, amounts: Amounts) -> Ints:
    """Return of some rows those that have an amount, a currency and a date."""
    if nulls is not None:
        rows = rows[~nulls[rows]]
    return rows[~amounts.are_null(rows)] if len(rows) else rows


class Answers(NamedTuple):
    """The ratios of some rows, and the rows that have none."""

    rows: Ints
    tops: Units
    bottoms: Units
    without: Ints


class Case(NamedTuple):
    """A pair on a day, and the first row that has it."""

    number: int
    day: int
    row: int


def learn_of(source: Source, grid: Grid, rows: Ints) -> bool:
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
    source: Source,
    grid: Grid,
    rows: Ints,
    missing: MissingRates,
    name_of: Callable[[int], str],
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


def _cases(grid: Grid, rows: Ints) -> tuple[list[Case], Ints]:
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


def _answer(source: Source, grid: Grid, case: Case, missing: MissingRates) -> Ratio:
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
    failures: Sequence[tuple[Case, KztRatesError]], name_of: Callable[[int], str]
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
