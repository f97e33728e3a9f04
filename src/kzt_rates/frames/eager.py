"""Converting columns that are in memory: one look-up and one multiplication a row."""

from typing import TYPE_CHECKING

import numpy as np

from kzt_rates.errors import StoreError
from kzt_rates.frames.columns import CHUNK_ROWS, any_null
from kzt_rates.frames.grid import Grid
from kzt_rates.frames.kinds import kind_of
from kzt_rates.frames.open_rows import answers_for, learn_of
from kzt_rates.frames.pairs import pairs_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from kzt_rates.frames.columns import Amounts, Days, Labels
    from kzt_rates.frames.kinds import Converted, Kind
    from kzt_rates.frames.ratios import Flags, Ints
    from kzt_rates.frames.source import Source
    from kzt_rates.typing import MissingRates

# Learned in questions, learned one by one, and once more for each process that writes meanwhile.
MAX_ROUNDS = 10


def convert_columns(
    source: "Source",
    amounts: "Amounts",
    currency: "Labels",
    days: "Days",
    to: "Labels",
    *,
    missing: "MissingRates",
    places: int | None,
    name_of: "Callable[[int], str]",
) -> "Converted":
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


def _gather(grid: Grid, kind: "Kind", size: int) -> "Ints":
    """Convert what the grid has rates for, and return the other rows."""
    kind.look_up(grid)
    open_rows = []
    for start in range(0, size, CHUNK_ROWS):
        rows = slice(start, min(start + CHUNK_ROWS, size))
        none = kind.fill(rows, grid.places_of(rows))
        if none is not None and none.any():
            open_rows.append(np.flatnonzero(none) + start)
    return np.concatenate(open_rows) if open_rows else np.zeros(0, np.int64)


def _that_count(rows: "Ints", nulls: "Flags | None", amounts: "Amounts") -> "Ints":
    """Return of some rows those that have an amount, a currency and a date."""
    if nulls is not None:
        rows = rows[~nulls[rows]]
    return rows[~amounts.are_null(rows)] if len(rows) else rows
