"""How a notebook shows a rate and a sheet: small tables in the colours of the page around them."""

from html import escape
from typing import TYPE_CHECKING

from kzt_rates.currency_facts import symbol_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kzt_rates.models.rate import Rate
    from kzt_rates.models.sheet import RateSheet

_HEAD = ("Code", "", "Name", "Nominal", "Value, ₸", "Change")


def rate_html(rate: "Rate") -> str:
    """Return a rate as one row."""
    row = (rate.base, rate.quote, str(rate.nominal), f"{rate.value:f}")
    caption = _caption(
        str(rate.effective_date), rate.carried, str(rate.requested_date), rate.provisional
    )
    return _table(caption, ("Base", "Quote", "Nominal", "Value"), [row])


def sheet_html(sheet: "RateSheet") -> str:
    """Return a sheet as a table, a row per currency."""
    caption = _caption(str(sheet.date), sheet.carried, str(sheet.requested_date), sheet.provisional)
    if not sheet.complete:
        caption += ", incomplete"
    rows = [
        (
            rate.base,
            symbol_of(rate.base),
            rate.name or "",
            str(rate.nominal),
            f"{rate.value:f}",
            "" if rate.change is None else f"{rate.change:+f}",
        )
        for rate in sheet.rates
    ]
    return _table(caption, _HEAD, rows)


def _caption(date: str, carried: bool, requested: str, provisional: bool) -> str:
    text = f"Official rate of the National Bank of Kazakhstan for {date}"
    text += f", carried to {requested}" if carried else ""
    return text + (", provisional" if provisional else "")


def _table(caption: str, head: "Sequence[str]", rows: "Iterable[Sequence[str]]") -> str:
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows
    )
    return (
        f"<table><caption>{escape(caption)}</caption>"
        f"<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
    )
