"""Amounts and rates as people write them: rounded, in groups of three, in their language.

Every language has groups set apart by a space, for a comma there is a point here and a comma
there; the mark before the decimals is a point in English, a comma in Russian and Kazakh. The
spaces are such that no line breaks within an amount.
"""

from decimal import ROUND_HALF_UP, Context, Decimal

import kzt_rates.figures  # binds the name that annotations begin with, to be read at run time
from kzt_rates.arithmetic import MAX_AMOUNT_DIGITS, parse_amount, parse_places
from kzt_rates.currency import FACTS, TENGE, parse_code, symbol_of
from kzt_rates.dates import bank_date

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date

    import kzt_rates.typing

LANGUAGES: "tuple[kzt_rates.typing.Language, ...]" = ("en", "kk", "ru")
TICKER_CODES = ("USD", "EUR", "CNY", "RUB")
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
MONEY_PLACES = 2
# What tells two days' rates apart; a derived rate can have 28.
RATE_DIGITS = 6

_BANK = {
    "en": "National Bank of Kazakhstan",
    "kk": "Қазақстан Ұлттық Банкі",
    "ru": "Национальный банк Казахстана",
}
_ROUNDING = Context(prec=12 * MAX_AMOUNT_DIGITS, rounding=ROUND_HALF_UP)


def parse_language(language: str) -> "kzt_rates.typing.Language":
    """Return a language that there are words in; raises `ValueError` for another.

    >>> parse_language("kk")
    'kk'
    """
    for known in LANGUAGES:
        if language == known:
            return known
    raise ValueError(f"a language is 'en', 'ru' or 'kk', not {language!r}")


def format_money(
    amount: "kzt_rates.typing.Amount",
    code: str,
    *,
    places: int = MONEY_PLACES,
    language: "kzt_rates.typing.Language" = "en",
) -> str:
    r"""Return an amount with the sign of its currency, rounded, ties away from zero.

    A currency without a sign of its own has its code. Groups of three and the sign are set
    apart by a no-break space; in Russian and Kazakh the decimals follow a comma.

    Args:
        amount: `int`, `Decimal`, text like `"12.50"`, or `float` taken by its shortest repr.
        code: the currency's code in any case.
        places: how many decimals.
        language: `"en"`, `"ru"` or `"kk"`.

    Raises `UnknownCurrency` for what cannot be a code, `TypeError` or `ValueError` for what is
    no amount or another language.

    >>> import kzt_rates
    >>> kzt_rates.format_money("1234.56", "KZT", language="ru").replace("\xa0", " ")
    '1 234,56 ₸'
    >>> kzt_rates.format_money(1250, "usd").replace("\xa0", " ")
    '1 250.00 $'
    """
    code, known = parse_code(code), parse_language(language)
    text = number_text(parse_amount(amount), parse_places(places), known)
    return f"{text}{NO_BREAK_SPACE}{symbol_of(code)}"


def number_text(number: Decimal, places: int, language: "kzt_rates.typing.Language" = "en") -> str:
    r"""Return a number with so many decimals, in groups of three.

    >>> number_text(Decimal("-1234567.125"), 2).replace("\xa0", " ")
    '-1 234 567.13'
    """
    return in_groups(f"{_rounded(number, places):f}", language)


def money_text(amount: Decimal, language: "kzt_rates.typing.Language" = "en") -> str:
    """Return an amount to two decimals; a smaller one to two digits, so that none becomes nothing.

    >>> [money_text(Decimal(text)) for text in ("0.126", "0.00126", "0")]
    ['0.13', '0.0013', '0.00']
    """
    places = MONEY_PLACES
    if amount and amount.adjusted() < -1:
        places = 1 - amount.adjusted()
    return number_text(amount, places, language)


def rate_text(
    value: Decimal, language: "kzt_rates.typing.Language" = "en", *, published: bool = False
) -> str:
    """Return a rate to at least two decimals: a published one whole, another to six digits.

    >>> [rate_text(Decimal(text)) for text in ("1.314", "0.8571943248297277", "512.5")]
    ['1.314', '0.857194', '512.50']
    """
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)
    places = max(-exponent, MONEY_PLACES)
    if not published:
        places = max(min(places, RATE_DIGITS - 1 - value.adjusted()), MONEY_PLACES)
    return number_text(value, places, language)


def in_groups(digits: str, language: "kzt_rates.typing.Language" = "en") -> str:
    r"""Return a number's plain digits in groups of three; only leading zeros are left out.

    >>> in_groups("-1234.56780", "ru").replace("\xa0", " ")
    '-1 234,56780'
    """
    whole, point, decimals = digits.partition(".")
    sign = whole[:1] if whole[:1] in ("-", "+") else ""
    whole = f"{int(whole.removeprefix(sign)):_}".replace("_", NO_BREAK_SPACE)
    return f"{sign}{whole}{point and (',' if language != 'en' else '.')}{decimals}"


def name_in(language: str, code: str, published: "str | None" = None) -> str:
    """Return a currency's name in a language: whoever gave the figure, it is the same.

    A currency of no table is called what the bank calls it, else by its code.

    >>> name_in("kk", "USD"), name_in("ru", "AMD", "АРМЯНСКИЙ ДРАМ"), name_in("en", "XTS")
    ('АҚШ доллары', 'армянский драм', 'XTS')
    """
    facts = TENGE if code == kzt_rates.figures.KZT else FACTS.get(code)
    if facts is None:
        return published or code
    names = {"en": facts.name_en, "kk": facts.name_kk, "ru": facts.name_ru}
    return names[language] or published or code


def publisher(language: str, source: "str | None" = None) -> str:
    """Return whose figures they are: a source of one's own, else the National Bank.

    >>> publisher("en"), publisher("ru"), publisher("en", "contract")
    ('National Bank of Kazakhstan', 'Национальный банк Казахстана', 'contract')
    """
    return _BANK[language] if source is None else source


def ticker_line(
    day: "date",
    rates: "Iterable[tuple[str, Decimal, int]]",
    language: "str | None" = None,
    sign_of: "Callable[[str], str]" = symbol_of,
    *,
    changes: "Mapping[str, Decimal | None] | None" = None,
    source: "str | None" = None,
) -> str:
    """Return the line for (code, value, nominal) rates of a day; figures as a language has them.

    `changes` are by code, in tenge for the nominal; a code without one has no mark. A `source`
    other than the National Bank stands behind the date.

    >>> from datetime import date
    >>> rates = [("USD", Decimal("512.53"), 1)]
    >>> ticker_line(date(2025, 11, 29), rates)
    '(29.11.2025) $ 512.53 ₸'
    >>> ticker_line(date(2025, 11, 29), rates, "ru", changes={"USD": Decimal("-4.33")})
    '(29.11.2025) $ 512,53 ₸ ▼4,33'
    """
    known = None if language is None else parse_language(language)
    tenge = sign_of(kzt_rates.figures.KZT)
    parts = [f"({bank_date(day)}{'' if source is None else f', {source}'})"]
    for code, value, nominal in rates:
        lot = "" if nominal == 1 else f"{nominal} "
        parts.append(f"{lot}{sign_of(code)} {_two_decimals(value, known)} {tenge}")
        change = None if changes is None else changes.get(code)
        if change is not None:
            arrow = "▲" if change > 0 else "▼" if change else "±"
            parts.append(f"{arrow}{_two_decimals(change.copy_abs(), known)}")
    return " ".join(parts)


def _two_decimals(number: Decimal, language: "kzt_rates.typing.Language | None") -> str:
    """Return a figure of the ticker, which has groups only where a language was asked for."""
    text = f"{_rounded(number, MONEY_PLACES):f}"
    return text if language is None else in_groups(text, language)


def _rounded(number: Decimal, places: int) -> Decimal:
    # plus makes nothing of minus nothing
    return _ROUNDING.plus(number.quantize(Decimal(1).scaleb(-places), context=_ROUNDING))
