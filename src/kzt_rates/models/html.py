"""How a notebook shows a rate and a sheet: small tables in the colours of the page around them."""

from html import escape
from typing import TYPE_CHECKING

from kzt_rates.currency_facts import name_of, symbol_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kzt_rates.models.rate import Rate
    from kzt_rates.models.sheet import RateSheet

_HEAD = ("Code", "Sign", "Name", "Nominal", "Value, ₸", "Change")
_LEFT, _RIGHT = ("text-align: left", "text-align: right")


def rate_html(rate: "Rate") -> str:
    """Return a rate as one row."""
    row = (rate.base, rate.quote, str(rate.nominal), f"{rate.value:f}")
    caption = _caption(
        str(rate.effective_date), rate.carried, str(rate.requested_date), rate.provisional
    )
    return _table(caption, ("Base", "Quote", "Nominal", "Value"), [row], words=2)


def sheet_html(sheet: "RateSheet") -> str:
    """Return a sheet as a table, a row per currency."""
    caption = _caption(str(sheet.date), sheet.carried, str(sheet.requested_date), sheet.provisional)
    if not sheet.complete:
        caption += ", incomplete"
    rows = [
        (
            rate.base,
            symbol_of(rate.base),
            name_of(rate.base, rate.name),
            str(rate.nominal),
            f"{rate.value:f}",
            "" if rate.change is None else f"{rate.change:+f}",
        )
        for rate in sheet.rates
    ]
    return _table(caption, _HEAD, rows, words=3)


def _caption(date: str, carried: bool, requested: str, provisional: bool) -> str:
    text = f"Official rate of the National Bank of Kazakhstan for {date}"
    text += f", carried to {requested}" if carried else ""
    return text + (", provisional" if provisional else "")


def _table(
    caption: str, head: "Sequence[str]", rows: "Iterable[Sequence[str]]", *, words: int
) -> str:
    """Return a table whose first columns are words, and the others numbers."""
    styles = [_LEFT if column < words else _RIGHT for column in range(len(head))]
    top = _cells("th", head, styles)
    body = "".join(f"<tr>{_cells('td', row, styles)}</tr>" for row in rows)
    return (
        f'<table><caption style="{_LEFT}; white-space: nowrap">{escape(caption)}</caption>'
        f"<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
    )


def _cells(tag: str, texts: "Sequence[str]", styles: "Sequence[str]") -> str:
    return "".join(
        f'<{tag} style="{style}">{escape(text)}</{tag}>'
        for text, style in zip(texts, styles, strict=True)
    )
