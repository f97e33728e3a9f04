"""How a notebook shows a rate, a sheet, a series: small tables in the colours of their page.

Only opacity and the page's own colour are used, so that light and dark both work. GitHub and
untrusted notebooks drop `<style>` and `<svg>`: a plain table with a caption is left.
"""

from html import escape
from typing import TYPE_CHECKING

from kzt_rates.currency import symbol_of
from kzt_rates.figures import KZT
from kzt_rates.models.html_series import digits, extremes_of, rows_of, sparkline
from kzt_rates.money import name_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kzt_rates.models.rate import Rate
    from kzt_rates.models.series import Series
    from kzt_rates.models.sheet import RateSheet

BANK = "National Bank of Kazakhstan"

# As specific as JupyterLab's own rules, which put every cell to the right.
_STYLE = (
    "<style>table.kzt-rates{border-collapse:collapse;min-width:25em;"
    "font-variant-numeric:tabular-nums}"
    "table.kzt-rates caption{caption-side:top;text-align:left;padding:.3em .5em}"
    "table.kzt-rates small{opacity:.8}"
    "table.kzt-rates :is(td,th):not([align]){text-align:left;padding:.2em .5em}"
    "table.kzt-rates :is(td,th)[align]{text-align:right;padding:.2em .5em;white-space:nowrap}"
    "table.kzt-rates svg{display:block;max-width:100%;margin-top:.3em}</style>"
)


def rate_html(rate: "Rate") -> str:
    """Return a rate as its facts, a row for each."""
    rows = [("Value", _lot(rate))]
    if rate.nominal != 1:
        rows.append(("Per unit", f"{rate.per_unit:f} {rate.quote}"))
    rows += [("Leg", _lot(leg)) for leg in rate.legs]
    if rate.change is not None:
        rows.append(("Change", f"{_signed(rate.change)} {rate.quote}"))
    rows.append(("Effective date", str(rate.effective_date)))
    if rate.carried:
        rows.append(("Requested date", str(rate.requested_date)))
    if rate.quote == KZT != rate.base:
        rows.append(("Name", name_in("en", rate.base, rate.name)))
    origin = "derived from official rates" if rate.legs else "official rate"
    facts = [f"{origin} of the {BANK}"] if rate.base != rate.quote else []
    caption = _caption(f"{rate.base}/{rate.quote}", facts, _marks(rate))
    return _table(caption, (), rows, numbers=range(0))


def sheet_html(sheet: "RateSheet") -> str:
    """Return a sheet as a table, a row per currency; what was refused stands below."""
    rows = [
        [
            rate.base,
            "" if symbol_of(rate.base) == rate.base else symbol_of(rate.base),
            name_in("en", rate.base, rate.name),
            str(rate.nominal),
            f"{rate.value:f}",
            "" if rate.change is None else _signed(rate.change),
        ]
        for rate in sheet.rates
    ]
    head = ["Code", "Sign", "Name", "Nominal", f"Value, {symbol_of(KZT)}", "Change"]
    if not any(row[-1] for row in rows):  # the archive has none
        head, rows = head[:-1], [row[:-1] for row in rows]
    facts = [f"{len(rows)} {'currency' if len(rows) == 1 else 'currencies'}", _origin(sheet)]
    marks = _marks(sheet)
    if not sheet.complete:
        marks.append("incomplete: more may have been published")
    caption = _caption(f"Official rates of the {BANK} for {sheet.date}", facts, marks)
    foot = [f"refused: {code}, {reason}" for code, reason in sorted(sheet.refused.items())]
    return _table(caption, head, rows, numbers=range(3, 6), foot=foot)


def series_html(series: "Series") -> str:
    """Return a series as a small picture and a table of its ends, the middle left out."""
    one = "" if len(series) == 1 else "s"
    facts = [f"{series.start} to {series.end}", f"{len(series)} {series.step}{one}"]
    names = ("missing", "carried", "provisional")
    marks = [f"{len(getattr(series, name))} {name}" for name in names if getattr(series, name)]
    caption = _caption(f"{series.base}/{series.quote}", facts, marks, extremes_of(series))
    head = ["Date" if series.step == "day" else "From", "Value", ""]
    rows = rows_of(series)
    columns = 3 if any(mark for *_, mark in rows) else 2
    shown = [row[:columns] for row in rows]
    return _table(caption + sparkline(series), head[:columns], shown, numbers=range(1, 2))


def _lot(rate: "Rate") -> str:
    return f"{digits(rate.value)} {rate.quote} for {rate.nominal} {rate.base}"


def _signed(change: object) -> str:
    return f"{change:+f}" if change else f"{change:f}"


def _origin(sheet: "RateSheet") -> str:
    if sheet.fetched_at is None:
        return f"from the {sheet.source}"
    fetched = sheet.fetched_at.isoformat(" ", "minutes").replace("+00:00", " UTC")
    return f"from the {sheet.source}, fetched {fetched}"


def _marks(shown: "Rate | RateSheet") -> "list[str]":
    """Return what must not be overlooked: another day's figures, or figures not yet final."""
    marks = [f"carried to {shown.requested_date}"] if shown.carried else []
    if shown.provisional:
        drafts = [rate.base for rate in getattr(shown, "rates", ()) if rate.provisional]
        partial = drafts and len(drafts) < len(getattr(shown, "rates", ()))
        marks.append(f"provisional: {', '.join(drafts)}" if partial else "provisional")
    return marks


def _caption(title: str, *lines: "Sequence[str]") -> str:
    below = "<br/>".join(escape(" · ".join(facts)) for facts in lines if facts)
    return f"<b>{escape(title)}</b>" + (f"<br/><small>{below}</small>" if below else "")


def _table(
    caption: str,
    head: "Sequence[str]",
    rows: "Iterable[Sequence[str]]",
    *,
    numbers: range,
    foot: "Sequence[str]" = (),
) -> str:
    """Return a table; `numbers` are its columns of numbers. The caption is HTML, the rest text."""
    top = f"<thead><tr>{_cells(head, numbers, 'th')}</tr></thead>" if head else ""
    body = "".join(f"<tr>{_cells(row, numbers, 'td')}</tr>" for row in rows)
    end = "".join(
        f'<tr><td colspan="{len(head)}"><small>{escape(line)}</small></td></tr>' for line in foot
    )
    return (
        f'{_STYLE}<table class="kzt-rates"><caption>{caption}</caption>{top}<tbody>{body}</tbody>'
        f"{f'<tfoot>{end}</tfoot>' if end else ''}</table>"
    )


def _cells(texts: "Sequence[str]", numbers: range, tag: str) -> str:
    """Return the cells of a row; the first is its name."""
    cells = ""
    for column, text in enumerate(texts):
        name = tag if column else "th"
        align = ' align="right"' if column in numbers else ""
        cells += f"<{name}{align}>{escape(text)}</{name}>"
    return cells
