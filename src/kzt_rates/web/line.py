"""The line of news sites as HTML and as data: pure, for the server, the files and the command line.

Its text is that of `RateSheet.ticker`, to the character. Nothing but escaped text enters a page,
and there is neither a script nor a style in it.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from html import escape
from typing import Literal, NamedTuple

from kzt_rates.arithmetic import rounded
from kzt_rates.currency import symbol_of
from kzt_rates.dates import ONE_DAY, bank_date
from kzt_rates.figures import KZT, Day, Figure
from kzt_rates.money import LANGUAGES, name_in, ticker_line
from kzt_rates.typing import Language
from kzt_rates.web import shapes
from kzt_rates.web.words import ORDER, say

Theme = Literal["auto", "light", "dark"]
THEMES: tuple[Theme, ...] = ("auto", "light", "dark")

# What a page may load, beside the header of the server, which says who may frame it.
CONTENT_POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; "
    "connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'"
)


class Board(NamedTuple):
    """The figures of a day and of the day before it.

    `stale`: those of the requested day are not there. `none`: the bank has set none for it.
    """

    requested: date
    day: Day
    before: Day
    stale: bool = False
    none: bool = False

    def change(self, code: str) -> Decimal | None:
        """Return how far a rate moved within the day, in tenge for its nominal."""
        figure = self.day.figures[code]
        if figure.change is not None:
            return Decimal(figure.change)
        earlier = self.before.figures.get(code)
        if earlier is None or self.before.date != self.day.date - ONE_DAY:
            return None
        return _moved(figure.value, figure.nominal, earlier.value, earlier.nominal)

    def is_provisional(self, codes: Sequence[str]) -> bool:
        """Whether any of the figures may still change."""
        return not all(self.day.figures[code].final for code in codes)

    def note(self, codes: Sequence[str], language: Language) -> str:
        """Return what a reader must know of the figures, `""` for nothing."""
        if self.stale:
            late = "stale draft" if self.day.date == self.requested else "stale"
            return say(language, "none today" if self.none else late)
        return say(language, "provisional") if self.is_provisional(codes) else ""

    def short_note(self, codes: Sequence[str], language: Language) -> str:
        """Return the note in a word or two, for a picture."""
        if self.stale and self.day.date != self.requested:
            return say(language, "none today badge" if self.none else "stale badge")
        return say(language, "provisional badge") if self.note(codes, language) else ""


@lru_cache(maxsize=2048)  # a month of whole sheets, which have a page in each language
def _moved(value: str, nominal: int, earlier: str, earlier_nominal: int) -> Decimal:
    return rounded(Fraction(value) - Fraction(earlier) * nominal / earlier_nominal)


def text(board: Board, codes: Sequence[str], language: Language, *, changes: bool = False) -> str:
    """Return the line with its heading; its figures have a point in every language."""
    legs = [(code, *shapes.leg(board.day.figures[code])) for code in codes]
    moved = {code: board.change(code) for code in codes} if changes else None
    return f"{say(language, 'heading')} {ticker_line(board.day.date, legs, changes=moved)}"


def fragment(
    board: Board, codes: Sequence[str], language: Language, *, changes: bool = False
) -> bytes:
    """Return the line as a paragraph for a page of somebody else."""
    return f"{_paragraph(board, codes, language, changes=changes)}\n".encode()


def page(
    board: Board,
    codes: Sequence[str],
    language: Language,
    *,
    changes: bool = False,
    theme: Theme = "auto",
    home: str = "../",
) -> bytes:
    """Return the line as a page to be framed; `home` leads to what is served beside it."""
    # by itself it is a page, which has a heading
    body = _paragraph(board, codes, language, changes=changes).replace(
        'class="kzt-heading"', 'class="kzt-heading" role="heading" aria-level="1"'
    )
    return _framed(body, language, theme, home)


def problem_fragment(sentence: str, language: Language) -> bytes:
    """Return a sentence about what is wrong, in place of the line."""
    return f"{_problem(sentence, language)}\n".encode()


def problem_page(sentence: str, language: Language, *, theme: Theme, home: str) -> bytes:
    """Return a page with a sentence about what is wrong, in place of the line."""
    heading = f'<h1 class="hidden">{escape(say(language, "heading"))}</h1>'
    return _framed(heading + _problem(sentence, language), language, theme, home)


def document(
    title: str,
    body: str,
    language: Language,
    *,
    home: str,
    kind: str,
    theme: Theme = "auto",
    head: str = "",
) -> bytes:
    """Return a page around a body of HTML."""
    return (
        f'<!doctype html>\n<html lang="{language}" data-theme="{theme}">\n<head>\n'
        '<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{CONTENT_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="color-scheme" content="{"light dark" if theme == "auto" else theme}">\n'
        f"<title>{escape(title)}</title>\n"
        f'<link rel="stylesheet" href="{home}static/kzt-rates.css">\n'
        f'<link rel="icon" type="image/svg+xml" href="{home}static/icon.svg">\n{head}'
        f'</head>\n<body class="{kind}">\n{body}\n</body>\n</html>\n'
    ).encode()


def data(board: Board, codes: Sequence[str]) -> bytes:
    """Return the figures for the elements of a page, as text, with the signs and names."""
    return shapes.document(
        {
            "date": board.day.date.isoformat(),
            "requested_date": board.requested.isoformat(),
            "stale": board.stale,
            "none_published": board.none,
            "provisional": board.is_provisional(codes),
            "complete": board.day.complete,
            "refused": sorted(board.day.refused),
            "rates": [_row(board, code) for code in codes],
        }
    )


def problem_of_language(value: str) -> str:
    """Return a sentence about a language that nobody knows: in all of them.

    >>> print(problem_of_language("de").splitlines()[0])
    Неизвестный язык: «de». Есть ru, kk и en.
    """
    return "\n".join(say(language, "bad lang", value) for language in ORDER)


def _paragraph(board: Board, codes: Sequence[str], language: Language, *, changes: bool) -> str:
    day, note = board.day.date, board.note(codes, language)
    marks = f' data-date="{day}"'
    if board.stale:
        marks += f' data-stale="{escape(note)}"'
    elif note:
        marks += f' data-provisional="{escape(note)}"'
    parts = [
        (
            f'<span class="kzt-heading">{escape(say(language, "heading"))}</span> '
            f'(<time datetime="{day}">{bank_date(day)}</time>)'
        )
    ]
    parts += [_rate(board, code, language, changes=changes) for code in codes]
    # a page that is written from right to left would set the last sign before the line
    return f'<p class="kzt-ticker" lang="{language}" dir="ltr"{marks}>{" ".join(parts)}</p>'


def _rate(board: Board, code: str, language: Language, *, changes: bool) -> str:
    figure = board.day.figures[code]
    value = shapes.leg(figure)[0]
    lot = "" if figure.nominal == 1 else f"{figure.nominal} "
    name = escape(name_in(language, code, figure.name))
    shown = _figure_text(code, figure)
    rate = (
        f'<span class="kzt-rate"><abbr title="{name}">{lot}{escape(symbol_of(code))}</abbr> '
        f'<data value="{shapes.text(value)}">{shown}</data> {symbol_of(KZT)}'
    )
    change = board.change(code) if changes else None
    if change is None:
        return f"{rate}</span>"
    direction = "up" if change > 0 else "down" if change else "same"
    # what stands behind the sign of the tenge in the line of the library
    moved = ticker_line(
        board.day.date, [(code, value, figure.nominal)], changes={code: change}
    ).rpartition(" ")[2]
    spoken = escape(say(language, direction, moved[1:]))
    return (
        f'{rate} <span class="kzt-change kzt-{direction}" role="img" aria-label="{spoken}">'
        f"{moved}</span></span>"
    )


def _figure_text(code: str, figure: Figure) -> str:
    line = ticker_line(date.min, [(code, *shapes.leg(figure))])
    return line.split(" ")[-2]


def _row(board: Board, code: str) -> dict[str, object]:
    figure, change = board.day.figures[code], board.change(code)
    return {
        "currency": code,
        "symbol": symbol_of(code),
        "names": {language: name_in(language, code, figure.name) for language in LANGUAGES},
        "nominal": figure.nominal,
        "value": shapes.text(Decimal(figure.value)),
        "change": None if change is None else shapes.text(change),
    }


def _framed(body: str, language: Language, theme: Theme, home: str) -> bytes:
    whole, title = f"<main>{body}</main>", say(language, "heading")
    return document(title, whole, language, home=home, theme=theme, kind="kzt-frame")


def _problem(sentence: str, language: Language) -> str:
    lines = "<br>".join(escape(line) for line in sentence.splitlines())
    return f'<p class="kzt-ticker kzt-problem" lang="{language}" dir="ltr" data-error>{lines}</p>'
