"""A query in stages: each adds columns computed from those before, in working columns."""

from typing import TYPE_CHECKING

from kzt_rates.frames.engines.sql_text import quoted, working_prefix

if TYPE_CHECKING:
    from collections.abc import Sequence


class Stages:
    """Nested selects over a view, whose own columns come first and unchanged.

    >>> stages = Stages("v", ["a"])
    >>> stages.add(twice="2 * a")
    '"kzt_rates working: twice"'
    >>> stages.select("0 AS zero")
    'SELECT "a", 0 AS zero FROM (SELECT s.*, 2 * a AS "kzt_rates working: twice" FROM v AS s) AS s'
    """

    def __init__(self, view: str, columns: "Sequence[str]") -> None:
        self._columns = columns
        self._prefix = working_prefix(columns)
        self._source = f"{view} AS s"

    def name(self, working: str) -> str:
        """Return the quoted name of a working column."""
        return quoted(self._prefix + working)

    def add(self, **columns: str) -> str:
        """Add working columns in one stage; return the quoted name of the last."""
        new = ", ".join(f"{sql} AS {self.name(working)}" for working, sql in columns.items())
        self._source = f"(SELECT s.*, {new} FROM {self._source}) AS s"  # noqa: S608  # names are quoted
        return self.name(list(columns)[-1])

    def join(self, table: str, alias: str, condition: str) -> None:
        """Join a table before the next stage, which may use its alias."""
        self._source += f" JOIN {table} AS {alias} ON {condition}"

    def select(self, column: str) -> str:
        """Return the whole query: the view's columns and one more."""
        own = ", ".join(map(quoted, self._columns))
        return f"SELECT {own}, {column} FROM {self._source}"  # noqa: S608
