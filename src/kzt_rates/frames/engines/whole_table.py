"""Rates with a row for whatever may be looked up, so that a join needs no row to be missing.

An outer join may show rows that it never gives. DuckDB hashes the smaller side: where that is the
frame, its rows wait for the rates to pass by, those that nothing met are shown without a rate at
the end, and if a limit stopped the passing early, they are rows that have one. An error about
them would be a false "no official rate". An inner join shows nothing but pairs that met; so that
it loses no row either, each row of a frame meets one of these.
"""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kzt_rates.frames.ratios import day_number

if TYPE_CHECKING:
    from datetime import date

    from kzt_rates.frames.rate_table import RateTable

# What the columns of rates are as arrays of the same bits.
KINDS = {"top": "int64", "bottom": "int64", "rate": "float64", "effective": "int32"}


class WholeTable(NamedTuple):
    """A row for each of some codes on each day of a range, and a last one for all else.

    `rows` has the columns of a `RateTable` without `code` and `day`, null where there is no rate.
    The row of a code and a day is number `codes.index(code) * size + (day - start)`, which its
    column `slot` says too.
    """

    rows: "pa.Table"
    codes: list[str]
    start: "date"
    end: "date"

    @property
    def size(self) -> int:
        """Return how many days there are of each code."""
        return (self.end - self.start).days + 1

    @property
    def nowhere(self) -> int:
        """Return the slot of the row for all that has no other."""
        return len(self.codes) * self.size

    def keyed(self) -> "pa.Table":
        """Return the rows by `code` and `day` too; of the last, an empty one and the first."""
        numbers = np.arange(self.size, dtype=np.int32) + day_number(self.start)
        days = np.append(np.tile(numbers, len(self.codes)), numbers[0])
        of_rows = np.append(np.repeat(np.arange(len(self.codes)), self.size), len(self.codes))
        codes = pa.DictionaryArray.from_arrays(pa.array(of_rows), pa.array([*self.codes, ""]))
        return self.rows.append_column("code", codes.cast(pa.string())).append_column(
            "day", pa.array(days.astype(np.int32)).view(pa.date32())
        )


def whole(table: "RateTable", code: str | None = None) -> WholeTable:
    """Return the rates of all codes, or of one of them, whole."""
    known = table.rows if code is None else table.rows.filter(pc.field("code") == code)
    codes = known.column("code").combine_chunks().dictionary_encode()
    found = WholeTable(known, codes.dictionary.to_pylist(), table.start, table.end)
    days = _numbers(known, "day", "int32") - day_number(table.start)
    inside = (days >= 0) & (days < found.size)
    slots = (codes.indices.to_numpy().astype(np.int64) * found.size + days)[inside]
    lacks = np.ones(found.nowhere + 1, np.bool_)
    lacks[slots] = False
    columns = {"slot": pa.array(np.arange(len(lacks)))}
    for name, kind in KINDS.items():
        values = np.zeros(len(lacks), kind)
        values[slots] = _numbers(known, name, kind)[inside]
        columns[name] = pa.array(values, mask=lacks).view(known.schema.field(name).type)
    return found._replace(rows=pa.table(columns))


def _numbers(rows: "pa.Table", column: str, kind: str) -> "np.ndarray":
    found: np.ndarray = rows.column(column).combine_chunks().view(kind).to_numpy()
    return found
