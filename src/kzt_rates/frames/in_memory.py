"""Frames in memory: their columns out, one look-up a row, the new column in beside them.

Lazy frames of Polars and Dask are converted in the same way, batch by batch as they run.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from kzt_rates.errors import RateNotFound, StoreError, UnknownCurrency
from kzt_rates.figures import KZT
from kzt_rates.frames import arrow
from kzt_rates.frames.columns import (
    CHUNK_ROWS,
    MAX_NAMED_ROWS,
    BadRows,
    Days,
    Labels,
    any_null,
    date_of,
    day_number,
    refuse_infinite,
)
from kzt_rates.frames.grid import Grid, pairs_of
from kzt_rates.frames.multiply import multiplier_of
from kzt_rates.frames.source import LARGEST_PART, ClientSource, ExactRate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date

    import dask.dataframe as dd
    import pandas as pd

    from kzt_rates.client import Client
    from kzt_rates.frames.columns import Amounts, Flags, Floats, Ints, Units
    from kzt_rates.frames.multiply import Converted, Multiplier
    from kzt_rates.frames.rate_tables import RateTable
    from kzt_rates.frames.request import Codes, Dates, Request
    from kzt_rates.frames.source import Source
    from kzt_rates.typing import MissingRates


# Once for the questions to the bank, once for rows asked one by one, and once more for each process
# that writes meanwhile.
MAX_ROUNDS = 10
LARGEST_KEY = 2**62


def convert_pandas(frame: Any, request: Request, client: Client) -> Any:
    """Return a pandas frame with the new column; its index and its other columns as they are."""
    return pandas_converted(frame, request, ClientSource(client))


def pandas_converted(frame: Any, request: Request, source: Source, named: str = "row") -> Any:
    """Return a pandas frame with the new column; errors call its rows as `named`."""
    from kzt_rates.frames import pandas as columns

    like = frame[request.amount]
    with rows_named(lambda row: f"{named} {row} (index {_label(frame.index[row])})"):
        converted = _converted(
            request,
            source,
            columns.amounts_of(like),
            lambda name: columns.labels_of(frame[name]),
            lambda name: columns.days_of(frame[name]),
        )
        column = columns.column_of(converted, like, request.places)
    result = frame.assign()  # a copy: at once, or where pandas copies on write, then
    result[request.into] = column
    return result


def _label(label: Any) -> Any:
    if isinstance(label, tuple):
        return tuple(map(_label, label))
    return label.item() if hasattr(label, "item") else label


def convert_arrow(frame: Any, request: Request, client: Client) -> Any:
    """Return a table of PyArrow with the new column."""
    column = _of_arrow(request, ClientSource(client), frame.column)
    return frame.append_column(request.into, column)


def convert_polars(frame: Any, request: Request, client: Client) -> Any:
    """Return a frame of Polars with the new column."""
    return frame.hstack([polars_column(frame, request, ClientSource(client))])


def polars_column(frame: Any, request: Request, source: Source, named: str = "row") -> Any:
    """Return the new column of a frame of Polars; errors call its rows as `named`."""
    import polars as pl

    column = _of_arrow(request, source, lambda name: _of_polars(frame[name]), named)
    return pl.Series(request.into, column)


def convert_other(frame: Any, request: Request, client: Client) -> Any:
    """Return a frame of any other library that narwhals knows with the new column."""
    import narwhals as nw

    wrapped = nw.from_native(frame, eager_only=True)
    source = ClientSource(client)
    values = _of_arrow(request, source, lambda name: _chunked(wrapped[name].to_arrow())).to_pylist()
    column = nw.new_series(request.into, values, backend=wrapped.implementation)
    return wrapped.with_columns(column).to_native()


def _of_arrow(
    request: Request, source: Source, column: Callable[[str], Any], named: str = "row"
) -> pa.Array:
    with rows_named(lambda row: f"{named} {row}"):
        converted = _converted(
            request,
            source,
            arrow.amounts_of(column(request.amount)),
            lambda name: arrow.labels_of(column(name)),
            lambda name: arrow.days_of(column(name)),
        )
        return arrow.column_of(converted, request.places)


@contextmanager
def rows_named(name_of: Callable[[int], str]) -> Iterator[None]:
    """Raise the errors of rows in words that say where each is."""
    try:
        yield
    except BadRows as bad:
        raise bad.named(name_of) from None


def _converted(
    request: Request,
    source: Source,
    amounts: Amounts,
    labels_of: Callable[[str], Labels],
    days_of: Callable[[str], Days],
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
        labels(request.currency),
        days(request.date),
        labels(request.to),
        missing=request.missing,
        places=request.places,
    )


def _of_polars(series: Any) -> Any:
    """Return a column of Polars as one of Arrow; `TypeError` for one that Arrow has no kind for."""
    import polars as pl

    try:
        if series.dtype == pl.Object:  # of which Arrow gets the addresses
            raise TypeError
        return _chunked(series.to_arrow())
    except (TypeError, pa.ArrowInvalid, pl.exceptions.PolarsError):
        kind = series.dtype
        raise TypeError(f"{series.name!r} is of {kind}, which Arrow has no type for") from None


def _chunked(array: Any) -> Any:
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
) -> Converted:
    """Return a column of amounts in another currency, each at the rate of its day.

    Rows that the final rates on record have none for are asked for and looked up again; those
    that still have none are treated as `missing` says. `BadRows` says which cannot be converted.
    """
    overflows: list[str] = []
    pairs = pairs_of(currency, to)
    nulls = any_null(amounts.nulls, pairs.nulls, days.nulls)
    kind, size = multiplier_of(amounts, places), len(amounts)
    # what stands under a null is anything
    with np.errstate(
        over="call", under="ignore", invalid="ignore", call=lambda kind, _: overflows.append(kind)
    ):
        for _ in range(MAX_ROUNDS):
            grid = Grid(source, pairs, days)
            rows = _that_count(_gather(grid, kind, amounts), nulls, amounts)
            if not len(rows):
                break
            if ask_for(source, grid, rows):
                continue
            found_rates = rates_of_rows(source, grid, rows, missing)
            if source.look_again():
                continue  # an answer may have corrected a rate of other rows
            kind.put(found_rates.rows, found_rates.tops, found_rates.bottoms)
            if len(found_rates.without):
                nulls = np.zeros(size, np.bool_) if nulls is None else nulls.copy()
                nulls[found_rates.without] = True
            break
        else:
            raise StoreError("others write to the cache all the time; convert the frame again")
        converted = kind.converted(nulls)
    if overflows and converted.floats is not None:
        _refuse_too_large(converted.floats, nulls)
    return converted


def _refuse_too_large(floats: Floats, nulls: Flags | None) -> None:
    """Raise `BadRows` for results that a float64 has no room for."""
    are_infinite = np.isinf(floats)
    if nulls is not None:
        are_infinite &= ~nulls
    rows = np.flatnonzero(are_infinite)[:MAX_NAMED_ROWS].tolist()
    if rows:
        text = "the result is too large for a float64"
        raise BadRows("with too large a result", [(row, ValueError(text)) for row in rows])


def _gather(grid: Grid, kind: Multiplier, amounts: Amounts) -> Ints:
    """Convert what the grid has rates for, and return the other rows."""
    kind.look_up(grid)
    without_rate, size = [], len(amounts)
    for start in range(0, size, CHUNK_ROWS):
        rows = slice(start, min(start + CHUNK_ROWS, size))
        refuse_infinite(amounts, rows.start, rows.stop)
        none = kind.fill(rows, grid.places_of(rows))
        if none is not None and none.any():
            without_rate.append(np.flatnonzero(none) + start)
    return np.concatenate(without_rate) if without_rate else np.zeros(0, np.int64)


def _that_count(rows: Ints, nulls: Flags | None, amounts: Amounts) -> Ints:
    """Return of some rows those that have an amount, a currency and a date."""
    if nulls is not None:
        rows = rows[~nulls[rows]]
    return rows[~amounts.are_null(rows)] if len(rows) else rows


class RatesOfRows(NamedTuple):
    """The exact rates of some rows, and the rows that have none."""

    rows: Ints
    tops: Units
    bottoms: Units
    without: Ints


class PairOnDay(NamedTuple):
    """A pair on a day, and the first row that has it."""

    number: int
    day: int
    row: int


def ask_for(source: Source, grid: Grid, rows: Ints) -> bool:
    """Ask for the rates of some rows, where the bank may be asked; return if to look again."""
    wanted: dict[str, list[date]] = {}
    for one_pair in _pairs_on_days(grid, rows)[0]:
        pair, day = grid.known.codes[one_pair.number], _date_or_none(one_pair.day)
        if pair is not None and day is not None and pair[0] != pair[1]:
            for code in pair:
                if code != KZT:
                    wanted.setdefault(code, []).append(day)
    return bool(wanted) and source.ask(wanted)


def rates_of_rows(
    source: Source,
    grid: Grid,
    rows: Ints,
    missing: MissingRates,
) -> RatesOfRows:
    """Return the rates of rows, each as `Client.rate` finds it.

    Raises for the first rows without one, unless `missing` is `"null"`.
    """
    pairs, pair_of_row = _pairs_on_days(grid, rows)
    found: list[ExactRate | None] = []
    failures: list[tuple[int, Exception]] = []
    for one_pair in pairs:
        try:
            found.append(_rate_of(source, grid, one_pair, missing))
        except (RateNotFound, UnknownCurrency, TypeError) as error:
            if missing != "null" or isinstance(error, TypeError):  # what is no text, is no code
                failures.append((one_pair.row, error))
                if len(failures) == MAX_NAMED_ROWS:
                    break
            found.append(None)
    if failures:
        raise BadRows("without a rate", failures)
    has_one = np.array([ratio is not None for ratio in found], np.bool_)[pair_of_row]
    ratios = [ratio or ExactRate(0, 1) for ratio in found]
    is_small = all(max(ratio) < LARGEST_PART**2 for ratio in ratios)
    parts = np.array(ratios, np.int64 if is_small else np.object_).reshape(-1, 2)
    rated = pair_of_row[has_one]
    return RatesOfRows(rows[has_one], parts[rated, 0], parts[rated, 1], rows[~has_one])


def _pairs_on_days(grid: Grid, rows: Ints) -> tuple[list[PairOnDay], Ints]:
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
    pairs = map(PairOnDay, numbers[places].tolist(), days[places].tolist(), rows[places].tolist())
    return list(pairs), rank[which]


def _rate_of(source: Source, grid: Grid, one_pair: PairOnDay, missing: MissingRates) -> ExactRate:
    pair = grid.known.codes[one_pair.number]
    if pair is None:
        raise grid.known.why[one_pair.number]
    day = _date_or_none(one_pair.day)
    if day is None:
        raise RateNotFound(f"there is no date {one_pair.day} days from 1970-01-01", code=pair[0])
    return source.ratio(*pair, day, missing)


def _date_or_none(number: int) -> date | None:
    try:
        return date_of(number)
    except (ValueError, OverflowError):
        return None


def convert_lazy_polars(frame: Any, request: Request, table: RateTable) -> Any:
    """Return a lazy frame of Polars with one column more; `table` is in tenge.

    Raises `TypeError` for columns of other types; a batch with a row that cannot be converted
    raises as `kzt_rates.frames.convert` does for a frame in memory.
    """
    import polars as pl

    from kzt_rates.frames.rate_tables import TableSource

    source = TableSource(table)
    columns = [request.amount, request.currency.column, request.date.column, request.to.column]
    names = list(dict.fromkeys(name for name in columns if name is not None))
    schema = frame.collect_schema()
    # what no batch can have is refused at once, and the type of the new column is that of none
    example = polars_column(pl.DataFrame(schema={n: schema[n] for n in names}), request, source)

    def converted(rows: Any) -> Any:
        return polars_column(rows.struct.unnest(), request, source, "batch row")

    batches = pl.struct(*names).map_batches(
        converted, return_dtype=example.dtype, is_elementwise=True
    )
    return frame.with_columns(batches.alias(request.into))


def convert_dask(frame: dd.DataFrame, request: Request, table: RateTable) -> dd.DataFrame:
    """Return a frame with one column more; index, divisions and partitions are as they were.

    `table` is in tenge. Raises `TypeError` for columns of other types; a partition with a row
    that has no rate raises as `kzt_rates.frames.convert` does for a frame of pandas.
    """
    # A merge would be shorter. But where its keys differ in type, as text of pandas and of Arrow
    # do, all its rates come out null, and no error is raised.
    from dask.delayed import delayed

    from kzt_rates.frames.rate_tables import TableSource

    source = TableSource(table)
    others = (request.currency.column, request.date.column, request.to.column)
    needed = frame[
        list(dict.fromkeys(name for name in (request.amount, *others) if name is not None))
    ]
    _refuse_numbers(needed, others)
    column = needed.map_partitions(
        _dask_column,
        request,
        # by name in the graph: one copy for each worker, and not for each partition
        delayed(source, pure=True, traverse=False),
        meta=_dask_column(needed._meta, request, source),  # noqa: SLF001  # Dask's name for its example
    )
    result: dd.DataFrame = frame.assign(**{request.into: column})
    return result


def _refuse_numbers(frame: dd.DataFrame, columns: Sequence[str | None]) -> None:
    """Refuse what the partitions would refuse, before they are computed."""
    from pandas.api.types import is_any_real_numeric_dtype

    for name in columns:
        if name is not None and is_any_real_numeric_dtype(frame.dtypes[name]):
            kind = frame.dtypes[name]
            raise TypeError(f"a column of codes or dates has neither in {kind}: {name!r}")


def _dask_column(part: pd.DataFrame, request: Request, source: Source) -> pd.Series[Any]:
    column: pd.Series[Any] = pandas_converted(part, request, source, "partition row")[request.into]
    return column
