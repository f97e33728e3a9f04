"""What is shown: JSON and CSV for programs, tables and words for people, and files."""

import errno
import os
import sys

from kzt_rates.cli.terminal import LETTERS, can_show, one_line, undisturbed, use_utf_8
from kzt_rates.currency import symbol_of
from kzt_rates.money import NO_BREAK_SPACE, name_in
from kzt_rates.tables import files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from datetime import date
    from decimal import Decimal

    from kzt_rates.models import RateSheet, Series
    from kzt_rates.typing import Language, Value

GAP = "  "
WIDTH = 78


def json_text(document: "Mapping[str, object] | Sequence[Mapping[str, object]]") -> str:
    """Return JSON for stdout: letters that it has no room for are escaped, and nothing is lost."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    ascii_only = not encoding.lower().startswith("utf")
    return files.json_text(document, ascii_only=ascii_only)


def csv_text(columns: "Sequence[str]", rows: "Iterable[Mapping[str, Value]]") -> str:
    """Return CSV for stdout, where the last line is ended by what prints it."""
    return for_stdout(files.csv_text(columns, rows))


def for_stdout(text: str) -> str:
    """Return CSV without its last newline, which printing adds.

    Letters that stdout has no room for make it UTF-8: a program must not read `?` for a name.
    """
    text = text.removesuffix("\n")
    if not can_show(text):
        use_utf_8(sys.stdout)
    return text


def count_text(number: int) -> str:
    r"""Return a whole number in groups of three.

    >>> count_text(20480).replace("\xa0", " ")
    '20 480'
    """
    return f"{number:_}".replace("_", NO_BREAK_SPACE)


def exact_text(number: "Decimal", places: int = 2, sign: str = "-") -> str:
    """Return all digits of a figure, and the zeros that the bank writes after a short one.

    >>> from decimal import Decimal
    >>> exact_text(Decimal("187.2")), exact_text(Decimal("0.5"), sign="+")
    ('187.20', '+0.50')
    """
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)
    return f"{number:{sign}.{max(places, -exponent)}f}"


def table_text(
    head: "Sequence[str]",
    rows: "Iterable[Sequence[str]]",
    right: "Collection[int]" = (),
    point: "Collection[int]" = (),
) -> str:
    """Return rows under a head, in columns.

    Those in `right` are aligned to the right, those in `point` at the mark before the decimals.
    """
    cells = [[_shown(cell) for cell in row] for row in rows]
    for column in point:
        aligned = _at_the_point([row[column] for row in cells])
        for row, cell in zip(cells, aligned, strict=True):
            row[column] = cell
    right = {*right, *point}
    lines = [tuple(head), *map(tuple, cells)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        GAP.join(
            cell.rjust(width) if number in right else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def _shown(cell: str) -> str:
    """Return a cell in one line; the spaces within its figures stay."""
    return NO_BREAK_SPACE.join(map(one_line, cell.split(NO_BREAK_SPACE)))


def _at_the_point(cells: "Sequence[str]") -> list[str]:
    """Return figures with as much space behind them as sets their points below one another."""
    tails = [len(cell) - len(cell.replace(",", ".").partition(".")[0]) for cell in cells]
    widest = max(tails, default=0)
    return [cell + " " * (widest - tail) for cell, tail in zip(cells, tails, strict=True)]


def spans_text(days: "Sequence[date]", form: str = "{} to {}") -> list[str]:
    """Return days in order as `first to last` for each run of consecutive ones.

    >>> from datetime import date
    >>> spans_text([date(2022, 12, 20), date(2023, 7, 28), date(2023, 7, 29)])
    ['2022-12-20', '2023-07-28 to 2023-07-29']
    """
    runs: list[tuple[date, date]] = []
    for day in days:
        if runs and (day - runs[-1][1]).days == 1:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return [str(first) if first == last else form.format(first, last) for first, last in runs]


def wrapped(heading: str, parts: "Iterable[str]") -> list[str]:
    """Return a heading and comma-separated parts, in lines that fit a narrow terminal."""
    lines, line = [], heading
    for part in parts:
        if len(line) + len(part) + 1 > WIDTH and line.strip():
            lines.append(line.rstrip())
            line = "  "
        line += f"{part}, "
    return [*lines, line.removesuffix(", ")]


def prepare(options: "Namespace") -> None:
    """Raise before anything is asked, where a library or the folder of the file is not there."""
    require_folder("--output", options.output)
    if options.format == "parquet":
        from kzt_rates.process import require

        with undisturbed():
            require("pyarrow", "frames")
            require("pyarrow.parquet", "frames")


def require_folder(option: str, file: "str | None") -> None:
    """Raise `OSError` where a file cannot be written: its folder is not there, or it is one."""
    folder = os.path.dirname(file or "") or os.curdir
    if not os.path.isdir(folder):
        raise OSError(errno.ENOENT, f"there is no folder {folder}", f"{option} {file}")
    if file is not None and os.path.isdir(file):
        raise OSError(errno.EISDIR, "it is a folder", f"{option} {file}")


def deliver(
    options: "Namespace",
    model: "Series | RateSheet",
    table: "Callable[[], str]",
) -> str | None:
    """Return the answer in the format chosen, or write it to the file chosen and return `None`."""
    form, file = options.format, options.output
    if form == "parquet":
        model.to_parquet(file)
    elif file is None:
        if form == "csv":
            return model.to_csv().removesuffix("\n")
        if form == "table":
            return table()
        return json_text(model.to_dict())
    elif form == "csv":
        model.to_csv(file)
    elif form == "json":
        model.to_json(file)
    else:
        files.put(table(), file)
    return None


# Published names are written out in full, and a line is to fit a terminal of 80 columns.
MAX_NAME_CHARACTERS = 30

_WORDS: "dict[Language, dict[str, str]]" = {
    "en": {
        "sheet": "Official rates for {}",
        "carried to": "carried to {}",
        "since": "changes since {}",
        "provisional": "provisional",
        "provisional rate": "provisional",
        "incomplete": "incomplete",
        "refused": "{} was refused: {}",
        "code": "Code",
        "name": "Name",
        "sign": "Sign",
        "nominal": "Nominal",
        "value": "Value",
        "per unit": "Per unit",
        "change": "Change",
        "first": "First date",
        "last": "Last date",
        "successor": "Now",
        "history": "{} in {}, {} to {}, {} days",
        "history of a day": "{} in {}, {} to {}, {} day",
        "date": "Date",
        "rate": "Rate",
        "carried from": "carried from {}",
        "missing": "{} days have no rate: ",
        "missing a day": "{} day has no rate: ",
        "without": "{} without a rate",
        "to": "{} to {}",
        "min": "min",
        "max": "max",
    },
    "kk": {
        "sheet": "Ресми бағамдар, {}",
        "carried to": "{} күніне көшірілген",
        "since": "{} күнінен бергі өзгерістер",
        "provisional": "алдын ала",
        "provisional rate": "алдын ала",
        "incomplete": "толық емес",
        "refused": "{} қабылданбады: {}",
        "code": "Код",
        "name": "Атауы",
        "sign": "Белгі",
        "nominal": "Номинал",
        "value": "Бағам",
        "per unit": "Бірлікке",
        "change": "Өзгеріс",
        "first": "Басы",
        "last": "Соңы",
        "successor": "Жаңа",
        "history": "{}/{}, {} – {}, {} күн",
        "history of a day": "{}/{}, {} – {}, {} күн",
        "date": "Күні",
        "rate": "Бағам",
        "carried from": "{} күнгі бағам",
        "missing": "{} күнде бағам жоқ: ",
        "missing a day": "{} күнде бағам жоқ: ",
        "without": "бағамсыз: {}",
        "to": "{} – {}",
        "min": "ең төмен",
        "max": "ең жоғары",
    },
    "ru": {
        "sheet": "Официальные курсы на {}",
        "carried to": "перенесены на {}",
        "since": "изменения с {}",
        "provisional": "предварительные",
        "provisional rate": "предварительный",
        "incomplete": "неполные",
        "refused": "{} не принят: {}",
        "code": "Код",
        "name": "Название",
        "sign": "Знак",
        "nominal": "Номинал",
        "value": "Курс",
        "per unit": "За единицу",
        "change": "Изменение",
        "first": "Начало",
        "last": "Конец",
        "successor": "Ныне",
        "history": "{} в {}, {} – {}, дней: {}",
        "history of a day": "{} в {}, {} – {}, дней: {}",
        "date": "Дата",
        "rate": "Курс",
        "carried from": "курс за {}",
        "missing": "Дней без курса: {}. ",
        "missing a day": "Дней без курса: {}. ",
        "without": "без курса: {}",
        "to": "{} – {}",
        "min": "мин.",
        "max": "макс.",
    },
}


class Words:
    """The words of one language; English where the terminal has no letters for another.

    What goes to a file is UTF-8, and needs no terminal.
    """

    def __init__(self, options: "Namespace") -> None:
        wanted: Language = getattr(options, "language", None) or "en"
        self._in_file = options.output is not None
        self.language: Language = wanted if self.shows(LETTERS[wanted]) else "en"

    def phrase(self, key: str, *facts: object) -> str:
        """Return a phrase with its facts."""
        return _WORDS[self.language][key].format(*facts)

    def count(self, key: str, number: int, *facts: object) -> str:
        """Return a phrase that ends with a number, or the one for a single thing."""
        single = {"history": "history of a day", "missing": "missing a day"}
        chosen = single.get(key, key) if number == 1 else key
        return self.phrase(chosen, *facts, count_text(number))

    def name(self, code: str, published: "str | None" = None) -> str:
        """Return a currency's name, cut where it is long, or the code of one that has none."""
        name = name_in(self.language, code, published)
        if not self.shows(name.replace("–", "-")):
            return code
        if len(name) > MAX_NAME_CHARACTERS:
            return name[: MAX_NAME_CHARACTERS - 1].rstrip() + "…"
        return name

    def sign(self, code: str) -> str:
        """Return a currency's sign, its code where the terminal lacks the sign."""
        sign = symbol_of(code)
        return sign if self.shows(sign) else code

    def shows(self, text: str) -> bool:
        """Return whether a text can be read where the answer goes."""
        return self._in_file or can_show(text)
