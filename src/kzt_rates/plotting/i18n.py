"""The words of a picture in English, Kazakh and Russian: dates, numbers, titles, units."""

from typing import TYPE_CHECKING, TypeAlias

from kzt_rates.figures import KZT
from kzt_rates.money import name_in
from kzt_rates.typing import Language

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

Pair: TypeAlias = tuple[str, str]

# Short names as the Unicode CLDR has them: within a date, and by themselves. The two differ in
# Russian alone: "5 мая", but "май".
MONTHS: dict[Language, tuple[str, ...]] = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "kk": (
        "қаң.", "ақп.", "нау.", "сәу.", "мам.", "мау.",
        "шіл.", "там.", "қыр.", "қаз.", "қар.", "жел.",
    ),
    "ru": (
        "янв.", "февр.", "мар.", "апр.", "мая", "июн.",
        "июл.", "авг.", "сент.", "окт.", "нояб.", "дек.",
    ),
}  # fmt: skip
MONTHS_ALONE: dict[Language, tuple[str, ...]] = {
    **MONTHS,
    "ru": (
        "янв.", "февр.", "март", "апр.", "май", "июнь",
        "июль", "авг.", "сент.", "окт.", "нояб.", "дек.",
    ),
}  # fmt: skip

_ONE = {
    "en": "Official rate: {}",
    "kk": "Ресми бағам: {}",
    "ru": "Официальный курс: {}",
}
# A rate between two foreign currencies, or of the tenge in one, is none that the bank publishes.
_DERIVED = {
    "en": "At official rates: {} / {}",
    "kk": "Ресми бағамдар бойынша: {} / {}",
    "ru": "По официальным курсам: {} / {}",
}
_PUBLISHED = {"en": "Official rates", "kk": "Ресми бағамдар", "ru": "Официальные курсы"}
_SEVERAL = {
    "en": "At official rates",
    "kk": "Ресми бағамдар бойынша",
    "ru": "По официальным курсам",
}
_UNIT = {"en": "{0} per 1 {1}", "kk": "1 {1} үшін {0}", "ru": "{0} за 1 {1}"}
_ANY_BASE = {
    "en": "{0} per unit of the currency",
    "kk": "валюта бірлігі үшін {0}",
    "ru": "{0} за единицу валюты",
}
_ANY_PAIR = {
    "en": "second of the pair per unit of the first",
    "kk": "жұптың бірінші валютасының бірлігі үшін екіншісі",
    "ru": "вторая валюта пары за единицу первой",
}
_STEPS = {
    "en": {"week": "by week", "month": "by month", "quarter": "by quarter", "year": "by year"},
    "kk": {
        "week": "апталар бойынша",
        "month": "айлар бойынша",
        "quarter": "тоқсандар бойынша",
        "year": "жылдар бойынша",
    },
    "ru": {
        "week": "по неделям",
        "month": "по месяцам",
        "quarter": "по кварталам",
        "year": "по годам",
    },
}
KINDS = {
    "carried": {
        "en": "carried from an earlier day",
        "kk": "ертерек күннің бағамы",
        "ru": "курс более раннего дня",
    },
    "provisional": {"en": "provisional", "kk": "алдын ала бағам", "ru": "предварительный курс"},
}


def full_date(day: "date", language: Language) -> str:
    """Return a date with its year.

    >>> import datetime as dt
    >>> [full_date(dt.date(2015, 5, 21), language) for language in ("en", "kk", "ru")]
    ['21 May 2015', '2015 ж. 21 мам.', '21 мая 2015 г.']
    """
    month = MONTHS[language][day.month - 1]
    if language == "kk":
        return f"{day.year} ж. {day.day} {month}"
    return f"{day.day} {month} {day.year}" + (" г." if language == "ru" else "")


def number(value: float, decimals: int, language: Language) -> str:
    """Return a number with so many decimals, never with an exponent.

    >>> number(1616.5, 2, "en"), number(1616.5, 2, "ru").replace("\N{NO-BREAK SPACE}", " ")
    ('1,616.50', '1 616,50')
    """
    text = f"{value:,.{decimals}f}".replace("-", "\N{MINUS SIGN}")
    if language == "en":
        return text
    return text.translate({ord(","): "\N{NO-BREAK SPACE}", ord("."): ","})


def name_of(code: str, language: Language) -> str:
    """Return the name of a currency, or the code of one that has none.

    >>> name_of("USD", "kk"), name_of("XTS", "kk")
    ('АҚШ доллары', 'XTS')
    """
    return name_in(language, code)


def title_of(pairs: "Collection[Pair]", language: Language, *, of_periods: bool = False) -> str:
    """Return the title of a picture of some pairs; that of a month is derived from official ones.

    >>> title_of([("USD", "KZT")], "ru"), title_of([("USD", "EUR")], "en")
    ('Официальный курс: доллар США', 'At official rates: US dollar / euro')
    """
    if len(pairs) == 1:
        [(base, quote)] = pairs
        name = name_of(base, language)
        if quote == KZT != base and not of_periods:
            return _ONE[language].format(name)
        return _DERIVED[language].format(name, name_of(quote, language))
    published = not of_periods and all(quote == KZT != base for base, quote in pairs)
    return (_PUBLISHED if published else _SEVERAL)[language]


def unit_of(pairs: "Collection[Pair]", language: Language) -> str:
    """Return what the values of some pairs are: how much of what, for one of what.

    >>> unit_of([("USD", "KZT")], "ru"), unit_of([("USD", "KZT"), ("EUR", "KZT")], "ru")
    ('₸ за 1 USD', '₸ за единицу валюты')
    """
    bases, quotes = zip(*pairs, strict=True)
    if len(set(quotes)) > 1:
        return _ANY_PAIR[language]
    form = _UNIT if len(set(bases)) == 1 else _ANY_BASE
    return form[language].format(*("₸" if code == KZT else code for code in (quotes[0], bases[0])))


def label_of(pair: Pair, step: str, language: Language) -> str:
    """Return what a legend says of a series.

    >>> label_of(("USD", "KZT"), "month", "ru"), label_of(("USD", "EUR"), "day", "ru")
    ('USD/KZT, доллар США, по месяцам', 'USD/EUR')
    """
    base, quote = pair
    parts = ["/".join(pair)]
    parts += [name_of(base, language)] if quote == KZT != base else []
    parts += [] if step == "day" else [_STEPS[language][step]]
    return ", ".join(parts)
