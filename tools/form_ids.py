"""Ask the range export what the ids of its form mean that nobody knows.

A wrong guess does no harm, because the headings of the workbook name the currencies. Nothing of
the answers enters the archive: a person writes an id that came out into `currency.py`.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from kzt_rates import BankUnavailable, Client, FeedError
from kzt_rates.currency import FACTS
from kzt_rates.feed import MAX_EXPORT_BYTES, export_path_of_ids, xlsx
from kzt_rates.plans import fetch
from kzt_rates.plans.rules import export_end

if TYPE_CHECKING:
    from kzt_rates.figures import Day

# By the form's alphabetical order the lower are the vanished currencies, and the last those of
# 2026; this is inferred.
UNKNOWN = tuple(sorted({*range(1, 64)} - {facts.export_id for facts in FACTS.values()}))
FIRST_OF_2026 = 55

# A week in which the old Turkish lira and the currencies of before the euro were all alive.
OLD_WEEK = (date(1998, 1, 5), date(1998, 1, 11))

MAX_ROWS = 64
MAX_SHOWN = 20


class Column(NamedTuple):
    """A currency of the workbook, and how many of its rows have a figure of it."""

    heading: str
    figures: int
    rows: int

    def __str__(self) -> str:
        return f"{self.heading} ({self.figures} of {self.rows} rows)"


class Outcome(NamedTuple):
    """The columns that came, or else why there are none; `reached` is whether the bank was."""

    columns: tuple[Column, ...] = ()
    trouble: str = ""
    reached: bool = True

    def __str__(self) -> str:
        return self.trouble or ", ".join(map(str, self.columns)) or "no currency came"


def tell(client: Client, today: date) -> list[str]:
    """Return what came of asking for the unknown ids, in lines of Markdown.

    All are asked for together, of a recent week and of an old one. Where currencies came that
    are fewer than the ids, or the bank answered no workbook, each id is asked for by itself.
    What fails is told, and stops nothing.
    """
    lines = [f"The ids of the export's form that nobody knows, {_shown(UNKNOWN)}:", ""]
    recent = (export_end(today) - timedelta(days=6), export_end(today))
    together = []
    for week in (recent, OLD_WEEK):
        outcome = _ask(client, UNKNOWN, week)
        lines.append(f"- {week[0]} to {week[1]}: {outcome}")
        if not outcome.reached:
            return lines
        together.append(outcome)
    named = {column.heading for outcome in together for column in outcome.columns}
    if len(named) == len(UNKNOWN) or not (named or any(outcome.trouble for outcome in together)):
        return lines  # in the order of their ids, or the bank leaves out what it does not know
    for number in UNKNOWN:
        outcome = _ask(client, (number,), recent if number >= FIRST_OF_2026 else OLD_WEEK)
        lines.append(f"- {number}: {outcome}")
        if not outcome.reached:
            break
    return lines


def _ask(client: Client, ids: Sequence[int], week: tuple[date, date]) -> Outcome:
    columns: list[Column] = []

    def read(body: bytes, _: "datetime | None") -> "list[Day]":
        columns.extend(_columns(body))
        return []

    try:
        path = export_path_of_ids(ids, *week)
        client._run(fetch(path, read, MAX_EXPORT_BYTES))  # noqa: SLF001  # no verb asks so
    except BankUnavailable as error:
        return Outcome(trouble=error.args[0], reached=False)
    except FeedError as error:
        return Outcome(trouble=error.args[0])
    return Outcome(tuple(columns))


def _columns(body: bytes) -> list[Column]:
    """Return the currencies that a workbook has columns of, in their order."""
    rows = list(xlsx.read_rows(body, MAX_ROWS, 1 + 4 * len(UNKNOWN)))
    headings, below = (rows[0], rows[1:]) if rows else ([], [])
    return [
        Column(
            f"{heading:.{MAX_SHOWN}}",
            sum(1 for row in below if place < len(row) and row[place] is not None),
            len(below),
        )
        for place, heading in enumerate(map(str, headings))
        if place and not heading.endswith("_quant")
    ]


def _shown(ids: Sequence[int]) -> str:
    """Return ids as text, those in a row as a span.

    >>> _shown((11, 12, 19, 27, 28, 29))
    '11–12, 19, 27–29'
    """
    spans: list[list[int]] = []
    for number in ids:
        if spans and number == spans[-1][-1] + 1:
            spans[-1].append(number)
        else:
            spans.append([number])
    return ", ".join("–".join(map(str, sorted({span[0], span[-1]}))) for span in spans)
