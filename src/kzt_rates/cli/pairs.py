"""`kzt-rates convert --pairs FILE`: the amounts of a table, each at the rate of its own date."""

import csv
import errno
import io
import sys
from contextlib import suppress

from kzt_rates.arithmetic import Ratio, parse_amount
from kzt_rates.cli.options import listed
from kzt_rates.cli.output import for_stdout
from kzt_rates.cli.session import ratio_of
from kzt_rates.cli.terminal import UsageError, explain, write_error, write_out
from kzt_rates.currency import FACTS, parse_code
from kzt_rates.dates import parse_date
from kzt_rates.errors import KztRatesError
from kzt_rates.figures import KZT
from kzt_rates.plans.range import ask_for_days
from kzt_rates.tables.files import csv_lines, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence
    from datetime import date

    from kzt_rates.cli.session import Session
    from kzt_rates.figures import Day

REQUIRED = ("amount", "base", "date")
GIVEN = (*REQUIRED, "quote")
ADDED = ("converted", "rate", "effective_date")
DELIMITERS = ",;\t"
BAD_ROW = 3


class Pair:
    """A row: its number in the file, its cells, an amount, its two currencies and its date."""

    __slots__ = ("amount", "base", "cells", "day", "number", "quote")

    def __init__(self, number: int, cells: list[str], columns: "Sequence[str]") -> None:
        if len(cells) > len(columns):
            raise ValueError(f"it has {len(cells)} cells, and there are {len(columns)} columns")
        self.number, self.cells = number, [*cells, *[""] * (len(columns) - len(cells))]
        given = {name: cell.strip() for name, cell in zip(columns, self.cells, strict=True)}
        self.amount = given["amount"]
        parse_amount(self.amount)
        self.base, self.quote = parse_code(given["base"]), parse_code(given.get("quote") or KZT)
        self.day = parse_date(given["date"])

    @property
    def codes(self) -> list[str]:
        """The currencies that need a rate."""
        return sorted({self.base, self.quote} - {KZT}) if self.base != self.quote else []


def convert_rows(session: "Session", options: "Namespace") -> int:
    """Write each row with what it is converted to; return the exit status.

    A bad row ends it: the rows before are written, and stderr says its number and why.
    """
    text = _read(options.pairs)
    # of the first row without its quoted parts, which are text
    delimiter = max(DELIMITERS, key="".join(text.lstrip().split('"')[::2]).partition("\n")[0].count)
    head, pairs, bad = _parsed(text, delimiter)
    if not head and not pairs and bad is None:
        raise UsageError(f"--pairs {options.pairs}: there are no rows")
    with suppress(KztRatesError):  # the first row that it concerns says so
        session.ask(lambda terms: ask_for_days(terms, _wanted(pairs, session.today())))
    written = [[*head, *ADDED]] if head else []
    known: dict[tuple[str, str, date], Day] = {}
    for pair in pairs:
        try:
            written.append([*pair.cells, *_converted(session, options, pair, known)])
        except (KztRatesError, ValueError) as error:
            bad = pair.number, error
            break
    if written:
        write_out(for_stdout(csv_lines(written, delimiter)))
    if bad is None:
        return 0
    number, why = bad
    status, said = (BAD_ROW, str(why)) if isinstance(why, ValueError | csv.Error) else explain(why)
    source = "stdin" if options.pairs == "-" else options.pairs
    write_error(f"row {number} of {source}: {said}")
    return status


def _parsed(
    text: str, delimiter: str
) -> "tuple[list[str], list[Pair], tuple[int, Exception] | None]":
    """Return the head, if there is one, the rows, and the first bad one with what is wrong."""
    head: list[str] = []
    columns: Sequence[str] = ()
    pairs: list[Pair] = []
    number = 0
    try:
        for number, row in enumerate(
            csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), 1
        ):
            if not any(cell.strip() for cell in row):
                continue
            if not columns:
                columns = _columns_of(row)
                if columns:
                    head = row
                    continue
                columns = GIVEN[: max(len(row), len(REQUIRED))]
            pairs.append(Pair(number, row, columns))
    except (ValueError, KztRatesError) as error:
        return head, pairs, (number, error)
    except csv.Error as error:  # before the row is returned, and counted
        return head, pairs, (number + 1, ValueError(f"it is no row of CSV: {error}"))
    return head, pairs, None


def _columns_of(row: list[str]) -> list[str]:
    """Return the columns that a head names, none for a row of values; `ValueError` if it lacks one.

    Without a head the columns are amount, base, date, and quote if there is a fourth.
    """
    names = [cell.strip().lower() for cell in row]
    if not {*GIVEN, *ADDED}.intersection(names):
        return []
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        raise ValueError(f"the first row lacks {listed(missing)}; it names {listed(names)}")
    extra = [name for name in (*GIVEN, *ADDED) if names.count(name) > (name in GIVEN)]
    if extra:
        raise ValueError(f"the head has a column {extra[0]} too many")
    return names


def _wanted(pairs: "Sequence[Pair]", today: "date") -> "dict[str, set[date]]":
    """Return the days that rates are needed of, by code."""
    wanted: dict[str, set[date]] = {}
    for pair in pairs:
        for code in pair.codes:
            if code in FACTS and pair.day <= today:
                wanted.setdefault(code, set()).add(pair.day)
    return wanted


def _converted(
    session: "Session", options: "Namespace", pair: Pair, known: "dict[tuple[str, str, date], Day]"
) -> list[str]:
    key = pair.base, pair.quote, pair.day
    if not pair.codes:
        session.check_same(pair.amount, pair.base, options.places)
        ratio, day = Ratio(1, 1), pair.day
    else:
        if key not in known:
            codes = tuple(pair.codes)
            known[key] = session.figures(codes, pair.day, options.missing, refresh=options.refresh)
        found = known[key]
        ratio, day = ratio_of(found, pair.base, pair.quote), found.date
    return [
        text_of(value)
        for value in (ratio.convert(pair.amount, options.places), ratio.per_unit(), day)
    ]


def _read(name: str) -> str:
    """Return the text of a file, or of stdin for `-`."""
    try:
        if name == "-":
            content = sys.stdin.buffer.read() if sys.stdin is not None else b""
        else:
            with open(name, "rb") as file:
                content = file.read()
        if b"\0" in content:  # UTF-16 that no mark begins
            raise UnicodeError
        return content.decode("utf-8-sig")
    except UnicodeError:
        raise OSError(errno.EILSEQ, "it is not UTF-8", f"--pairs {name}") from None
    except OSError as error:
        raise OSError(error.errno, error.strerror, f"--pairs {name}") from error
