"""The table of currencies: names, units by law, the sheets they were seen on, their nominals.

Dates here are ISO text: it compares as dates do, and costs nothing to import.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
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
