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
    `number` is the code of ISO 4217 in digits; `export_id` is the id by which the bank's form asks
    for the currency, `None` where it is not known (the nine added in 2026) or does not exist
    (those that were gone before the form was made). `words` are what people write in place of the
    code and the names do not have.
    """

    __slots__ = (
        "absent_since", "absent_until", "export_id", "law", "name_en", "name_kk", "name_ru",
        "number", "predecessor", "seen_since", "seen_until", "spans", "successor", "symbol",
        "unit_since", "unit_until", "words",
    )  # fmt: skip

    def __init__(
        self,
        symbol: str,
        number: str,
        export_id: "int | None",
        name_ru: "str | None",
        name_kk: "str | None",
        name_en: "str | None",
        *,
        words: str = "",
        unit: "Unit" = ("", "", "", None, None),
        seen: "Seen" = ("", "2013-04-24", "", ""),
        spans: "tuple[Span, ...]" = ((1, "", VERIFIED_UNTIL),),
    ) -> None:
        self.symbol = symbol
        self.number = number
        self.export_id = export_id
        self.name_ru = name_ru
        self.name_kk = name_kk
        self.name_en = name_en
        self.words = words
        self.unit_since, self.unit_until, self.law, self.predecessor, self.successor = unit
        self.absent_until, self.seen_since, self.seen_until, self.absent_since = seen
        self.spans = spans


_ROUBLE = "the rouble was redenominated on 1998-01-01"
_LIRA = "the bank changed from the old Turkish lira to the new one on 2005-01-06"
_OLD_BELARUS = "the Belarusian rouble BYR was the unit from 2000-01-01 to 2016-07-01"
_BELARUS = "the bank changed to the new Belarusian rouble on 2016-07-02"

# The sheet of 2013-04-24 has 34 codes, that of 2016-04-18 has 39, those from 2026-07-08 on have
# 48; the RSS of 2016 still had the last figures of EEK, LVL and TRL.
_AFTER_2013: "Seen" = ("2013-04-24", "2016-04-18", "", "")
_AFTER_2014: "Seen" = ("2014-03-09", "2016-04-18", "", "")
_FROM_2014: "Seen" = ("2014-02-24", "2014-02-25", "", "")
_FROM_2026: "Seen" = ("2026-07-07", "2026-07-08", "", "")

_ONE_OF_2016: "tuple[Span, ...]" = ((1, "2016-04-18", VERIFIED_UNTIL),)
_ONE_OF_2026: "tuple[Span, ...]" = ((1, "2026-07-08", VERIFIED_UNTIL),)

# A new currency is a row here and nothing else. The day of a change is the bank's own where it
# differs from the issuing country's: of the lira that was 2005-01-01, of the Belarusian rouble
# 2016-07-01. The daily feed of 2013-04-24 has today's nominals for BYR, HUF and UZS, wrongly: all
# were per 1. BYR and RUR are asked for by the ids of BYN and RUB.
# fmt: off
FACTS: "dict[str, Facts]" = {
    "AED": Facts("AED", "784", 4, "дирхам ОАЭ", "БАӘ дирхамы", "UAE dirham"),
    "AMD": Facts(
        "֏", "051", 51, "армянский драм", "армян драмы", "Armenian dram",
        seen=_AFTER_2014,
        # 12.72 per 10 on 2026-04-01.
        spans=((10, "2016-04-18", VERIFIED_UNTIL),),
    ),
    "AUD": Facts(
        "A$", "036", 1, "австралийский доллар", "Аустралия доллары", "Australian dollar",
    ),
    "AZN": Facts(
        "₼", "944", 48, "азербайджанский манат", "әзербайжан манаты", "Azerbaijani manat",
        unit=("2006-01-01", "", "the new manat began on 2006-01-01", None, None),
        seen=_FROM_2014,
        spans=_ONE_OF_2016,
    ),
    "BRL": Facts(
        "R$", "986", 46, "бразильский реал", "Бразилия реалы", "Brazilian real",
        unit=("1994-07-01", "", "the real began on 1994-07-01", None, None),
    ),
    "BYN": Facts(
        "Br", "933", 38, "белорусский рубль", "Беларусь рублі", "Belarusian rouble",
        unit=("2016-07-02", "", _BELARUS, "BYR", None),
        seen=("2016-07-01", "2016-07-02", "", ""),
        spans=((1, "2016-07-02", VERIFIED_UNTIL),),
    ),
    "BYR": Facts(
        "BYR", "974", 38, "белорусский рубль (2000–2016)", "Беларусь рублі (2000–2016)",
        "Belarusian rouble (2000–2016)",
        unit=("2000-01-01", "2016-07-01", _OLD_BELARUS, None, "BYN"),
        seen=("", "2013-04-24", "2016-07-01", "2016-07-02"),
        # 0.02 per 1 until 2014-02-24, 1.9 per 100 the day after; 1.68 per 100 at the end.
        spans=((1, "", "2014-02-24"), (100, "2014-02-25", "2016-07-01")),
    ),
    "CAD": Facts("C$", "124", 7, "канадский доллар", "Канада доллары", "Canadian dollar"),
    "CHF": Facts(
        "CHF", "756", 23, "швейцарский франк", "швейцар франкі", "Swiss franc",
        words="franc франк",
    ),
    "CNY": Facts(
        "¥", "156", 8, "китайский юань", "Қытай юані", "Chinese yuan",
        words="yuan юань юани юаней rmb renminbi cnh",
        seen=("", "1996-02-05", "", ""),  # reported
    ),
    "CZK": Facts("Kč", "203", 43, "чешская крона", "чех кронасы", "Czech koruna"),
    "DKK": Facts("DKK", "208", 3, "датская крона", "дат кронасы", "Danish krone"),
    "EEK": Facts(
        "EEK", "233", None, "эстонская крона", "эстон кронасы", "Estonian kroon",
        unit=("", "2010-12-31", "the euro replaced the kroon on 2011-01-01", None, "EUR"),
        seen=("", "2010-12-31", "2010-12-31", "2011-01-01"),
        spans=((1, "", "2010-12-31"),),
    ),
    "EGP": Facts(
        "E£", "818", None, "египетский фунт", "Мысыр фунты", "Egyptian pound",
        seen=_FROM_2026,
        spans=_ONE_OF_2026,
    ),
    "EUR": Facts(
        "€", "978", 6, "евро", "еуро", "euro",
        words="euros",
        unit=("1999-01-01", "", "the euro began on 1999-01-01", None, None),
        seen=("", "1999-01-01", "", ""),  # reported
    ),
    "GBP": Facts(
        "£", "826", 2, "фунт стерлингов", "фунт стерлинг", "pound sterling",
        words="pound pounds фунт стерлинг",
    ),
    "GEL": Facts(
        "₾", "981", 52, "грузинский лари", "грузин лариі", "Georgian lari",
        unit=("1995-10-02", "", "the lari began on 1995-10-02", None, None),
        seen=_AFTER_2014,
        spans=_ONE_OF_2016,
    ),
    "HKD": Facts("HK$", "344", 45, "гонконгский доллар", "Гонконг доллары", "Hong Kong dollar"),
    "HUF": Facts(
        "Ft", "348", 42, "венгерский форинт", "венгр форинті", "Hungarian forint",
        # 0.65 per 1 on 2013-04-24, 12.11 per 10 on 2016-04-18.
        spans=((1, "", "2013-04-24"), (10, "2016-04-18", VERIFIED_UNTIL)),
    ),
    "IDR": Facts(
        "Rp", "360", None, "индонезийская рупия", "Индонезия рупиясы", "Indonesian rupiah",
        seen=_FROM_2026,
        # 25.83 per 1000 on 2026-08-21; 1000 is inferred from the size.
        spans=((1000, "2026-07-08", VERIFIED_UNTIL),),
    ),
    "ILS": Facts(
        "₪", "376", None, "израильский шекель", "Израиль шекелі", "Israeli shekel",
        seen=_FROM_2026,
        spans=_ONE_OF_2026,
    ),
    "INR": Facts(
        "₹", "356", 49, "индийская рупия", "үнді рупийі", "Indian rupee",
        seen=_FROM_2014,
        spans=_ONE_OF_2016,
    ),
    "IRR": Facts(
        "IRR", "364", 53, "иранский риал", "Иран риалы", "Iranian rial",
        seen=_AFTER_2013,
        # 0.5 per 1000 after its fall on 2026-01-09, which is real; 3.43 per 10000 on 2026-07-08.
        spans=((1000, "2016-04-18", "2026-07-07"), (10000, "2026-07-08", VERIFIED_UNTIL)),
    ),
    "JPY": Facts(
        "JP¥", "392", 26, "японская иена", "жапон йені", "Japanese yen",
        words="yen иена йена иен",
        # 10 in 2005, 1 by 2010.
        spans=((10, "", "2005-12-31"), (1, "2010-01-01", VERIFIED_UNTIL)),
    ),
    "KGS": Facts(
        "KGS", "417", 10, "киргизский сом", "қырғыз сомы", "Kyrgyz som",
        words="som сом",
    ),
    "KRW": Facts(
        "₩", "410", 25, "южнокорейская вона", "Оңтүстік Корея воны", "South Korean won",
        spans=((100, "", VERIFIED_UNTIL),),
    ),
    "KWD": Facts("KWD", "414", 9, "кувейтский динар", "Кувейт динары", "Kuwaiti dinar"),
    "LTL": Facts(
        "LTL", "440", None, "литовский лит", "Литва литі", "Lithuanian litas",
        unit=("", "2014-12-31", "the euro replaced the litas on 2015-01-01", None, "EUR"),
        seen=("", "2013-04-24", "2013-04-24", "2016-04-18"),
        spans=((1, "", "2013-04-24"),),
    ),
    "LVL": Facts(
        "LVL", "428", None, "латвийский лат", "Латвия латы", "Latvian lats",
        unit=("", "2013-12-31", "the euro replaced the lats on 2014-01-01", None, "EUR"),
        seen=("", "2013-04-24", "2013-12-31", "2014-01-01"),
        spans=((1, "", "2013-12-31"),),
    ),
    "MDL": Facts("MDL", "498", 13, "молдавский лей", "молдаван лейі", "Moldovan leu"),
    "MNT": Facts(
        "₮", "496", None, "монгольский тугрик", "моңғол тугригі", "Mongolian tugrik",
        seen=_FROM_2026,
        # 100 is inferred from the size.
        spans=((100, "2026-07-08", VERIFIED_UNTIL),),
    ),
    "MXN": Facts(
        "MX$", "484", 54, "мексиканское песо", "Мексика песосы", "Mexican peso",
        seen=_AFTER_2014,
        spans=_ONE_OF_2016,
    ),
    "MYR": Facts(
        "RM", "458", 47, "малайзийский ринггит", "Малайзия ринггиті", "Malaysian ringgit",
    ),
    "NOK": Facts("NOK", "578", 14, "норвежская крона", "Норвегия кронасы", "Norwegian krone"),
    "OMR": Facts(
        "OMR", "512", None, "оманский риал", "Оман риалы", "Omani rial",
        seen=_FROM_2026,
        spans=_ONE_OF_2026,
    ),
    "PKR": Facts(
        "PKR", "586", None, "пакистанская рупия", "Пәкістан рупиясы", "Pakistani rupee",
        seen=_FROM_2026,
        spans=_ONE_OF_2026,
    ),
    "PLN": Facts(
        "zł", "985", 39, "польский злотый", "польша злоты", "Polish zloty",
        unit=("1995-01-01", "", "the new zloty began on 1995-01-01", None, None),
    ),
    "QAR": Facts(
        "QAR", "634", None, "катарский риал", "Катар риалы", "Qatari rial",
        seen=_FROM_2026,
        spans=_ONE_OF_2026,
    ),
    "RON": Facts(
        "RON", "946", None, "румынский лей", "румын лейі", "Romanian leu",
        seen=_FROM_2026,
        spans=_ONE_OF_2026,
    ),
    "RUB": Facts(
        "₽", "643", 16, "российский рубль", "Ресей рублі", "Russian rouble",
        words="rouble roubles ruble rubles рубль рубли рублей рублях руб руб. р р.",
        unit=("1998-01-01", "", _ROUBLE, "RUR", None),
    ),
    "RUR": Facts(
        "RUR", "810", 16, "российский рубль (до 1998)", "Ресей рублі (1998 ж. дейін)",
        "Russian rouble (until 1998)",
        unit=("", "1997-12-31", _ROUBLE, None, "RUB"),
        seen=("", "1993-11-18", "1997-12-31", ""),  # reported
        spans=((1000, "", "1997-12-31"),),
    ),
    "SAR": Facts("SAR", "682", 15, "саудовский риял", "Сауд Арабиясының риялы", "Saudi riyal"),
    "SEK": Facts("SEK", "752", 22, "шведская крона", "Швеция кронасы", "Swedish krona"),
    "SGD": Facts(
        "S$", "702", 18, "сингапурский доллар", "Сингапур доллары", "Singapore dollar",
    ),
    "THB": Facts(
        "฿", "764", 50, "тайский бат", "Тайланд баты", "Thai baht",
        seen=_AFTER_2013,
        spans=_ONE_OF_2016,
    ),
    "TJS": Facts(
        "TJS", "972", 44, "таджикский сомони", "тәжік сомониі", "Tajik somoni",
        unit=("2000-10-30", "", "the somoni began on 2000-10-30", None, None),
    ),
    "TRL": Facts(
        "TRL", "792", None, "турецкая лира (до 2005)", "түрік лирасы (2005 ж. дейін)",
        "Turkish lira (until 2005)",
        unit=("", "2005-01-05", _LIRA, None, "TRY"),
        seen=("", "2005-01-05", "2005-01-05", "2005-01-06"),
        spans=((1000, "", "2005-01-05"),),
    ),
    "TRY": Facts(
        "₺", "949", 41, "турецкая лира", "түрік лирасы", "Turkish lira",
        words="lira лира лиры",
        unit=("2005-01-06", "", _LIRA, "TRL", None),
        seen=("2005-01-05", "2005-01-06", "", ""),
    ),
    "UAH": Facts(
        "₴", "980", 21, "украинская гривна", "украин гривнасы", "Ukrainian hryvnia",
        unit=("1996-09-02", "", "the hryvnia began on 1996-09-02", None, None),
    ),
    "USD": Facts(
        "$", "840", 5, "доллар США", "АҚШ доллары", "US dollar",
        words="dollar dollars доллар доллары долларов долл долл. buck bucks бакс баксы us$ usd$",
        seen=("", "1993-11-18", "", ""),  # reported
    ),
    "UZS": Facts(
        "UZS", "860", 20, "узбекский сум", "өзбек сомы", "Uzbek sum",
        words="sum soum сум",
        unit=("1994-07-01", "", "today's sum began on 1994-07-01", None, None),
        # 0.08 per 1 until 2014-02-24, 8.33 per 100 the day after.
        spans=((1, "", "2014-02-24"), (100, "2014-02-25", VERIFIED_UNTIL)),
    ),
    "VND": Facts(
        "₫", "704", None, "вьетнамский донг", "Вьетнам донгы", "Vietnamese dong",
        seen=_FROM_2026,
        spans=((1000, "2026-07-08", VERIFIED_UNTIL),),
    ),
    # The IMF's special drawing rights, which the bank calls СДР.
    "XDR": Facts(
        "XDR", "960", 17, "СДР", "СДР (арнайы қарыз алу құқығы)", "IMF special drawing rights",
        words="sdr",
    ),
    "ZAR": Facts(
        "R", "710", 40, "южноафриканский рэнд", "Оңтүстік Африка рэнді", "South African rand",
    ),
}
TENGE = Facts(
    "₸", "398", None, "казахстанский тенге", "Қазақстан теңгесі", "Kazakhstani tenge",
    words="tenge тенге теңге тг тг. т т.",
)
# fmt: on

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
    """Whether a text is three ASCII capitals, as the bank writes its codes."""
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
    from difflib import get_close_matches  # here: only a mistake needs it

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


def codes_meant(text: str) -> tuple[str, ...]:
    """Return the codes that a text may stand for, those in use first; none for another word.

    >>> codes_meant("€"), codes_meant("840"), codes_meant("доллар"), codes_meant("крона")[0]
    (('EUR',), ('USD',), ('USD',), 'CZK')
    """
    word = " ".join(text.casefold().split())
    known = {KZT: TENGE, **FACTS}
    for code, facts in known.items():
        if word in (facts.number, *facts.words.split()):
            return (code,)
    signs = [code for code, facts in known.items() if facts.symbol.casefold() == word]
    if signs:
        return tuple(signs)
    found = []
    for code, facts in known.items():
        names = [name.casefold() for name in (facts.name_en, facts.name_kk, facts.name_ru) if name]
        if word in names:
            return (code,)
        if any(word in name.split() for name in names):
            found.append(code)
    return tuple(sorted(found, key=lambda code: bool(known[code].successor)))


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
    """Whether a unit exists on a day by law; a code of no table does, with the tenge.

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
    """Whether two sheets, the one with and the other without, are no more than a day apart."""
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
    """Whether the bank can have quoted a currency on a day; a code of no table can be any."""
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
