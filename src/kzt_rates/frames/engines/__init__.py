"""Frames that stay where they are: a conversion as a join in the words of each engine.

Here is what several of them share: names and literals of SQL, the clocks of Almaty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzt_rates.frames.columns import offsets

if TYPE_CHECKING:
    from collections.abc import Collection

# The grammar of `kzt_rates.convert`, in regular expressions that all engines read alike, and as
# much of it as DECIMAL(38, 18) holds.
ANY_AMOUNT_TEXT = r"[+-]?[0-9]+(\.[0-9]+)?"
AMOUNT_TEXT = r"[+-]?[0-9]{1,20}(\.[0-9]{1,18})?"
BAD_AMOUNT_TEXT = "invalid amount, write 1250 or 1250.50, without spaces or a comma: "
LONG_AMOUNT_TEXT = "more than 20 digits or 18 decimals, convert it in memory: the amount "
NOT_FINITE = "an amount is a finite number, not "


def quoted(name: str, mark: str = '"') -> str:
    """Return a name as a quoted identifier.

    >>> quoted("a `tick`", "`")
    '`a ``tick```'
    """
    return mark + name.replace(mark, mark * 2) + mark


def literal(text: str) -> str:
    """Return a text as a literal of standard SQL.

    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def working_prefix(columns: Collection[str]) -> str:
    """Return a beginning that no column of a frame has, whatever the case of its own.

    >>> working_prefix(["KZT_rates working: day"])
    'kzt_rates working_: '
    """
    taken = [column.lower() for column in columns]
    prefix = "kzt_rates working"
    while any(name.startswith(f"{prefix}: ") for name in taken):
        prefix += "_"
    return f"{prefix}: "


def refuse_clashes(columns: Collection[str], into: str) -> None:
    """Raise `ValueError` where names are equal to an engine that knows no capitals in names."""
    lower = [column.lower() for column in columns]
    if into.lower() in lower:
        taken = list(columns)[lower.index(into.lower())]
        raise ValueError(f"there is a column {taken!r} already: name another with into=")
    if len(set(lower)) < len(lower):
        twice = next(name for name in columns if lower.count(name.lower()) > 1)
        raise ValueError(f"there are several columns {twice!r} to this engine: rename them")


def offset_in_almaty(ticks: str, per_second: int = 1) -> str:
    """Return SQL for how far ahead of UTC the clocks were, at and in ticks since 1970.

    >>> offset_in_almaty("t")[:43]
    'CASE WHEN t >= 1709229600 THEN 18000 WHEN t'
    """
    moves = offsets()
    cases = " ".join(
        f"WHEN {ticks} >= {since * per_second} THEN {offset * per_second}"
        for since, offset in reversed(moves[1:])
    )
    return f"CASE {cases} ELSE {moves[0][1] * per_second} END"
