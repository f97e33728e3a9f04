"""The line of rates that news sites carry at the top."""

from kzt_rates.arithmetic import Ratio
from kzt_rates.currency import symbol_of
from kzt_rates.dates import bank_date
from kzt_rates.figures import KZT
from kzt_rates.money import in_groups, parse_language

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date
    from decimal import Decimal

TICKER_CODES = ("USD", "EUR", "CNY", "RUB")


def ticker_line(
    day: "date",
    rates: "Iterable[tuple[str, Decimal, int]]",
    language: "str | None" = None,
    sign_of: "Callable[[str], str]" = symbol_of,
) -> str:
    """Return the line for (code, value, nominal) rates of a day; figures as a language has them.

    >>> from datetime import date
    >>> from decimal import Decimal
    >>> ticker_line(date(2025, 11, 29), [("USD", Decimal("512.53"), 1)])
    '(29.11.2025) $ 512.53 ₸'
    >>> ticker_line(date(2025, 11, 29), [("USD", Decimal("512.53"), 1)], "ru")
    '(29.11.2025) $ 512,53 ₸'
    """
    parts = [f"({bank_date(day)})"]
    for code, value, nominal in rates:
        lot = "" if nominal == 1 else f"{nominal} "
        tenge = f"{Ratio.of_legs((value, 1), None).convert(1, places=2)}"
        if language is not None:
            tenge = in_groups(tenge, parse_language(language))
        parts.append(f"{lot}{sign_of(code)} {tenge} {sign_of(KZT)}")
    return " ".join(parts)
