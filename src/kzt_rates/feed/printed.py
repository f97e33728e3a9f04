"""A figure as the bank prints it, in any of its feeds."""

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeGuard

    from kzt_rates.feed.xlsx import Cell

# Plain ASCII and of a bounded size: the longest value on record has 8 characters, the longest
# nominal 5.
NUMBER = r"[0-9]{1,15}(?:\.[0-9]{1,10})?"
_ABOVE_ZERO = r"(?=[0.]*[1-9])"
VALUE = f"{_ABOVE_ZERO}{NUMBER}"
NOMINAL = f"{_ABOVE_ZERO}[0-9]{{1,9}}"

_are_values = re.compile(f"(?:{VALUE};)*").fullmatch
_is_nominal = re.compile(NOMINAL).fullmatch


def are_values(cells: "list[Cell]") -> "TypeGuard[list[str]]":
    """Whether cells hold values; asked one by one they would take three times as long."""
    try:
        joined = ";".join([*cells, ""])  # type: ignore[list-item]  # a cell that is no text
    except TypeError:
        return False
    # a cell that has a semicolon itself would pass for two
    return joined.count(";") == len(cells) and _are_values(joined) is not None


class Nominals(dict["Cell", int]):
    """The nominals that cells hold, each checked once; `ValueError` for what is none."""

    def __missing__(self, cell: "Cell") -> int:
        if not isinstance(cell, str) or not _is_nominal(cell):
            raise ValueError(f"the nominal {cell!r:.40}")
        nominal = self[cell] = int(cell)
        return nominal
