"""Currencies: their table, and what it answers: which code is meant, nominals, units by law.

Dates in the table are ISO text: it compares as dates do, and costs nothing to import.
"""

from datetime import date

from kzt_rates.dates import ONE_DAY, parse_date
from kzt_rates.errors import UnknownCurrency
from kzt_rates.figures import KZT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    Span = tuple[int, str, str]
    Names = tuple[str, str, str, str]
    Unit = tuple[str, str, str, str | None, str | None]
    Seen = tuple[str, str, str, str]

# The last day that the nominals below were compared with the bank's own figures.
VERIFIED_UNTIL = "2026-08-21"

# The first day of the tenge: before it nothing has a rate in tenge.
TENGE_SINCE = "1993-11-15"

# Before this day the rouble is the old one, RUR; the feeds write RUR and RUB for either.
NEW_ROUBLE = "1998-01-01"


class Facts:
    """What is known of one currency, whatever the bank publishes today.

    The unit's life is law: `unit_since` and `unit_until` are its first and last day, `""` where
    nothing bounds it here, and `law` is why; `predecessor` and `successor` are the codes it
    replaced and gave way to.

    The days seen are evidence, and bound only what is known here. `seen_since` and `seen_until`
    are the first and the last day on a saved sheet, `""` where none is known, or where the bank
    quotes it still. `absent_until` is the last saved sheet without it before `seen_since`,
    `absent_since` the first without it after `seen_until`. A beginning or an end is known to the
    day where the two sheets around it are no more than a day apart.

    `spans` are the nominals on record, each with the first and the last day it was seen.
    """

    __slots__ = (
        "absent_since", "absent_until", "law", "name_en", "name_kk", "name_ru", "predecessor",
        "seen_since", "seen_until", "spans", "successor", "symbol", "unit_since", "unit_until",
    )  # fmt: skip

    def __init__(
        self,
        symbol: str,
        name_ru: "str | None",
        name_kk: "str | None",
        name_en: "str | None",
        unit: "Unit" = ("", "", "", None, None),
        seen: "Seen" = ("", "", "", ""),
        spans: "tuple[Span, ...]" = ((1, "", VERIFIED_UNTIL),),
    ) -> None:
        self.symbol = symbol
        self.name_ru = name_ru
        self.name_kk = name_kk
        self.name_en = name_en
        self.unit_since, self.unit_until, self.law, self.predecessor, self.successor = unit
        self.absent_until, self.seen_since, self.seen_until, self.absent_since = seen
        self.spans = spans


# The sign, or the code where a currency has none of its own; the names in Russian, Kazakh, English.
_NAMES: "dict[str, Names]" = {
    "AED": ("AED", "дирхам ОАЭ", "БАӘ дирхамы", "UAE dirham"),
    "AMD": ("֏", "армянский драм", "армян драмы", "Armenian dram"),
    "AUD": ("A$", "австралийский доллар", "Аустралия доллары", "Australian dollar"),
    "AZN": ("₼", "азербайджанский манат", "әзербайжан манаты", "Azerbaijani manat"),
    "BRL": ("R$", "бразильский реал", "Бразилия реалы", "Brazilian real"),
    "BYN": ("Br", "белорусский рубль", "Беларусь рублі", "Belarusian rouble"),
    "BYR": (
        "BYR",
        "белорусский рубль (2000–2016)",
        "Беларусь рублі (2000–2016)",
        "Belarusian rouble (2000–2016)",
    ),
    "CAD": ("C$", "канадский доллар", "Канада доллары", "Canadian dollar"),
    "CHF": ("CHF", "швейцарский франк", "швейцар франкі", "Swiss franc"),
    "CNY": ("¥", "китайский юань", "Қытай юані", "Chinese yuan"),
    "CZK": ("Kč", "чешская крона", "чех кронасы", "Czech koruna"),
    "DKK": ("DKK", "датская крона", "дат кронасы", "Danish krone"),
    "EEK": ("EEK", "эстонская крона", "эстон кронасы", "Estonian kroon"),
    "EGP": ("E£", "египетский фунт", "Мысыр фунты", "Egyptian pound"),
    "EUR": ("€", "евро", "еуро", "euro"),
    "GBP": ("£", "фунт стерлингов", "фунт стерлинг", "pound sterling"),
    "GEL": ("₾", "грузинский лари", "грузин лариі", "Georgian lari"),
    "HKD": ("HK$", "гонконгский доллар", "Гонконг доллары", "Hong Kong dollar"),
    "HUF": ("Ft", "венгерский форинт", "венгр форинті", "Hungarian forint"),
    "IDR": ("Rp", "индонезийская рупия", "Индонезия рупиясы", "Indonesian rupiah"),
    "ILS": ("₪", "израильский шекель", "Израиль шекелі", "Israeli shekel"),
    "INR": ("₹", "индийская рупия", "үнді рупийі", "Indian rupee"),
    "IRR": ("IRR", "иранский риал", "Иран риалы", "Iranian rial"),
    "JPY": ("JP¥", "японская иена", "жапон йені", "Japanese yen"),
    "KGS": ("KGS", "киргизский сом", "қырғыз сомы", "Kyrgyz som"),
    "KRW": ("₩", "южнокорейская вона", "Оңтүстік Корея воны", "South Korean won"),
    "KWD": ("KWD", "кувейтский динар", "Кувейт динары", "Kuwaiti dinar"),
    "LTL": ("LTL", "литовский лит", "Литва литі", "Lithuanian litas"),
    "LVL": ("LVL", "латвийский лат", "Латвия латы", "Latvian lats"),
    "MDL": ("MDL", "молдавский лей", "молдаван лейі", "Moldovan leu"),
    "MNT": ("₮", "монгольский тугрик", "моңғол тугригі", "Mongolian tugrik"),
    "MXN": ("MX$", "мексиканское песо", "Мексика песосы", "Mexican peso"),
    "MYR": ("RM", "малайзийский ринггит", "Малайзия ринггиті", "Malaysian ringgit"),
    "NOK": ("NOK", "норвежская крона", "Норвегия кронасы", "Norwegian krone"),
    "OMR": ("OMR", "оманский риал", "Оман риалы", "Omani rial"),
    "PKR": ("PKR", "пакистанская рупия", "Пәкістан рупиясы", "Pakistani rupee"),
    "PLN": ("zł", "польский злотый", "польша злоты", "Polish zloty"),
    "QAR": ("QAR", "катарский риал", "Катар риалы", "Qatari rial"),
    "RON": ("RON", "румынский лей", "румын лейі", "Romanian leu"),
    "RUB": ("₽", "российский рубль", "Ресей рублі", "Russian rouble"),
    "RUR": (
        "RUR",
        "российский рубль (до 1998)",
        "Ресей рублі (1998 жылға дейін)",
        "Russian rouble (until 1997)",
    ),
    "SAR": ("SAR", "саудовский риял", "Сауд Арабиясының риялы", "Saudi riyal"),
    "SEK": ("SEK", "шведская крона", "Швеция кронасы", "Swedish krona"),
    "SGD": ("S$", "сингапурский доллар", "Сингапур доллары", "Singapore dollar"),
    "THB": ("฿", "тайский бат", "Тайланд баты", "Thai baht"),
    "TJS": ("TJS", "таджикский сомони", "тәжік сомониі", "Tajik somoni"),
    "TRL": (
        "TRL",
        "турецкая лира (до 2005)",
        "түрік лирасы (2005 жылға дейін)",
        "Turkish lira (until 2005)",
    ),
    "TRY": ("₺", "турецкая лира", "түрік лирасы", "Turkish lira"),
    "UAH": ("₴", "украинская гривна", "украин гривнасы", "Ukrainian hryvnia"),
    "USD": ("$", "доллар США", "АҚШ доллары", "US dollar"),
    "UZS": ("UZS", "узбекский сум", "өзбек сомы", "Uzbek sum"),
    "VND": ("₫", "вьетнамский донг", "Вьетнам донгы", "Vietnamese dong"),
    # The IMF's special drawing rights, which the bank calls СДР.
    "XDR": ("XDR", "СДР", "СДР (арнайы қарыз алу құқығы)", "IMF special drawing rights"),
    "ZAR": ("R", "южноафриканский рэнд", "Оңтүстік Африка рэнді", "South African rand"),
}

_ROUBLE = "the rouble was redenominated on 1998-01-01"
_LIRA = "the bank changed from the old Turkish lira to the new one on 2005-01-06"
_BELARUS = "the bank changed to the new Belarusian rouble on 2016-07-02"

# Law: the first and the last day of a unit, why, the code it replaced and the one after it. The
# change is the bank's own day where it differs from the issuing country's: of the lira it was
# 2005-01-01, of the Belarusian rouble 2016-07-01.
_UNITS: "dict[str, Unit]" = {
    "AZN": ("2006-01-01", "", "the new manat began on 2006-01-01", None, None),
    "BRL": ("1994-07-01", "", "the real began on 1994-07-01", None, None),
    "BYN": ("2016-07-02", "", _BELARUS, "BYR", None),
    "BYR": (
        "2000-01-01",
        "2016-07-01",
        "the Belarusian rouble BYR was the unit from 2000-01-01 to 2016-07-01",
        None,
        "BYN",
    ),
    "EEK": ("", "2010-12-31", "the euro replaced the kroon on 2011-01-01", None, "EUR"),
    "EUR": ("1999-01-01", "", "the euro began on 1999-01-01", None, None),
    "GEL": ("1995-10-02", "", "the lari began on 1995-10-02", None, None),
    "LTL": ("", "2014-12-31", "the euro replaced the litas on 2015-01-01", None, "EUR"),
    "LVL": ("", "2013-12-31", "the euro replaced the lats on 2014-01-01", None, "EUR"),
    "PLN": ("1995-01-01", "", "the new zloty began on 1995-01-01", None, None),
    "RUB": (NEW_ROUBLE, "", _ROUBLE, "RUR", None),
    "RUR": ("", "1997-12-31", _ROUBLE, None, "RUB"),
    "TJS": ("2000-10-30", "", "the somoni began on 2000-10-30", None, None),
    "TRL": ("", "2005-01-05", _LIRA, None, "TRY"),
    "TRY": ("2005-01-06", "", _LIRA, "TRL", None),
    "UAH": ("1996-09-02", "", "the hryvnia began on 1996-09-02", None, None),
    "UZS": ("1994-07-01", "", "today's sum began on 1994-07-01", None, None),
}

# Evidence: the last sheet without a currency and the first with it, the last with it and the
# first without it. The sheet of 2013-04-24 has 34 codes, that of 2016-04-18 has 39, those from
# 2026-07-08 on have 48; the RSS of 2016 still had the last figures of EEK, LVL and TRL.
_ON_2013: "Seen" = ("", "2013-04-24", "", "")
_AFTER_2013: "Seen" = ("2013-04-24", "2016-04-18", "", "")
_AFTER_2014: "Seen" = ("2014-03-09", "2016-04-18", "", "")
_FROM_2014: "Seen" = ("2014-02-24", "2014-02-25", "", "")
_FROM_2026: "Seen" = ("2026-07-07", "2026-07-08", "", "")

_SEEN: "dict[str, Seen]" = {
    "AMD": _AFTER_2014,
    "AZN": _FROM_2014,
    "BYN": ("2016-07-01", "2016-07-02", "", ""),
    "BYR": ("", "2013-04-24", "2016-07-01", "2016-07-02"),
    "CNY": ("", "1996-02-05", "", ""),  # reported
    "EEK": ("", "2010-12-31", "2010-12-31", "2011-01-01"),
    "EGP": _FROM_2026,
    "EUR": ("", "1999-01-01", "", ""),  # reported
    "GEL": _AFTER_2014,
    "IDR": _FROM_2026,
    "ILS": _FROM_2026,
    "INR": _FROM_2014,
    "IRR": _AFTER_2013,
    "LTL": ("", "2013-04-24", "2013-04-24", "2016-04-18"),
    "LVL": ("", "2013-04-24", "2013-12-31", "2014-01-01"),
    "MNT": _FROM_2026,
    "MXN": _AFTER_2014,
    "OMR": _FROM_2026,
    "PKR": _FROM_2026,
    "QAR": _FROM_2026,
    "RON": _FROM_2026,
    "RUR": ("", "1993-11-18", "1997-12-31", ""),  # reported
    "THB": _AFTER_2013,
    "TRL": ("", "2005-01-05", "2005-01-05", "2005-01-06"),
    "TRY": ("2005-01-05", "2005-01-06", "", ""),
    "USD": ("", "1993-11-18", "", ""),  # reported
    "VND": _FROM_2026,
}

_ONE: "tuple[Span, ...]" = ((1, "", VERIFIED_UNTIL),)
_ONE_OF_2016: "tuple[Span, ...]" = ((1, "2016-04-18", VERIFIED_UNTIL),)
_ONE_OF_2026: "tuple[Span, ...]" = ((1, "2026-07-08", VERIFIED_UNTIL),)

# The daily feed of 2013-04-24 has today's nominals for BYR, HUF and UZS, wrongly: all were per 1.
_SPANS: "dict[str, tuple[Span, ...]]" = {
    # 12.72 per 10 on 2026-04-01.
    "AMD": ((10, "2016-04-18", VERIFIED_UNTIL),),
    "AZN": _ONE_OF_2016,
    "BYN": ((1, "2016-07-02", VERIFIED_UNTIL),),
    # 0.02 per 1 until 2014-02-24, 1.9 per 100 the day after; 1.68 per 100 at the end.
    "BYR": ((1, "", "2014-02-24"), (100, "2014-02-25", "2016-07-01")),
    "EEK": ((1, "", "2010-12-31"),),
    "EGP": _ONE_OF_2026,
    "GEL": _ONE_OF_2016,
    # 0.65 per 1 on 2013-04-24, 12.11 per 10 on 2016-04-18.
    "HUF": ((1, "", "2013-04-24"), (10, "2016-04-18", VERIFIED_UNTIL)),
    # 25.83 per 1000 on 2026-08-21; 1000 is inferred from the size.
    "IDR": ((1000, "2026-07-08", VERIFIED_UNTIL),),
    "ILS": _ONE_OF_2026,
    "INR": _ONE_OF_2016,
    # 0.5 per 1000 after its fall on 2026-01-09, which is real; 3.43 per 10000 on 2026-07-08.
    "IRR": ((1000, "2016-04-18", "2026-07-07"), (10000, "2026-07-08", VERIFIED_UNTIL)),
    # 10 in 2005, 1 by 2010.
    "JPY": ((10, "", "2005-12-31"), (1, "2010-01-01", VERIFIED_UNTIL)),
    "KRW": ((100, "", VERIFIED_UNTIL),),
    "LTL": ((1, "", "2013-04-24"),),
    "LVL": ((1, "", "2013-12-31"),),
    # 100 is inferred from the size.
    "MNT": ((100, "2026-07-08", VERIFIED_UNTIL),),
    "MXN": _ONE_OF_2016,
    "OMR": _ONE_OF_2026,
    "PKR": _ONE_OF_2026,
    "QAR": _ONE_OF_2026,
    "RON": _ONE_OF_2026,
    "RUR": ((1000, "", "1997-12-31"),),
    "THB": _ONE_OF_2016,
    "TRL": ((1000, "", "2005-01-05"),),
    # 0.08 per 1 until 2014-02-24, 8.33 per 100 the day after.
    "UZS": ((1, "", "2014-02-24"), (100, "2014-02-25", VERIFIED_UNTIL)),
    "VND": ((1000, "2026-07-08", VERIFIED_UNTIL),),
}

_NO_BOUNDS: "Unit" = ("", "", "", None, None)

FACTS: "dict[str, Facts]" = {
    code: Facts(
        *names, _UNITS.get(code, _NO_BOUNDS), _SEEN.get(code, _ON_2013), _SPANS.get(code, _ONE)
    )
    for code, names in _NAMES.items()
}
TENGE = Facts("₸", "казахстанский тенге", "Қазақстан теңгесі", "Kazakhstani tenge")

MAX_SUGGESTIONS = 3
DATES = "a date is given as on=, for a history as start= and end="
ROUBLES = ("RUB", "RUR")


def parse_code(code: str) -> str:
    """Return a currency code in capitals.

    Raises `TypeError` for what is not text, `UnknownCurrency` for what cannot be a code.
    """
    if not isinstance(code, str):
        hint = f"; {DATES}" if isinstance(code, date) else ""
        raise TypeError(f"a currency code is text, not {type(code).__name__}{hint}")
    upper = code.upper()
    if not code.isascii() or not is_code(upper):  # "ſ" is a capital S for Python
        raise unknown(code)
    return upper


def is_code(text: str) -> bool:
    """Say whether a text is three ASCII capitals, as the bank writes its codes."""
    return len(text) == 3 and text.isascii() and text.isalpha() and text.isupper()


def unknown(code: str, also: "Collection[str]" = ()) -> UnknownCurrency:
    """Make the error for a code nobody knows; `also` are the codes a store knows."""
    given = code[:20]
    shown = given.upper() if given.isascii() else given
    suggestions, hint = _suggestions(given, sorted({KZT, *FACTS, *also}))
    return UnknownCurrency(
        f"unknown currency {shown!r}: {hint}", code=shown, suggestions=suggestions
    )


def _suggestions(given: str, known: "Sequence[str]") -> "tuple[tuple[str, ...], str]":
    """Return the codes that may be meant, and what to say of them."""
    from difflib import get_close_matches

    from kzt_rates.currency_words import codes_meant

    if _is_date(given):
        return (), DATES
    meant = codes_meant(given)[:MAX_SUGGESTIONS]
    if len(meant) == 1:
        return meant, f"write the code {meant[0]}"
    # two of three letters right is a typing error; less is another word
    near = meant or tuple(get_close_matches(given.upper(), known, MAX_SUGGESTIONS, cutoff=0.6))
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    return near, f"the National Bank of Kazakhstan publishes no such code today{hint}"


def _is_date(text: str) -> bool:
    try:
        parse_date(text)
    except ValueError:
        return False
    return True


def symbol_of(code: str) -> str:
    """Return the sign of a currency, or its code where it has none of its own.

    >>> symbol_of("CNY"), symbol_of("JPY"), symbol_of("AED")
    ('¥', 'JP¥', 'AED')
    """
    facts = TENGE if code == KZT else FACTS.get(code)
    return code if facts is None else facts.symbol


def published_code(code: str, day: "date") -> str:
    """Return the code that a feed's RUR or RUB stands for on a day; others are themselves."""
    if code in ROUBLES:
        return "RUB" if day.isoformat() >= NEW_ROUBLE else "RUR"
    return code


def exists_on(code: str, day: "date") -> bool:
    """Say whether a unit exists on a day by law; a code of no table does, with the tenge.

    >>> exists_on("EUR", date(1998, 12, 31)), exists_on("INR", date(2005, 5, 5))
    (False, True)
    """
    on, facts = day.isoformat(), FACTS.get(code)
    if on < TENGE_SINCE:
        return False
    return facts is None or (
        facts.unit_since <= on and (not facts.unit_until or on <= facts.unit_until)
    )


def why_not_on(code: str, day: "date") -> str:
    """Return why a unit does not exist on a day, and what was there instead; `""` where it does.

    >>> why_not_on("TRY", date(2004, 5, 5))
    'the bank changed from the old Turkish lira to the new one on 2005-01-06; before, it was TRL'
    """
    if exists_on(code, day):
        return ""
    on, facts = day.isoformat(), FACTS.get(code)
    if facts is None or on < TENGE_SINCE:
        return f"there was no tenge before {TENGE_SINCE}"
    if on < facts.unit_since:
        kin = f"; before, it was {facts.predecessor}" if facts.predecessor else ""
    else:
        kin = f"; its successor is {facts.successor}" if facts.successor else ""
    return facts.law + kin


def unit_life(code: str) -> "tuple[date | None, date | None]":
    """Return a unit's first and last day by law, `None` where nothing but the tenge bounds it.

    >>> unit_life("BYR"), unit_life("INR")
    ((datetime.date(2000, 1, 1), datetime.date(2016, 7, 1)), (None, None))
    """
    facts = FACTS.get(code)
    if facts is None:
        return None, None
    return _date(facts.unit_since), _date(facts.unit_until)


def quoted_on(day: "date") -> "frozenset[str]":
    """Return the codes to expect on a sheet: seen on this day or before, and after or still.

    After 2026-07-08 these are 48. Of the years before the first saved sheets little is expected.
    """
    on = day.isoformat()
    return frozenset(
        code
        for code, facts in FACTS.items()
        if facts.seen_since <= on and (not facts.seen_until or on <= facts.seen_until)
    )


def codes_out_of_time(codes: "Iterable[str]", day: "date") -> "frozenset[str]":
    """Return the codes that are surely of another time: by law, or by two sheets a day apart.

    >>> sorted(codes_out_of_time(["USD", "PKR", "EEK", "AMD"], date(2014, 3, 1)))
    ['EEK', 'PKR']
    """
    return frozenset(code for code in codes if _is_out_of_time(code, day))


def _is_out_of_time(code: str, day: "date") -> bool:
    if not exists_on(code, day):
        return True
    on, facts = day.isoformat(), FACTS.get(code)
    if facts is None:
        return False
    if on < facts.seen_since:
        return _is_to_the_day(facts.absent_until, facts.seen_since)
    return on > facts.seen_until and _is_to_the_day(facts.seen_until, facts.absent_since)


def _is_to_the_day(before: str, after: str) -> bool:
    """Say whether two sheets, the one with and the other without, are no more than a day apart."""
    if not before or not after:
        return False
    return date.fromisoformat(after) - date.fromisoformat(before) <= ONE_DAY


def nominal_on(code: str, day: "date") -> "int | None":
    """Return the nominal that the table has for a day.

    `None` where it does not say: between two spans, after `VERIFIED_UNTIL`, for a code it does
    not know or that did not exist.

    >>> nominal_on("UZS", date(2014, 2, 24)), nominal_on("UZS", date(2014, 2, 25))
    (1, 100)
    >>> nominal_on("HUF", date(2014, 2, 25)) is None
    True
    """
    facts = FACTS.get(code)
    if facts is None or not exists_on(code, day):
        return None
    on = day.isoformat()
    return next((nominal for nominal, first, last in facts.spans if first <= on <= last), None)


def nominals_on(code: str, day: "date") -> "tuple[int, ...] | None":
    """Return the nominals a currency can have been quoted for on a day.

    `()` where the bank did not quote it then, two where the change lies somewhere between
    the days on record, `None` for a code the table does not know.
    """
    facts = FACTS.get(code)
    if facts is None:
        return None
    on = day.isoformat()
    if on < facts.unit_since or (facts.unit_until and on > facts.unit_until):
        return ()
    if on <= facts.absent_until or (facts.absent_since and on >= facts.absent_since):
        return ()
    before = [nominal for nominal, first, _ in facts.spans if first <= on]
    after = [nominal for nominal, _, last in facts.spans if on <= last]
    possible = {*before[-1:], *after[:1]}
    return tuple(sorted(possible))


def is_quoted_on(code: str, day: "date") -> bool:
    """Say whether the bank can have quoted a currency on a day; a code of no table can be any."""
    return nominals_on(code, day) != ()


def life_of(code: str) -> "tuple[date | None, date | None]":
    """Return the first and the last day the bank can have quoted a currency, as far as known.

    >>> life_of("TRL"), life_of("BYN")
    ((None, datetime.date(2005, 1, 5)), (datetime.date(2016, 7, 2), None))
    """
    facts = FACTS.get(code)
    if facts is None:
        return None, None
    since, until = _date(facts.unit_since), _date(facts.unit_until)
    absent_until, absent_since = _date(facts.absent_until), _date(facts.absent_since)
    if absent_until is not None:
        since = max(since or date.min, absent_until + ONE_DAY)
    if absent_since is not None:
        until = min(until or date.max, absent_since - ONE_DAY)
    return since, until


def _date(text: str) -> "date | None":
    return date.fromisoformat(text) if text else None


def existed_between(code: str, start: "date", end: "date") -> bool:
    """Whether a unit existed, by law, on any day of a range.

    >>> existed_between("EUR", date(1997, 1, 1), date(1998, 12, 31))
    False
    """
    since, until = unit_life(code)
    first = date.fromisoformat(TENGE_SINCE) if since is None else since
    return end >= first and (until is None or start <= until)


def kin_of(code: str) -> "tuple[str | None, str | None]":
    """Return the currency that a currency replaced, and the one that replaced it."""
    facts = FACTS.get(code)
    if facts is None:
        return None, None
    return facts.predecessor, facts.successor


def nominal_now(code: str) -> "int | None":
    """Return the last nominal on record, `None` for a code the table does not know."""
    facts = FACTS.get(code)
    return None if facts is None else facts.spans[-1][0]
