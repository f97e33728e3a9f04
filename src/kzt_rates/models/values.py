"""A currency: what it is called, and what is known of it here."""

from datetime import date

from pydantic import BaseModel


class Currency(BaseModel, frozen=True, extra="forbid"):
    """One currency the bank publishes or has published.

    `symbol` is its sign, or its code where it has none of its own. `nominal` is the lot its
    value is quoted for now, or was last; `None` for a code this version does not know.
    `first` and `last` are the first and last effective date known here, in archive and cache.
    `successor` is the code that took its place.

    >>> import kzt_rates
    >>> {currency.code: currency for currency in kzt_rates.currencies()}["AMD"].name_en
    'Armenian dram'
    """

    code: str
    symbol: str
    name_ru: str | None
    name_kk: str | None
    name_en: str | None
    nominal: int | None
    first: date | None
    last: date | None
    successor: str | None
