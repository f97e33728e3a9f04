"""Tables of rates as HTML, for notebooks and pages: small, in the colours of their page.

Only opacity and the page's own colour are used, so that light and dark both work. GitHub and
untrusted notebooks drop `<style>` and `<svg>`: a plain table with a caption is left.
"""

from html import escape
from typing import TYPE_CHECKING, Literal, TypeAlias

from kzt_rates.money import NO_BREAK_SPACE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kzt_rates.typing import Language

# A number is set apart at its point; a date is not broken at its hyphens.
CellStyle: TypeAlias = Literal["text", "date", "number", "mark"]

# Both are as wide as a digit, or a point, in a font whose digits are of one width.
_FIGURE_SPACE, _PUNCTUATION_SPACE = "\N{FIGURE SPACE}", "\N{PUNCTUATION SPACE}"

# As specific as JupyterLab's own rules, which put every cell to the right.
STYLE = (
    "<style>table.kzt-rates{border-collapse:collapse;min-width:25em;"
    "font-variant-numeric:tabular-nums}"
    "table.kzt-rates caption{caption-side:top;text-align:left;padding:.3em .5em}"
    "table.kzt-rates small{opacity:.8}"
    "table.kzt-rates :is(td,th):not([align]){text-align:left;padding:.2em .5em}"
    "table.kzt-rates :is(td,th)[align]{text-align:right;padding:.2em .5em}"
    "table.kzt-rates :is(td,th)[nowrap],table.kzt-rates caption span{white-space:nowrap}"
    "table.kzt-rates em{font-style:normal;font-size:85%;border:1px solid;border-radius:.6em;"
    "padding:0 .5em;white-space:nowrap}"
    "table.kzt-rates svg{display:block;max-width:100%;margin-top:.3em}</style>"
)

_WORDS: "dict[Language, dict[str, str]]" = {
    "en": {
        "value": "Value",
        "leg": "Leg",
        "lot": "{} {} for {} {}",
        "per unit": "Per unit",
        "change": "Change",
        "effective date": "Effective date",
        "requested date": "Requested date",
        "name": "Name",
        "code": "Code",
        "sign": "Sign",
        "nominal": "Nominal",
        "date": "Date",
        "from": "From",
        "official": "official rate of the National Bank of Kazakhstan",
        "derived": "derived from official rates of the National Bank of Kazakhstan",
        "own": "source: {}",
        "own derived": "derived, source: {}",
        "sheet": "Official rates of the National Bank of Kazakhstan for {}",
        "own sheet": "Rates for {}, source: {}",
        "currencies": "{} currencies",
        "1 currencies": "{} currency",
        "archive": "from the archive",
        "cache": "from the cache",
        "bank": "from the bank",
        "fetched": "fetched {}",
        "carried to": "carried to {}",
        "provisional": "provisional",
        "provisional codes": "provisional: {}",
        "incomplete": "incomplete: more may have been published",
        "refused": "refused: {}, {}",
        "range": "{} to {}",
        "day": "{} days",
        "1 day": "{} day",
        "week": "{} weeks",
        "1 week": "{} week",
        "month": "{} months",
        "1 month": "{} month",
        "quarter": "{} quarters",
        "1 quarter": "{} quarter",
        "year": "{} years",
        "1 year": "{} year",
        "days missing": "{} missing",
        "days carried": "{} carried",
        "days provisional": "{} provisional",
        "lowest": "lowest {} on {}",
        "highest": "highest {} on {}",
        "last": "last {} on {}",
        "more": "… {} more",
        "carried from": "carried from {}",
        "missing": "{} missing",
        "1 missing": "missing",
        "course": "the rates from {} to {}",
    },
    "kk": {
        "value": "Бағам",
        "leg": "Құрамдас бағам",
        "lot": "{2} {3} үшін {0} {1}",
        "per unit": "Бірлікке",
        "change": "Өзгеріс",
        "effective date": "Қолданылатын күні",
        "requested date": "Сұралған күн",
        "name": "Атауы",
        "code": "Код",
        "sign": "Белгі",
        "nominal": "Номинал",
        "date": "Күні",
        "from": "Басы",
        "official": "Қазақстан Ұлттық Банкінің ресми бағамы",
        "derived": "Қазақстан Ұлттық Банкінің ресми бағамдары бойынша есептелген",
        "own": "дереккөз: {}",
        "own derived": "есептелген, дереккөз: {}",
        "sheet": "Қазақстан Ұлттық Банкінің ресми бағамдары, {}",
        "own sheet": "Бағамдар, {}, дереккөз: {}",
        "currencies": "{} валюта",
        "archive": "мұрағаттан",
        "cache": "кэштен",
        "bank": "банктен",
        "fetched": "алынған уақыты {}",
        "carried to": "{} күніне көшірілген",
        "provisional": "алдын ала",
        "provisional codes": "алдын ала: {}",
        "incomplete": "толық емес: банк көбірек жариялаған болуы мүмкін",
        "refused": "қабылданбады: {}, {}",
        "range": "{} – {}",
        "day": "{} күн",
        "week": "{} апта",
        "month": "{} ай",
        "quarter": "{} тоқсан",
        "year": "{} жыл",
        "days missing": "бағамсыз: {}",
        "days carried": "көшірілген: {}",
        "days provisional": "алдын ала: {}",
        "lowest": "ең төмен {} ({})",
        "highest": "ең жоғары {} ({})",
        "last": "соңғы {} ({})",
        "more": "… тағы {}",
        "carried from": "{} күнгі бағам",
        "missing": "бағам жоқ, {} күн",
        "1 missing": "бағам жоқ",
        "course": "{} – {} аралығындағы бағам",
    },
    "ru": {
        "value": "Курс",
        "leg": "Исходный курс",
        "lot": "{} {} за {} {}",
        "per unit": "За единицу",
        "change": "Изменение",
        "effective date": "Действует на дату",
        "requested date": "Запрошенная дата",
        "name": "Название",
        "code": "Код",
        "sign": "Знак",
        "nominal": "Номинал",
        "date": "Дата",
        "from": "Начало",
        "official": "официальный курс Национального банка Казахстана",
        "derived": "вычислен по официальным курсам Национального банка Казахстана",
        "own": "источник: {}",
        "own derived": "вычислен, источник: {}",
        "sheet": "Официальные курсы Национального банка Казахстана на {}",
        "own sheet": "Курсы на {}, источник: {}",
        "currencies": "валют: {}",
        "archive": "из архива",
        "cache": "из кэша",
        "bank": "от банка",
        "fetched": "получены {}",
        "carried to": "перенос на {}",
        "provisional": "предварительно",
        "provisional codes": "предварительно: {}",
        "incomplete": "неполные: банк мог опубликовать больше",
        "refused": "не принят: {}, {}",
        "range": "{} – {}",
        "day": "дней: {}",
        "week": "недель: {}",
        "month": "месяцев: {}",
        "quarter": "кварталов: {}",
        "year": "лет: {}",
        "days missing": "без курса: {}",
        "days carried": "перенесено: {}",
        "days provisional": "предварительных: {}",
        "lowest": "минимум {} ({})",
        "highest": "максимум {} ({})",
        "last": "последний {} ({})",
        "more": "… ещё {}",
        "carried from": "курс за {}",
        "missing": "нет курса, дней: {}",
        "1 missing": "нет курса",
        "course": "курс, {} – {}",
    },
}


def phrase(language: "Language", key: str, *facts: object) -> str:
    """Return a phrase in a language with its facts.

    >>> phrase("ru", "sheet", "2025-12-05")
    'Официальные курсы Национального банка Казахстана на 2025-12-05'
    """
    return _WORDS[language][key].format(*facts)


def count(language: "Language", key: str, number: int) -> str:
    """Return a phrase with a number, in the singular where the language has one.

    >>> count("en", "day", 1), count("en", "day", 2), count("kk", "day", 1)
    ('1 day', '2 days', '1 күн')
    """
    words = _WORDS[language]
    chosen = f"1 {key}" if number == 1 else key
    return words.get(chosen, words[key]).format(number)


def caption(
    title: str,
    facts: "Sequence[str]" = (),
    marks: "Sequence[str]" = (),
    notes: "Sequence[str]" = (),
    picture: str = "",
) -> str:
    """Return the HTML of a caption: a title, and below it facts, marks, notes and a picture.

    All are text but the picture, which is HTML. A mark is what must not be overlooked.
    """
    # the point is one with what follows it: no line ends with a point where the caption is wrapped
    apart = f"</span> <span>·{NO_BREAK_SPACE}"
    lines = [
        f"<span>{apart.join(escape(fact) for fact in line)}</span>" if line else ""
        for line in (facts, notes)
    ]
    lines.insert(1, " ".join(f"<em>{escape(mark)}</em>" for mark in marks))
    below = "<br/>".join(filter(None, lines))
    return f"<b>{escape(title)}</b>" + (f"<br/><small>{below}</small>" if below else "") + picture


def table(
    caption: str,
    head: "Sequence[str]",
    rows: "Iterable[Sequence[str]]",
    kinds: "Sequence[CellStyle]",
    foot: "Sequence[str]" = (),
) -> str:
    """Return a table whose first column names its rows; `kinds` are those of its columns.

    The caption is HTML, all others are text.
    """
    cells = [list(row) for row in rows]
    for column, kind in enumerate(kinds):
        if kind == "number":
            aligned = at_the_point([row[column] for row in cells])
            for row, cell in zip(cells, aligned, strict=True):
                row[column] = cell
    top = f"<thead><tr>{_row(head, kinds, 'th')}</tr></thead>" if head else ""
    body = "".join(f"<tr>{_row(row, kinds, 'td')}</tr>" for row in cells)
    end = "".join(
        f'<tr><td colspan="{len(kinds)}"><small>{escape(line)}</small></td></tr>' for line in foot
    )
    return (
        f'{STYLE}<table class="kzt-rates"><caption>{caption}</caption>{top}<tbody>{body}</tbody>'
        f"{f'<tfoot>{end}</tfoot>' if end else ''}</table>"
    )


def at_the_point(cells: "Sequence[str]") -> list[str]:
    """Return figures with as much space behind them as sets their points below one another."""
    points = [cell.replace(",", ".").find(".") for cell in cells]
    decimals = [
        len(cell) - point - 1 if point >= 0 else -1
        for cell, point in zip(cells, points, strict=True)
    ]
    most = max(decimals, default=-1)
    return [
        cell + _PUNCTUATION_SPACE * (places < 0 <= most) + _FIGURE_SPACE * (most - max(places, 0))
        if cell
        else cell
        for cell, places in zip(cells, decimals, strict=True)
    ]


def _row(texts: "Sequence[str]", kinds: "Sequence[CellStyle]", tag: str) -> str:
    """Return the cells of a row; the first is its name."""
    cells = ""
    for column, (text, kind) in enumerate(zip(texts, kinds, strict=True)):
        name = tag if column else "th"
        align = ' align="right"' if kind == "number" else ""
        whole = " nowrap" if kind in ("date", "number") or NO_BREAK_SPACE in text else ""
        shown = f"<em>{escape(text)}</em>" if kind == "mark" and text else escape(text)
        cells += f"<{name}{align}{whole}>{shown}</{name}>"
    return cells
