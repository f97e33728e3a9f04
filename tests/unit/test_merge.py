"""What an answer changes: rules that hold for any days, by hypothesis."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kzt_rates.figures import Day, Figure, Refusal
from kzt_rates.store.merge import over, replaced, with_rows, with_sheet, with_silence
from kzt_rates.testing.store_contract import DAY, LATER, NOON, any_day, figure, plain


@st.composite
def a_sheet(draw: st.DrawFn) -> Day:
    """Any sheet of a feed, as it comes in: it has an hour, and no marks but refusals."""
    day = draw(any_day(DAY))
    figures = {code: f.replace(refreshed=False) for code, f in day.figures.items()}
    refused = {code: why for code, why in day.refused.items() if code not in figures}
    return Day(
        DAY, figures, complete=day.complete, final=day.final, fetched_at=LATER, refused=refused
    )


@st.composite
def a_row(draw: st.DrawFn) -> Day:
    """Any row of the range export: each code has a figure, a blank, no row or a refusal."""
    day = draw(a_sheet())
    marks = st.dictionaries(st.sampled_from(["USD", "EUR", "KRW", "XYZ"]), st.just(LATER))
    taken = {*day.figures, *day.refused}
    blanks = {code: at for code, at in draw(marks).items() if code not in taken}
    absent = {c: at for c, at in draw(marks).items() if c not in taken and c not in blanks}
    return day.replace(complete=False, final=False, blanks=blanks, absent=absent)


days, sheets, rows, refreshes = any_day(DAY), a_sheet(), a_row(), st.booleans()
feeds = st.sampled_from(["daily", "latest"])


def finals(day: Day) -> dict[str, Figure]:
    return {code: figure for code, figure in day.figures.items() if figure.final}


@given(days, sheets, feeds, rows)
def test_a_final_figure_stays(known: Day, sheet: Day, feed: str, row: Day) -> None:
    """Nothing but a refresh makes another number of what is final, or a draft, or nothing."""
    for merged in (with_sheet(known, sheet, feed), with_rows(known, row)):
        for code, old in finals(known).items():
            assert merged.figures[code].same_as(old)
            assert merged.figures[code].final


@given(days, sheets, feeds, rows)
def test_a_refresh_brings_the_banks_word_of_now(
    known: Day, sheet: Day, feed: str, row: Day
) -> None:
    """After one the figures that came are those that are known."""
    for came, merged in (
        (sheet, with_sheet(known, sheet, feed, refresh=True)),
        (row, with_rows(known, row, refresh=True)),
    ):
        for code, new in came.figures.items():
            assert merged.figures[code].same_as(new)


@given(days, sheets, feeds, refreshes)
def test_a_whole_sheet_takes_drafts_of_sheets_away(
    known: Day, sheet: Day, feed: str, refresh: bool
) -> None:
    """What a complete sheet lacks is gone, unless it is final or the export's."""
    merged = with_sheet(known, sheet, feed, refresh=refresh)
    for code, old in known.figures.items():
        if code not in sheet.figures:
            gone = not old.final and (
                code in sheet.refused or (sheet.complete and old.feed != "export")
            )
            assert (code in merged.figures) is not gone
    assert merged.figures.keys() <= known.figures.keys() | sheet.figures.keys()


@given(days, sheets, feeds, rows, refreshes)
def test_equal_answers_add_and_take_nothing_away(
    known: Day, sheet: Day, feed: str, row: Day, refresh: bool
) -> None:
    """An equal figure keeps its name, its change and its finality."""
    for came, merged in (
        (sheet, with_sheet(known, sheet, feed, refresh=refresh)),
        (row, with_rows(known, row, refresh=refresh)),
    ):
        for code, new in came.figures.items():
            old, now = known.figures.get(code), merged.figures[code]
            if old is not None and old.same_as(new):
                assert now.final >= max(old.final, new.final)
                assert (now.name or "") == (new.name or old.name or "")
                assert (now.change or "") == (new.change or old.change or "")


@given(days, sheets, feeds, rows, refreshes)
def test_the_same_answer_twice_is_once(
    known: Day, sheet: Day, feed: str, row: Day, refresh: bool
) -> None:
    """What came already changes nothing when it comes again."""
    once = with_sheet(known, sheet, feed, refresh=refresh)
    assert plain(with_sheet(once, sheet, feed, refresh=refresh)) == plain(once)
    once = with_rows(known, row, refresh=refresh)
    assert plain(with_rows(once, row, refresh=refresh)) == plain(once)


@given(days, sheets, feeds, refreshes)
def test_a_sheet_ends_the_silence_of_its_feed(
    known: Day, sheet: Day, feed: str, refresh: bool
) -> None:
    """A feed that answers is not silent, and its codes are listed, the refused ones too."""
    merged = with_sheet(known, sheet, feed, refresh=refresh)
    assert merged.silences == {f: at for f, at in known.silences.items() if f != feed}
    assert merged.listings[feed].codes == {*sheet.figures, *sheet.refused}
    assert merged.complete is (known.complete or sheet.complete)


@given(days, rows)
def test_a_code_is_not_blank_and_there(known: Day, row: Day) -> None:
    """A final figure ends a blank, an absence and a refusal; a blank ends an absence.

    A draft stays beside the mark that by now there is none.
    """
    known = with_rows(Day(DAY), known.replace(complete=False, final=False))
    merged = with_rows(known, row)
    assert finals(merged).keys().isdisjoint({*merged.blanks, *merged.absent, *merged.refused})
    assert row.figures.keys().isdisjoint({*merged.blanks, *merged.absent, *merged.refused})
    assert not row.blanks.keys() & merged.absent.keys()
    assert merged.complete is known.complete


@given(days, feeds)
def test_a_silence_takes_the_drafts_of_its_feed_back(known: Day, feed: str) -> None:
    """What the feed printed before it was silent is gone, unless it is final or others list it."""
    merged = with_silence(known, feed, LATER)
    assert merged.silences == {**known.silences, feed: LATER}
    assert merged.listings.keys() == known.listings.keys() - {feed}
    gone = {c for c, figure in known.figures.items() if figure.feed == feed and not figure.final}
    gone -= {c for name, other in known.listings.items() if name != feed for c in other.codes}
    assert merged.figures.keys() == known.figures.keys() - gone
    assert merged.complete is (known.complete and (known.final or not gone))
    rest = {"figures": {}, "silences": {}, "listings": {}, "complete": False}
    assert plain(merged.replace(**rest)) == plain(known.replace(**rest))


@given(days, days)
def test_layers(upper: Day, lower: Day) -> None:
    """The archive's final figure counts, but not before a refreshed one or the same with more."""
    both = over(upper, lower)
    assert both.figures.keys() == upper.figures.keys() | lower.figures.keys()
    for code, one in both.figures.items():
        above, below = upper.figures.get(code), lower.figures.get(code)
        if above is None or below is None:
            assert one is (above or below)
        elif above.final and below.final:
            lacks = (below.change and not above.change) or (below.name and not above.name)
            has_more = lacks and below.same_as(above)
            is_newer = below.refreshed and not above.refreshed
            assert one is (below if is_newer or has_more else above)
        else:
            assert one.final is (above.final or below.final)
    assert both.complete is (upper.complete or lower.complete)
    assert both.refused.keys().isdisjoint(both.figures)
    assert plain(over(both, lower)) == plain(both)


@given(days, days)
def test_what_was_replaced(known: Day, merged: Day) -> None:
    """Each figure that is another number, or gone; the same number in other digits is none."""
    told_of = {code for code, _, _ in replaced(known, merged)}
    for code, old in known.figures.items():
        new = merged.figures.get(code)
        assert (code in told_of) is (new is None or not new.same_as(old))


def test_days_are_not_changed_while_they_travel() -> None:
    """Merging makes new days, and leaves those that it was given as they were."""
    known = Day(
        DAY, {"USD": figure("1", final=False)}, silences={"daily": NOON}, blanks={"EUR": NOON},
        refused={"IRR": Refusal("trap", NOON)},
    )  # fmt: skip
    sheet = Day(DAY, {"EUR": figure("2")}, complete=True, fetched_at=LATER)
    before = plain(known), plain(sheet)
    with_sheet(known, sheet, "daily")
    with_rows(known, sheet.replace(complete=False))
    over(known, sheet)
    with_silence(known, "export", LATER)
    assert (plain(known), plain(sheet)) == before


@pytest.mark.parametrize("refresh", [False, True])
def test_two_days_of_true_figures(refresh: bool) -> None:
    """The dollar's draft of 2025-12-10 becomes final with the sheet that repeats it."""
    draft = Day(DAY, {"USD": figure("514.74", final=False, change="6.44")}, fetched_at=NOON)
    sheet = Day(
        DAY, {"USD": figure("514.740")}, complete=True, final=True,
        fetched_at=LATER + dt.timedelta(1),
    )  # fmt: skip
    merged = with_sheet(with_rows(Day(DAY), draft), sheet, "daily", refresh=refresh)
    usd = merged.figures["USD"]
    assert (usd.value, usd.change, usd.final) == ("514.740", "6.44", True)
    assert (merged.complete, merged.final) == (True, True)
