"""The words of a picture in English, Kazakh and Russian: dates, numbers, titles, units, events."""

import datetime as dt
from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from kzt_rates.dates import parse_date
from kzt_rates.figures import KZT
from kzt_rates.money import NO_BREAK_SPACE, name_in, publisher, rate_text
from kzt_rates.typing import Language

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from decimal import Decimal

    from kzt_rates.plotting import Line
    from kzt_rates.typing import DateLike

Pair: TypeAlias = tuple[str, str]


class Event(NamedTuple):
    """A day to mark, and the words beside the mark."""

    day: dt.date
    text: str


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
# One's own figures are nobody's official ones.
_OWN = {"en": "Rate: {}", "kk": "Бағам: {}", "ru": "Курс: {}"}
_OWN_SEVERAL = {"en": "Rates", "kk": "Бағамдар", "ru": "Курсы"}
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
# What a picture remembers the National Bank's figures by; no source of one's own is called so.
BANK = "bank"
_SOURCE = {"en": "Source: {}", "kk": "Дереккөз: {}", "ru": "Источник: {}"}
KINDS = {
    "carried": {
        "en": "carried from an earlier day",
        "kk": "ертерек күннің бағамы",
        "ru": "курс более раннего дня",
    },
    "provisional": {"en": "provisional", "kk": "алдын ала бағам", "ru": "предварительный курс"},
}


_FLOAT: "dict[Language, str]" = {
    "en": "the tenge floats",
    "kk": "еркін құбылмалы бағам",
    "ru": "свободно плавающий курс",
}
_DEVALUATION: "dict[Language, str]" = {
    "en": "devaluation",
    "kk": "девальвация",
    "ru": "девальвация",
}

# Each is the first effective date of the new rate, the day after the trading that made it.
DEVALUATIONS: "tuple[tuple[dt.date, dict[Language, str]], ...]" = (
    # Reported, without a figure on record here: announced on Sunday 4 April 1999, in force from
    # the Monday. Whether the official rate of that Monday or of the Tuesday was the first new one
    # is not known.
    (dt.date(1999, 4, 5), _FLOAT),
    # Reported, without a figure on record here: on 4 February 2009 the exchange's morning session,
    # whose average was the next day's official rate then, closed at 143.98 after 122.32.
    (dt.date(2009, 2, 5), _DEVALUATION),
    # Reported, without a figure on record here: announced on 11 February 2014, whose own official
    # rate was still 155.5.
    (dt.date(2014, 2, 12), _DEVALUATION),
    # Seen in the bank's figures: 188.38 for 2015-08-20, the day of the announcement, 255.26 for
    # the next.
    (dt.date(2015, 8, 21), _FLOAT),
)


def full_date(day: dt.date, language: Language) -> str:
    """Return a date with its year.

    >>> [full_date(dt.date(2015, 5, 21), language) for language in ("en", "kk", "ru")]
    ['21 May 2015', '2015 ж. 21 мам.', '21 мая 2015 г.']
    """
    month = MONTHS[language][day.month - 1]
    if language == "kk":
        return f"{day.year} ж. {day.day} {month}"
    return f"{day.day} {month} {day.year}" + (" г." if language == "ru" else "")


def number(value: float, decimals: int, language: Language) -> str:
    r"""Return a number with so many decimals, in groups of three, never with an exponent.

    >>> [number(1616.5, 2, language).replace("\xa0", " ") for language in ("en", "ru")]
    ['1,616.50', '1 616,50']
    """
    text = f"{value:,.{decimals}f}".replace("-", "\N{MINUS SIGN}")
    if language == "en":
        return text
    return text.translate({ord(","): NO_BREAK_SPACE, ord("."): ","})


def value_text(line: "Line", value: "Decimal", language: Language) -> str:
    """Return a value of a line: all digits of a published one, six of a derived one."""
    published = line.quote == KZT and line.step == "day"
    text = rate_text(value, language, published=published)
    return text.replace(NO_BREAK_SPACE, ",") if language == "en" else text  # as on the axis


def source_text(sources: "Iterable[str]", language: Language) -> str:
    """Return whose figures a picture shows.

    >>> source_text([BANK, "contract"], "en")
    'Source: National Bank of Kazakhstan, contract'
    """
    names = [publisher(language) if source == BANK else source for source in sources]
    return _SOURCE[language].format(", ".join(names))


def name_of(code: str, language: Language) -> str:
    """Return the name of a currency, or the code of one that has none.

    >>> name_of("USD", "kk"), name_of("XTS", "kk")
    ('АҚШ доллары', 'XTS')
    """
    return name_in(language, code)


def title_of(
    pairs: "Collection[Pair]", language: Language, *, of_periods: bool = False, own: bool = False
) -> str:
    """Return the title of a picture of some pairs: `of_periods` are derived, `own` nobody's.

    >>> title_of([("USD", "KZT")], "ru"), title_of([("USD", "EUR")], "en")
    ('Официальный курс: доллар США', 'At official rates: US dollar / euro')
    """
    if len(pairs) == 1:
        [(base, quote)] = pairs
        name, in_tenge = name_of(base, language), quote == KZT != base
        if own or (in_tenge and not of_periods):
            whole = name if in_tenge else f"{name} / {name_of(quote, language)}"
            return (_OWN if own else _ONE)[language].format(whole)
        return _DERIVED[language].format(name, name_of(quote, language))
    if own:
        return _OWN_SEVERAL[language]
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


def label_of(pair: Pair, step: str, language: Language, source: str | None = None) -> str:
    """Return what a legend says of a series.

    >>> label_of(("USD", "KZT"), "month", "ru"), label_of(("USD", "EUR"), "day", "ru")
    ('USD/KZT, доллар США, по месяцам', 'USD/EUR')
    """
    base, quote = pair
    parts = ["/".join(pair)]
    parts += [name_of(base, language)] if quote == KZT != base else []
    parts += [] if step == "day" else [_STEPS[language][step]]
    parts += [] if source is None else [source]
    return ", ".join(parts)


def tick_labels(days: "Sequence[dt.date]", language: "Language") -> list[str]:
    r"""Return the names of days: the year below the first, and below where it changes.

    >>> tick_labels([dt.date(2025, 12, 22), dt.date(2025, 12, 29)], "ru")
    ['22 дек.\n2025', '29 дек.\n']
    """
    if all((day.month, day.day) == (1, 1) for day in days):
        return [str(day.year) for day in days]
    if all(day.day == 1 for day in days):
        names = [MONTHS_ALONE[language][day.month - 1] for day in days]
    else:
        names = [f"{day.day} {MONTHS[language][day.month - 1]}" for day in days]
    turns = [True, *(one.year != other.year for one, other in pairwise(days))]
    # with two lines each, for matplotlib sets the first of two lower than one by itself
    return [
        f"{name}\n{day.year if turn else ''}"
        for day, name, turn in zip(days, names, turns, strict=True)
    ]


def events_of(
    base: str,
    quote: str,
    start: dt.date,
    end: dt.date,
    events: "bool | Mapping[DateLike, str]",
    language: Language,
) -> list[Event]:
    """Return the events to mark of a pair: those between two days, both inclusive.

    `True` stands for the devaluations, where the tenge is one of the pair.
    """
    if isinstance(events, bool):
        has_tenge = (base == KZT) != (quote == KZT)
        marked = [
            Event(day, f"{full_date(day, language)}, {names[language]}")
            for day, names in DEVALUATIONS
            if events and has_tenge
        ]
    else:
        if not isinstance(events, Mapping):
            raise TypeError(
                f"events is True, False or a mapping of dates to words, not {type(events).__name__}"
            )
        marked = sorted(Event(parse_date(day), text) for day, text in events.items())
    return [event for event in marked if start <= event.day <= end]
