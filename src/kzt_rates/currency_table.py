"""The table of currencies: signs, names, and the nominals they were quoted for, with evidence.

Dates here are ISO text: it compares as dates do, and costs nothing to import.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    Span = tuple[int, str, str]

# The last day that the nominals below were compared with the bank's own figures.
VERIFIED_UNTIL = "2026-08-21"

# Before this day the rouble is the old one, RUR; the feeds write RUR and RUB for either.
NEW_ROUBLE = "1998-01-01"


class Facts:
    """What is known of one currency, whatever the bank publishes today.

    `since` and `until` bound the days the bank can have quoted it, `""` where that is not
    known. `spans` are the nominals on record, each with the first and the last day it was seen.
    """

    __slots__ = ("name_en", "name_kk", "name_ru", "since", "spans", "successor", "symbol", "until")

    def __init__(
        self,
        symbol: str,
        name_ru: "str | None",
        name_kk: "str | None",
        name_en: "str | None",
        *,
        since: str = "",
        until: str = "",
        spans: "tuple[Span, ...]" = ((1, "", VERIFIED_UNTIL),),
        successor: "str | None" = None,
    ) -> None:
        self.symbol = symbol
        self.name_ru = name_ru
        self.name_kk = name_kk
        self.name_en = name_en
        self.since = since
        self.until = until
        self.spans = spans
        self.successor = successor


def _of_2026(nominal: int = 1) -> "tuple[Span, ...]":
    return ((nominal, "2026-07-08", VERIFIED_UNTIL),)


def _of_2016(nominal: int = 1) -> "tuple[Span, ...]":
    return ((nominal, "2016-04-18", VERIFIED_UNTIL),)


# The sheet of 2013-04-24 has 34 codes, that of 2016-04-18 has 39, those from 2026-07-08 on have
# 48. Seven codes came between the first two (the day is not known), nine with the last.
_AFTER_2013 = "2013-04-25"
_FROM_2026 = "2026-07-08"

FACTS: "dict[str, Facts]" = {
    "AED": Facts("AED", "дирхам ОАЭ", "БАӘ дирхамы", "UAE dirham"),
    # 12.72 per 10 on 2026-04-01.
    "AMD": Facts(
        "֏", "армянский драм", "армян драмы", "Armenian dram", since=_AFTER_2013, spans=_of_2016(10)
    ),
    "AUD": Facts("A$", "австралийский доллар", "Аустралия доллары", "Australian dollar"),
    "AZN": Facts(
        "₼",
        "азербайджанский манат",
        "әзербайжан манаты",
        "Azerbaijani manat",
        since=_AFTER_2013,
        spans=_of_2016(),
    ),
    "BRL": Facts("R$", "бразильский реал", "Бразилия реалы", "Brazilian real"),
    # 1.68 per 100 BYR until 2016-07-01, 170.73 per 1 BYN from the next day on.
    "BYN": Facts(
        "Br",
        "белорусский рубль",
        "Беларусь рублі",
        "Belarusian rouble",
        since="2016-07-02",
        spans=((1, "2016-07-02", VERIFIED_UNTIL),),
    ),
    # 0.02 per 1 on 2013-04-24 (the daily feed says 100 there, wrongly), 1.68 per 100 on 2016-04-18.
    "BYR": Facts(
        "BYR",
        "белорусский рубль (2000–2016)",
        "Беларусь рублі (2000–2016)",
        "Belarusian rouble (2000–2016)",
        until="2016-07-01",
        spans=((1, "", "2013-04-24"), (100, "2016-04-18", "2016-07-01")),
        successor="BYN",
    ),
    "CAD": Facts("C$", "канадский доллар", "Канада доллары", "Canadian dollar"),
    "CHF": Facts("CHF", "швейцарский франк", "Швейцария франкі", "Swiss franc"),
    "CNY": Facts("¥", "китайский юань", "Қытай юані", "Chinese yuan", since="1996-02-05"),
    "CZK": Facts("Kč", "чешская крона", "чех кронасы", "Czech koruna"),
    "DKK": Facts("DKK", "датская крона", "Дания кронасы", "Danish krone"),
    "EEK": Facts(
        "EEK",
        "эстонская крона",
        "эстон кронасы",
        "Estonian kroon",
        until="2010-12-31",
        spans=((1, "", "2010-12-31"),),
        successor="EUR",
    ),
    "EGP": Facts(
        "E£", "египетский фунт", "Мысыр фунты", "Egyptian pound", since=_FROM_2026, spans=_of_2026()
    ),
    "EUR": Facts("€", "евро", "еуро", "euro", since="1999-01-01"),
    "GBP": Facts("£", "фунт стерлингов", "фунт стерлинг", "pound sterling"),
    "GEL": Facts(
        "₾", "грузинский лари", "грузин лариі", "Georgian lari", since=_AFTER_2013, spans=_of_2016()
    ),
    "HKD": Facts("HK$", "гонконгский доллар", "Гонконг доллары", "Hong Kong dollar"),
    # 0.65 per 1 on 2013-04-24 (the daily feed says 10 there, wrongly), 12.11 per 10 on 2016-04-18.
    "HUF": Facts(
        "Ft",
        "венгерский форинт",
        "венгр форинті",
        "Hungarian forint",
        spans=((1, "", "2013-04-24"), (10, "2016-04-18", VERIFIED_UNTIL)),
    ),
    # 25.83 per 1000 on 2026-08-21; 1000 is inferred from the size.
    "IDR": Facts(
        "Rp",
        "индонезийская рупия",
        "Индонезия рупиясы",
        "Indonesian rupiah",
        since=_FROM_2026,
        spans=_of_2026(1000),
    ),
    "ILS": Facts(
        "₪",
        "израильский шекель",
        "Израиль шекелі",
        "Israeli shekel",
        since=_FROM_2026,
        spans=_of_2026(),
    ),
    "INR": Facts(
        "₹", "индийская рупия", "үнді рупиясы", "Indian rupee", since=_AFTER_2013, spans=_of_2016()
    ),
    # 0.5 per 1000 after its fall on 2026-01-09, which is real; 3.43 per 10000 on 2026-07-08.
    "IRR": Facts(
        "IRR",
        "иранский риал",
        "Иран риалы",
        "Iranian rial",
        since=_AFTER_2013,
        spans=((1000, "2016-04-18", "2026-07-07"), (10000, "2026-07-08", VERIFIED_UNTIL)),
    ),
    # 10 in 2005, 1 by 2010.
    "JPY": Facts(
        "JP¥",
        "японская иена",
        "жапон иенасы",
        "Japanese yen",
        spans=((10, "", "2005-12-31"), (1, "2010-01-01", VERIFIED_UNTIL)),
    ),
    "KGS": Facts("KGS", "киргизский сом", "қырғыз сомы", "Kyrgyz som"),
    "KRW": Facts(
        "₩",
        "южнокорейская вона",
        "Оңтүстік Корея воны",
        "South Korean won",
        spans=((100, "", VERIFIED_UNTIL),),
    ),
    "KWD": Facts("KWD", "кувейтский динар", "Кувейт динары", "Kuwaiti dinar"),
    "LTL": Facts(
        "LTL",
        "литовский лит",
        "Литва литі",
        "Lithuanian litas",
        until="2016-04-17",
        spans=((1, "", "2013-04-24"),),
        successor="EUR",
    ),
    "LVL": Facts(
        "LVL",
        "латвийский лат",
        "Латвия латы",
        "Latvian lats",
        until="2013-12-31",
        spans=((1, "", "2013-12-31"),),
        successor="EUR",
    ),
    "MDL": Facts("MDL", "молдавский лей", "молдаван лейі", "Moldovan leu"),
    # 100 is inferred from the size.
    "MNT": Facts(
        "₮",
        "монгольский тугрик",
        "моңғол тугригі",
        "Mongolian tugrik",
        since=_FROM_2026,
        spans=_of_2026(100),
    ),
    "MXN": Facts(
        "MX$",
        "мексиканское песо",
        "Мексика песосы",
        "Mexican peso",
        since=_AFTER_2013,
        spans=_of_2016(),
    ),
    "MYR": Facts("RM", "малайзийский ринггит", "Малайзия ринггиті", "Malaysian ringgit"),
    "NOK": Facts("NOK", "норвежская крона", "Норвегия кронасы", "Norwegian krone"),
    "OMR": Facts(
        "OMR", "оманский риал", "Оман риалы", "Omani rial", since=_FROM_2026, spans=_of_2026()
    ),
    "PKR": Facts(
        "PKR",
        "пакистанская рупия",
        "Пәкістан рупиясы",
        "Pakistani rupee",
        since=_FROM_2026,
        spans=_of_2026(),
    ),
    "PLN": Facts("zł", "польский злотый", "поляк злотыйы", "Polish zloty"),
    "QAR": Facts(
        "QAR", "катарский риал", "Катар риалы", "Qatari rial", since=_FROM_2026, spans=_of_2026()
    ),
    "RON": Facts(
        "RON", "румынский лей", "румын лейі", "Romanian leu", since=_FROM_2026, spans=_of_2026()
    ),
    "RUB": Facts("₽", "российский рубль", "Ресей рублі", "Russian rouble", since=NEW_ROUBLE),
    "RUR": Facts(
        "RUR",
        "российский рубль (до 1998)",
        "Ресей рублі (1998 жылға дейін)",
        "Russian rouble (until 1997)",
        until="1997-12-31",
        spans=((1000, "", "1997-12-31"),),
        successor="RUB",
    ),
    "SAR": Facts("SAR", "саудовский риял", "Сауд Арабиясының риялы", "Saudi riyal"),
    "SEK": Facts("SEK", "шведская крона", "Швеция кронасы", "Swedish krona"),
    "SGD": Facts("S$", "сингапурский доллар", "Сингапур доллары", "Singapore dollar"),
    "THB": Facts(
        "฿", "тайский бат", "Тайланд баты", "Thai baht", since=_AFTER_2013, spans=_of_2016()
    ),
    "TJS": Facts("TJS", "таджикский сомони", "тәжік сомониі", "Tajik somoni"),
    "TRL": Facts(
        "TRL",
        "турецкая лира (до 2005)",
        "түрік лирасы (2005 жылға дейін)",
        "Turkish lira (until 2005)",
        until="2005-01-05",
        spans=((1000, "", "2005-01-05"),),
        successor="TRY",
    ),
    "TRY": Facts("₺", "турецкая лира", "түрік лирасы", "Turkish lira", since="2005-01-06"),
    "UAH": Facts("₴", "украинская гривна", "украин гривнасы", "Ukrainian hryvnia"),
    "USD": Facts("$", "доллар США", "АҚШ доллары", "US dollar"),
    # 0.07 per 1 on 2013-04-24 (the daily feed says 100 there, wrongly), per 100 by November 2015.
    "UZS": Facts(
        "UZS",
        "узбекский сум",
        "өзбек сумы",
        "Uzbek sum",
        spans=((1, "", "2013-04-24"), (100, "2015-11-30", VERIFIED_UNTIL)),
    ),
    "VND": Facts(
        "₫",
        "вьетнамский донг",
        "Вьетнам донгы",
        "Vietnamese dong",
        since=_FROM_2026,
        spans=_of_2026(1000),
    ),
    # The IMF's special drawing rights, which the bank calls СДР.
    "XDR": Facts("XDR", "СДР", "СДР (арнайы қарыз алу құқығы)", "IMF special drawing rights"),
    "ZAR": Facts("R", "южноафриканский рэнд", "Оңтүстік Африка рэнді", "South African rand"),
}
TENGE = Facts("₸", "казахстанский тенге", "Қазақстан теңгесі", "Kazakhstani tenge")
