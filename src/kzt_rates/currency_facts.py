"""Questions about currencies: which code is meant, its sign, the nominals it can have had."""

from datetime import date

from kzt_rates.calendar import ONE_DAY, parse_date
from kzt_rates.currency_table import FACTS, NEW_ROUBLE, TENGE, TENGE_SINCE
from kzt_rates.errors import UnknownCurrency
from kzt_rates.figures import KZT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

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
