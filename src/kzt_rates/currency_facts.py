"""Questions about currencies: which code is meant, its sign, the nominals it can have had."""

from datetime import date

from kzt_rates.currency_table import FACTS, NEW_ROUBLE, TENGE
from kzt_rates.errors import UnknownCurrency
from kzt_rates.figures import KZT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

MAX_SUGGESTIONS = 3
ROUBLES = ("RUB", "RUR")


def parse_code(code: str) -> str:
    """Return a currency code in capitals.

    Raises `TypeError` for what is not text, `UnknownCurrency` for what cannot be a code.
    """
    if not isinstance(code, str):
        raise TypeError(f"a currency code is text, not {type(code).__name__}")
    upper = code.upper()
    if not code.isascii() or not is_code(upper):  # "ſ" is a capital S for Python
        raise unknown(code)
    return upper


def is_code(text: str) -> bool:
    """Say whether a text is three ASCII capitals, as the bank writes its codes."""
    return len(text) == 3 and text.isascii() and text.isalpha() and text.isupper()


def unknown(code: str, also: "Collection[str]" = ()) -> UnknownCurrency:
    """Make the error for a code nobody knows; `also` are the codes a store knows."""
    from difflib import get_close_matches

    shown = code[:20].upper()
    known = sorted({KZT, *FACTS, *also})
    # two of three letters right is a typing error; less is another word
    suggestions = tuple(get_close_matches(shown, known, MAX_SUGGESTIONS, cutoff=0.6))
    hint = f"; did you mean {' or '.join(suggestions)}?" if suggestions else ""
    return UnknownCurrency(
        f"unknown currency {shown!r}: the National Bank of Kazakhstan publishes no such code{hint}",
        code=shown,
        suggestions=suggestions,
    )


def symbol_of(code: str) -> str:
    """Return the sign of a currency, or its code where it has none of its own.

    >>> symbol_of("CNY"), symbol_of("JPY"), symbol_of("AED")
    ('¥', 'JP¥', 'AED')
    """
    facts = TENGE if code == KZT else FACTS.get(code)
    return code if facts is None else facts.symbol


def name_of(code: str, published: "str | None" = None) -> str:
    """Return the name to show for a currency: the bank's own, else the table's, else none.

    >>> name_of("AMD", None), name_of("AMD", "АРМЯНСКИЙ ДРАМ")
    ('армянский драм', 'АРМЯНСКИЙ ДРАМ')
    """
    facts = FACTS.get(code)
    return published or (facts and facts.name_ru) or ""


def published_code(code: str, day: "date") -> str:
    """Return the code that a feed's RUR or RUB stands for on a day; others are themselves."""
    if code in ROUBLES:
        return "RUB" if day.isoformat() >= NEW_ROUBLE else "RUR"
    return code


def nominals_on(code: str, day: "date") -> "tuple[int, ...] | None":
    """Return the nominals a currency can have been quoted for on a day.

    `()` where the bank did not quote it then, two where the change lies somewhere between
    the days on record, `None` for a code the table does not know.
    """
    facts = FACTS.get(code)
    if facts is None:
        return None
    on = day.isoformat()
    if on < facts.since or (facts.until and on > facts.until):
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
    return (
        date.fromisoformat(facts.since) if facts.since else None,
        date.fromisoformat(facts.until) if facts.until else None,
    )


def is_out_of_life(code: str, start: "date", end: "date") -> bool:
    """Say whether no day of a range is one that the bank can have quoted a currency on."""
    since, until = life_of(code)
    return (until is not None and start > until) or (since is not None and end < since)


def kin_of(code: str) -> "tuple[str | None, str | None]":
    """Return the currency that a currency replaced, and the one that replaced it."""
    facts = FACTS.get(code)
    if facts is None:
        return None, None
    before = (
        old for old, its in FACTS.items() if its.successor == code and its.until < facts.since
    )
    return next(before, None), facts.successor


def nominal_now(code: str) -> "int | None":
    """Return the last nominal on record, `None` for a code the table does not know."""
    facts = FACTS.get(code)
    return None if facts is None else facts.spans[-1][0]


def quoted_on(day: "date") -> "frozenset[str]":
    """Return the codes that the bank is known to have quoted on a day."""
    on = day.isoformat()
    return frozenset(
        code
        for code, facts in FACTS.items()
        if facts.since <= on
        and (not facts.until or on <= facts.until)
        and facts.spans[0][1] <= on
        and (on <= facts.spans[-1][2] or not facts.until)
    )
