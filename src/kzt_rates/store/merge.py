"""What an answer of the bank changes in what is known of a day: pure, the same for any store."""

from kzt_rates.figures import SHEET_FEEDS, Day, Listing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Mapping
    from datetime import datetime
    from typing import TypeVar

    from kzt_rates.figures import Feed, Figure, Refusal

    K = TypeVar("K", bound=str)
    # A code whose figure is another now, with the old figure and the new one, `None` for none.
    Replaced = tuple[str, Figure, Figure | None]


def with_sheet(known: Day, sheet: Day, feed: "Feed", *, refresh: bool = False) -> Day:
    """Return what is known after a sheet of the daily feed or of `rates_all.xml` came.

    A complete sheet takes away the drafts that it lacks, any sheet those it refutes. A final
    figure stays, unless a `refresh` asked for the bank's word of now.
    """
    figures = {
        code: _newer(known.figures.get(code), figure, refresh=refresh)
        for code, figure in sheet.figures.items()
    }
    kept = {
        code: figure
        for code, figure in known.figures.items()
        if code not in figures and (figure.final or not _is_gone(code, figure, sheet))
    }
    final = sheet.final if sheet.complete else known.final
    if known.complete and known.final and not refresh:
        final = True
    codes = frozenset(sheet.figures) | frozenset(sheet.refused)
    assert sheet.fetched_at is not None
    return Day(
        known.date,
        {**figures, **kept},
        complete=known.complete or sheet.complete,
        final=final,
        fetched_at=sheet.fetched_at,
        source=sheet.source,
        refused=_refused(known, sheet, figures if refresh else {**figures, **kept}),
        silences=_without(known.silences, (feed,)),
        blanks=_without(known.blanks, figures),
        absent=_without(known.absent, figures),
        listings={**known.listings, feed: Listing(codes, sheet.fetched_at)},
    )


def with_rows(known: Day, row: Day, *, refresh: bool = False) -> Day:
    """Return what is known after the range export answered: figures, blanks and absent rows.

    A final figure stays, unless a `refresh` asked for the bank's word of now. A draft stays too,
    beside the mark that by now there is none. A whole sheet grows no younger by a row.
    """
    figures = {
        code: _newer(known.figures.get(code), figure, refresh=refresh)
        for code, figure in row.figures.items()
    }
    kept = {c: f for c, f in known.figures.items() if f.final or c not in row.refused}
    merged = {**kept, **figures}
    certain = {**figures, **{c: f for c, f in kept.items() if f.final}}
    answered = figures if refresh else certain
    return Day(
        known.date,
        merged,
        complete=known.complete,
        final=known.final,
        fetched_at=(known.complete and known.fetched_at) or row.fetched_at or known.fetched_at,
        source=row.source if figures else known.source,
        refused=_refused(known, row, merged),
        silences=known.silences,
        blanks=_without({**known.blanks, **row.blanks}, answered),
        absent=_without({**known.absent, **row.absent}, {**certain, **row.blanks}),
        listings=known.listings,
    )


def with_silence(known: Day, feed: "Feed", at: "datetime", *, takes_back: bool = True) -> Day:
    """Return what is known after a feed said that it has no rate for the date.

    That takes back the drafts that it had printed before, and no other feed's; not where the
    feed has holes for such days, so that its silence proves little.
    """
    if not takes_back:
        return known.replace(silences={**known.silences, feed: at})
    elsewhere = {
        code for name, listing in known.listings.items() if name != feed for code in listing.codes
    }
    figures = {
        code: figure
        for code, figure in known.figures.items()
        if figure.final or figure.feed != feed or code in elsewhere
    }
    is_withdrawn = known.complete and not known.final and len(figures) < len(known.figures)
    return known.replace(
        figures=figures,
        complete=known.complete and not is_withdrawn,
        silences={**known.silences, feed: at},
        listings={name: listing for name, listing in known.listings.items() if name != feed},
    )


def over(upper: Day, lower: Day) -> Day:
    """Lay what one store knows of a day over what another knows: the archive over the cache.

    Of two final figures the upper one counts, unless a `refresh` brought the lower one; of two
    that are the same, the one with a change or a name that the other lacks.
    """
    figures = {**lower.figures, **upper.figures}
    for code, figure in lower.figures.items():
        above = figures[code]
        newer = figure.refreshed and not above.refreshed
        if figure.final and (newer or not above.final or tells_more(figure, above)):
            figures[code] = figure
    source = upper.source
    if any(figure.source != source for figure in figures.values()) or not upper.figures:
        source = lower.source
    first, second = (upper, lower) if upper.complete or not lower.complete else (lower, upper)
    return Day(
        upper.date,
        figures,
        complete=first.complete,
        final=first.final,
        fetched_at=first.fetched_at or second.fetched_at,
        source=source,
        refused={
            c: why for c, why in {**lower.refused, **upper.refused}.items() if c not in figures
        },
        silences=_newest(upper.silences, lower.silences),
        blanks=_newest(upper.blanks, lower.blanks),
        absent=_newest(upper.absent, lower.absent),
        listings={**lower.listings, **upper.listings},
    )


def tells_more(figure: "Figure", other: "Figure") -> bool:
    """Whether two figures are the same, and the first has a change or a name that the other lacks.

    >>> from kzt_rates.figures import Figure
    >>> bare = Figure("499.65", 1, feed="export", final=True)
    >>> tells_more(bare.replace(change="-1.09"), bare)
    True
    """
    more = (figure.change and not other.change) or (figure.name and not other.name)
    return bool(more) and figure.same_as(other)


def replaced(known: Day, merged: Day) -> "list[Replaced]":
    """Return the codes whose figure is another number now, or is gone."""
    changes: list[Replaced] = []
    for code, old in known.figures.items():
        new = merged.figures.get(code)
        if new is None or not new.same_as(old):
            changes.append((code, old, new))
    return changes


def _is_gone(code: str, draft: "Figure", sheet: Day) -> bool:
    return code in sheet.refused or (sheet.complete and draft.feed in SHEET_FEEDS)


def _newer(known: "Figure | None", came: "Figure", *, refresh: bool) -> "Figure":
    """Return which of two figures of a code stays; an equal answer adds and takes nothing away."""
    if known is None:
        return came
    if known.same_as(came):
        return came.replace(
            change=came.change or known.change,
            name=came.name or known.name,
            final=came.final or known.final,
            refreshed=came.refreshed or known.refreshed,
        )
    return known if known.final and not refresh else came


def _refused(known: Day, came: Day, figures: "Mapping[str, Figure]") -> "dict[str, Refusal]":
    refusals = {**known.refused, **came.refused}
    return {code: why for code, why in refusals.items() if code not in figures}


def _without(marks: "Mapping[K, datetime]", gone: "Container[K]") -> "dict[K, datetime]":
    return {key: at for key, at in marks.items() if key not in gone}


def _newest(marks: "Mapping[K, datetime]", others: "Mapping[K, datetime]") -> "dict[K, datetime]":
    return {
        key: max(part[key] for part in (marks, others) if key in part) for key in {*marks, *others}
    }
