"""How a notebook shows a rate, a sheet, a series: small tables in the colours of their page."""

from html import escape
from typing import TYPE_CHECKING

from kzt_rates.currency_facts import name_of, symbol_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kzt_rates.models.rate import Rate
    from kzt_rates.models.series import Series
    from kzt_rates.models.sheet import RateSheet

_HEAD = ("Code", "Sign", "Name", "Nominal", "Value, ₸", "Change")
# A series of years is shown by its ends.
MAX_ROWS = 10

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


def series_html(series: "Series") -> str:
    """Return a series as a table of dates and values, the middle of a long one left out."""
    caption = f"{series.base} in {series.quote}, {series.start} to {series.end}"
    for name in ("missing", "carried", "provisional"):
        caption += f", {len(getattr(series, name))} {name}" if getattr(series, name) else ""
    rows = [
        (str(date), f"{value:f}", f"of {series.carried[date]}" if date in series.carried else "")
        for date, value in series
    ]
    if len(rows) > MAX_ROWS:
        half = MAX_ROWS // 2
        rows[half:-half] = [(f"… {len(rows) - MAX_ROWS} more", "", "")]
    return _table(caption, ("Date", "Value", ""), rows, words=1)


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
