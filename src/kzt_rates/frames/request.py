"""The arguments of a conversion: which columns hold what, and which values hold for all rows."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from kzt_rates.arithmetic import parse_places
from kzt_rates.currency import FACTS, parse_code
from kzt_rates.dates import parse_date
from kzt_rates.errors import UnknownCurrency
from kzt_rates.figures import KZT
from kzt_rates.typing import DateLike, MissingRates

if TYPE_CHECKING:
    from collections.abc import Callable, Collection


# A decimal column has one scale for all its rows: room for any cross rate of any money.
DECIMAL_DIGITS = 38
SCALE_WITHOUT_PLACES = 18
MAX_PLACES = 18


class Codes(NamedTuple):
    """Where the currency of a row is: in a column, or one code in capitals for all rows."""

    column: str | None
    code: str | None


class Dates(NamedTuple):
    """Where the date of a row is: in a column, or one day for all rows."""

    column: str | None
    day: date | None


class Request(NamedTuple):
    """A conversion of a frame: all of what `convert` takes, checked against its columns."""

    amount: str
    currency: Codes
    date: Dates
    to: Codes
    into: str
    missing: MissingRates
    places: int | None


def request_of(
    columns: Collection[str],
    *,
    amount: str,
    currency: str,
    day: DateLike,
    to: str,
    into: str,
    missing: str,
    places: int | None,
    is_numeric: Callable[[str], bool] = lambda _: False,
    names_are_text: bool = True,
) -> Request:
    """Check the arguments against the names of a frame's columns.

    A name is that of a column where there is one, but a wide frame has columns of amounts that
    are called `USD` or `2025-12-05`: a currency code always means the currency, and a date the
    date where its column has numbers.

    Raises `ValueError` where a name is neither a column nor a value, and `UnknownCurrency` for a
    code that cannot be one.
    """
    # pandas takes numbers and tuples, but None would be NaN to it
    if not _is_name(into) or into is None or (names_are_text and not isinstance(into, str)):
        raise TypeError(f"into is the name of the new column, not {type(into).__name__}")
    if not _is_name(amount):
        kind = type(amount).__name__
        raise TypeError(f"amount is the name of a column ({_listed(columns)}), not {kind}")
    if amount not in columns:
        raise ValueError(f"there is no column {amount!r}; the columns are {_listed(columns)}")
    if into in columns:
        raise ValueError(f"there is a column {into!r} already: name another with into=")
    if missing not in ("raise", "null", "previous"):
        raise ValueError(f"missing is 'raise', 'null' or 'previous', not {missing!r}")
    if isinstance(places, int) and not 0 <= places <= MAX_PLACES:
        raise ValueError(f"places is between 0 and {MAX_PLACES} in a frame, not {places}")
    if places is not None:
        parse_places(places)
    return Request(
        amount=amount,
        currency=_codes(columns, currency, "currency"),
        date=_dates(columns, day, is_numeric),
        to=_codes(columns, to, "to"),
        into=into,
        missing=missing,  # type: ignore[arg-type]  # one of the three, as was just seen
        places=places,
    )


def _is_name(given: object) -> bool:
    """Whether a column may be called so: a column or an expression is not even equal to itself."""
    try:
        hash(given)
        return bool(given == given)  # noqa: PLR0124
    except (TypeError, ValueError):
        return False


def _codes(columns: Collection[str], given: str, what: str) -> Codes:
    if _is_name(given) and given in columns and not _is_known(given):
        return Codes(given, None)
    if not isinstance(given, str):
        kind = type(given).__name__
        raise TypeError(
            f"{what} is a column ({_listed(columns)}) or a currency code, which is text, not {kind}"
        )
    try:
        return Codes(None, parse_code(given))
    except UnknownCurrency as error:
        raise UnknownCurrency(
            f"{what}={given!r} names no column ({_listed(columns)}): {error}",
            code=error.code,
            suggestions=error.suggestions,
        ) from None


def _is_known(given: object) -> bool:
    return isinstance(given, str) and (given.upper() in FACTS or given.upper() == KZT)


def _dates(columns: Collection[str], given: DateLike, is_numeric: Callable[[str], bool]) -> Dates:
    column: Any = given if _is_name(given) and given in columns else None
    try:
        day = parse_date(given)
    except (ValueError, TypeError) as error:
        if column is not None:
            return Dates(column, None)
        said = f"date is a column ({_listed(columns)}) or a date"
        if isinstance(given, str):
            said = f"date={given!r} names no column ({_listed(columns)})"
        raise type(error)(f"{said}: {error}") from None
    if column is not None and not is_numeric(column):
        return Dates(column, None)
    return Dates(None, day)


def _listed(columns: Collection[str]) -> str:
    return ", ".join(map(repr, list(columns)[:20])) or "none"
