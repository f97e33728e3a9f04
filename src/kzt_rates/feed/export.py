"""The range export: an .xlsx of chosen currencies over up to four years, since the beginning."""

from datetime import date, timedelta

from kzt_rates.currency import FACTS, exists_on, nominal_on, published_code, why_not_on
from kzt_rates.dates import parse_date
from kzt_rates.errors import Blink, FeedError, excerpt
from kzt_rates.feed import MAX_EXPORT_BYTES
from kzt_rates.figures import Day, Figure, Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from kzt_rates.feed.xlsx import Cell, Row
    from kzt_rates.figures import Received

# The export's columns know only today's codes.
COLUMN_OF = {"BYR": "BYN", "RUR": "RUB"}

# Columns that hold two units under one code, and the lot of the old rouble.
_RENAMED = frozenset(COLUMN_OF.values())
_OLD_ROUBLES = 1000

# From the last new unit on, every code is the unit it is today.
_UNITS_SINCE = date.fromisoformat(max(facts.unit_since for facts in FACTS.values()))

# The first whole sheet on record; the nominals of before are known of a few days only.
_NOMINALS_SEEN_SINCE = date(2013, 4, 24)
_NOMINALS_NOW = {code: facts.spans[-1][0] for code, facts in FACTS.items()}

_LOTS = frozenset(10**exponent for exponent in range(9))

_DATE_HEADINGS = ("date", "дата")

# There is a rate for every calendar day, and no hole on record is longer than 25 days: a heading
# without any row tells that a short range has no rates, and of a longer one it tells nothing.
LONGEST_HOLE_DAYS = 31

# Rows that are blank do no harm; a sheet of nothing else does.
_SPARE_ROWS = 64

# Excel's days count from here, past the 29 February 1900 that it believes in.
_SERIAL_ZERO = date(1899, 12, 30)


def read(
    body: bytes, codes: "Collection[str]", start: date, end: date, received: "Received"
) -> list[Day]:
    """Return what the bank published from start to end, one `Day` per row, also an empty one.

    `codes` are those asked for. The days are in order, and incomplete: other codes were not
    asked for. A figure comes under the code of its day, so that the Belarusian rouble of before
    July 2016 is BYR. A figure that cannot be of its code's unit is refused alone, and so is a
    nominal that is no power of ten. Raises `FeedError` for anything else than the export of that
    question, its subclass `Blink` for one of a long range without any row.
    """
    from kzt_rates.feed import xlsx  # lxml is loaded when there is something to read

    try:
        if len(body) > MAX_EXPORT_BYTES:
            raise FeedError(f"the bank's answer has more than {MAX_EXPORT_BYTES} bytes")
        asked = {COLUMN_OF.get(code, code) for code in codes}
        max_rows = 1 + (end - start).days + 1 + _SPARE_ROWS
        rows = xlsx.read_rows(body, max_rows, 1 + 2 * len(asked))
        filled = (row for row in rows if row.count(None) < len(row))
        return _days(filled, asked, start, end, received)
    except FeedError as error:
        # which of a sync's questions it was, is otherwise only in the address
        message = f"{error} (the export of {start} to {end})"
        raise type(error)(message, excerpt=excerpt(body)) from error.__cause__


def _days(
    rows: "Iterator[Row]", asked: set[str], start: date, end: date, received: "Received"
) -> list[Day]:
    columns = _columns(next(rows, []), asked)
    width = 1 + 2 * len(columns)
    figures = _reader(columns, received)
    days: dict[date, Day] = {}
    for row in rows:
        day = _day_of(row[0])
        if not start <= day <= end:
            raise FeedError(f"the bank answered for {day}, and was asked for {start} to {end}")
        if day in days:
            raise FeedError(f"the bank's workbook has {day} twice")
        row.extend([None] * (width - len(row)))
        days[day] = _as_of_its_day(day, figures(row, day), received)
    if not days and (end - start).days >= LONGEST_HOLE_DAYS:
        raise Blink(f"the bank's workbook has no rows, and was asked for {start} to {end}")
    return [days[day] for day in sorted(days)]


def _reader(
    columns: list[tuple[str, int, int]], received: "Received"
) -> "Callable[[Row, date], dict[str, Figure]]":
    """Return what makes figures of a row, a pair of blank cells being none."""
    from kzt_rates.feed.xlsx import Nominals, are_values

    checked = Nominals()

    def figures(row: "Row", day: date) -> dict[str, Figure]:
        there = columns
        values = [row[at] for _, _, at in there]
        if None in values:
            there = [
                (code, nominal_at, value_at)
                for code, nominal_at, value_at in columns
                if row[nominal_at] is not None or row[value_at] is not None
            ]
            values = [row[at] for _, _, at in there]
        if are_values(values):
            pairs = zip(there, values, strict=True)
            at, final = received.at, day <= received.final_until
            try:
                return {
                    code: Figure(
                        value, checked[row[nominal_at]], feed="export", final=final, fetched_at=at
                    )
                    for (code, nominal_at, _), value in pairs
                }
            except ValueError as error:
                raise FeedError(f"the bank's workbook has on {day} {error}") from None
        shown = next(
            f"{code} at {row[at]!r:.40}" for code, _, at in there if not are_values([row[at]])
        )
        raise FeedError(f"the bank's workbook has on {day} {shown}")

    return figures


def _columns(headings: "Row", asked: set[str]) -> list[tuple[str, int, int]]:
    """Return each code with the places of its nominal and its value, from the first row."""
    first = headings[0] if headings else None
    if not isinstance(first, str) or first.strip().lower() not in _DATE_HEADINGS:
        raise FeedError(f"the bank's workbook begins with {first!r:.40}, not with a date column")
    places: dict[str, int] = {}
    for place, heading in enumerate(headings[1:], 1):
        name = str(heading)
        code = name.removesuffix("_quant")
        name = name.replace(code, COLUMN_OF["RUR"]) if code == "RUR" else name
        if name in places:
            raise FeedError(f"the bank's workbook has the column {name:.40} twice")
        places[name] = place
    expected = {*asked, *(f"{code}_quant" for code in asked)}
    if places.keys() != expected:
        lacking, surplus = sorted(expected - places.keys()), sorted(places.keys() - expected)
        wrong = [
            f"{word} the columns {', '.join(names[:6]):.80}"
            for word, names in (("lacks", lacking), ("has besides", surplus))
            if names
        ]
        raise FeedError(f"the bank's workbook {' and '.join(wrong)}")
    return [(code, places[f"{code}_quant"], places[code]) for code in sorted(asked)]


def _day_of(cell: "Cell") -> date:
    """Return the date of a row: `DD.MM.YYYY`, a cell of the type date, or Excel's day number."""
    try:
        if isinstance(cell, str) and "." in cell:
            return parse_date(cell)
        if isinstance(cell, str) and len(cell) == 5 and cell.isascii() and cell.isdigit():
            return _SERIAL_ZERO + timedelta(days=int(cell))
    except (ValueError, OverflowError):
        pass
    if isinstance(cell, date):
        return cell
    if cell is None:
        raise FeedError("the bank's workbook has a row without a date")
    raise FeedError(f"the bank's workbook has a row of the date {cell!r:.40}")


def _as_of_its_day(day: date, figures: dict[str, Figure], received: "Received") -> Day:
    """Put each figure under the code it had on its day; the export knows only today's codes."""
    refused: dict[str, Refusal] = {}
    for column in _RENAMED.intersection(figures):
        code, figure = column, figures.pop(column)
        if column == "BYN" and day.isoformat() < FACTS["BYN"].unit_since:
            code = "BYR"
        elif column == "RUB":
            # a row per 1000 is of the old rouble, whatever its date
            code = "RUR" if figure.nominal == _OLD_ROUBLES else published_code(column, day)
        figures[code] = figure
    for code in _suspects(day, figures):
        figure, why = figures[code], None
        if not exists_on(code, day):
            why = f"{why_not_on(code, day)}, and may be a figure of another unit"
        elif figure.nominal not in _LOTS:
            why = "the bank quotes per 1, 10, 100 and so on"
        elif (usual := _usual_nominal(code, day)) not in (None, figure.nominal):
            why = f"the bank quoted {code} per {usual} then"
        if why is not None:
            del figures[code]
            column = COLUMN_OF.get(code, code) if code == "RUR" else code
            shown = f"{figure.value} per {figure.nominal}"
            refused[column] = Refusal(f"{shown} on {day}: {why}", received.at)
    final = day <= received.final_until
    return Day(day, figures, final=final, fetched_at=received.at, refused=refused)


def _suspects(day: date, figures: dict[str, Figure]) -> list[str]:
    """Return the codes that may be another unit's, or have another nominal than today's."""
    if day < _UNITS_SINCE:
        return list(figures)
    return [code for code, figure in figures.items() if _NOMINALS_NOW.get(code) != figure.nominal]


def _usual_nominal(code: str, day: date) -> int | None:
    """Return the nominal of a code where whole sheets of before and after say which it was."""
    return nominal_on(code, day) if day >= _NOMINALS_SEEN_SINCE else None
