"""What people write in place of a currency's code: signs, numbers, names. Read after a failure."""

from kzt_rates.currency import FACTS, TENGE
from kzt_rates.figures import KZT

# The numeric codes of ISO 4217.
NUMBERS = {
    "036": "AUD", "051": "AMD", "124": "CAD", "156": "CNY", "203": "CZK",
    "208": "DKK", "233": "EEK", "344": "HKD", "348": "HUF", "356": "INR", "360": "IDR",
    "364": "IRR", "376": "ILS", "392": "JPY", "398": "KZT", "410": "KRW", "414": "KWD",
    "417": "KGS", "428": "LVL", "440": "LTL", "458": "MYR", "484": "MXN", "496": "MNT",
    "498": "MDL", "512": "OMR", "578": "NOK", "586": "PKR", "634": "QAR", "643": "RUB",
    "682": "SAR", "702": "SGD", "704": "VND", "710": "ZAR", "752": "SEK", "756": "CHF",
    "764": "THB", "784": "AED", "792": "TRL", "810": "RUR", "818": "EGP", "826": "GBP",
    "840": "USD", "860": "UZS", "933": "BYN", "944": "AZN", "946": "RON", "949": "TRY",
    "960": "XDR", "972": "TJS", "974": "BYR", "978": "EUR", "980": "UAH", "981": "GEL",
    "985": "PLN", "986": "BRL",
}  # fmt: skip

# What is said without its country, and what the table's names do not have.
WORDS = {
    "CHF": "franc франк",
    "CNY": "yuan юань юани юаней rmb renminbi cnh",
    "EUR": "euros",
    "GBP": "pound pounds фунт стерлинг",
    "JPY": "yen иена йена иен",
    "KGS": "som сом",
    "KZT": "tenge тенге теңге тг тг. т т.",
    "RUB": "rouble roubles ruble rubles рубль рубли рублей рублях руб руб. р р.",
    "TRY": "lira лира лиры",
    "USD": "dollar dollars доллар доллары долларов долл долл. buck bucks бакс баксы us$ usd$",
    "UZS": "sum soum сум",
    "XDR": "sdr",
}


def codes_meant(text: str) -> tuple[str, ...]:
    """Return the codes that a text may stand for, those in use first; none for another word.

    >>> codes_meant("€"), codes_meant("840"), codes_meant("доллар"), codes_meant("крона")[0]
    (('EUR',), ('USD',), ('USD',), 'CZK')
    """
    word = " ".join(text.casefold().split())
    for code, words in WORDS.items():
        if word in words.split():
            return (code,)
    if word in NUMBERS:
        return (NUMBERS[word],)
    known = {KZT: TENGE, **FACTS}
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
