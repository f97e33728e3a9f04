"""Well-formed lies of the range export: rows that are not there, and rows of something else."""

import warnings
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

import kzt_rates

if TYPE_CHECKING:
    from conftest import Dense, World

START, END = "2010-01-01", "2013-12-31"
DAY = "2016-03-18"


def _value(truth: "Dense", day: str, code: str) -> Decimal:
    value, nominal = truth[date.fromisoformat(day)][code]
    return Decimal(value) / nominal


def _export_questions(world: "World") -> int:
    return world.asked.count("export")


# Rows that are not there


@pytest.mark.parametrize(
    ("fault", "options"),
    [
        ("first_rows", {"keep": 1}),
        ("first_rows", {"keep": 100}),
        ("first_rows", {"keep": 300}),
        ("last_rows", {"keep": 300}),
        ("lost_rows", {"start": "2011-03-01", "end": "2011-04-29"}),
        ("lost_rows", {"start": "2011-03-01", "end": "2011-03-12"}),
    ],
)
def test_an_export_that_breaks_off(world: "World", fault: str, options: Any) -> None:
    """What an export lacks twice is unknown: an error or a hole, never "none", and whole again
    by the next sync, which asks at once, when the bank is."""
    truth = world.publish_dense("2009-12-01", "2014-01-31", "USD", "EUR")
    world.bank.fail(fault, None, feed="export", **options)
    client = world.client()
    with pytest.raises(kzt_rates.FeedError):
        client.history("USD", start=START, end=END)
    assert world.asked == ["export"] * 2
    # a sync asks at once for what is not settled; where the bank sends more each time, that helps
    holes = client.sync(START, END, currencies=["USD"]).holes.get("USD", ())
    known = _known(world, "USD")
    assert len(holes) + len(known) >= (date(2013, 12, 31) - date(2010, 1, 1)).days + 1
    assert all(_value(truth, str(day), "USD") == value for day, value in known.items())
    assert len(world.asked) <= 8
    for unknown in holes[:: max(1, len(holes) - 1)]:
        for missing in ("raise", "previous"):
            with pytest.raises(kzt_rates.FeedError):
                client.rate("USD", on=unknown, missing=missing)
    world.bank.heal()
    assert client.sync(START, END, currencies=["USD"]).holes == {}
    assert not client.history("USD", start=START, end=END).missing


def test_what_an_export_has_of_itself_adds_up(world: "World") -> None:
    """Answers of 500 rows each are believed as far as they go, and the next sync goes on."""
    truth = world.publish_dense("2009-12-01", "2014-01-31", "USD")
    world.bank.fail("first_rows", None, feed="export", keep=500)
    client = world.client()
    with pytest.raises(kzt_rates.FeedError):
        client.history("USD", start=START, end=END)
    assert client.sync(START, END, currencies=["USD"]).holes == {}
    series = client.history("USD", start=START, end=END)
    assert [(day, value) for day, value in series] == [
        (day, _value(truth, str(day), "USD"))
        for day in truth
        if date.fromisoformat(START) <= day <= date.fromisoformat(END)
    ]
    assert len(world.asked) == 3


def _known(world: "World", code: str) -> dict[date, Decimal]:
    """Return what the cache's file has of a code between the two dates."""
    query = "SELECT day, value FROM figure WHERE code = ? AND day BETWEEN ? AND ?"
    rows = world.rows(query, code, START, END)
    return {date.fromisoformat(day): Decimal(value) for day, value in rows}


def test_a_history_of_recent_years_asks_little(world: "World") -> None:
    """Years of which the daily feed has sheets are not asked for day by day."""
    world.publish_dense("2023-01-01", "2025-12-10", "USD")
    world.bank.fail("first_rows", None, feed="export", keep=500)
    with pytest.raises(kzt_rates.FeedError):
        world.client().history("USD", start="2023-01-01", end="2025-11-30")
    assert len(world.asked) == 2


@pytest.mark.parametrize("day", ["2015-03-10", "2023-03-10"])
def test_a_row_that_a_single_day_lacks(world: "World", day: str) -> None:
    """A day whose row is not there is unknown; from May 2021 on the daily feed stands in."""
    truth = world.publish_dense("2015-02-01", "2015-04-30", "USD", "EUR", "GBP", "CHF")
    truth |= world.publish_dense("2023-02-01", "2023-04-30", "USD", "EUR", "GBP", "CHF")
    world.bank.fail("lost_rows", None, feed="export", date=day)
    client = world.client()
    if day < "2021":
        with pytest.raises(kzt_rates.FeedError):
            client.rate("USD", on=day)
        with pytest.raises(kzt_rates.FeedError):
            client.rate("USD", on=day, missing="previous")
        assert len(world.asked) == 1
    else:
        assert client.rate("USD", on=day).per_unit == _value(truth, day, "USD")
        assert len(world.asked) == 2


def test_a_bank_that_came_back_in_time(world: "World") -> None:
    """Rows that come at the second asking are believed, and nothing is missing."""
    truth = world.publish_dense("2009-12-01", "2014-01-31", "USD")
    world.bank.fail("first_rows", 1, feed="export", keep=500)
    series = world.client().history("USD", start=START, end=END)
    assert len(series) == len([d for d in truth if date(2010, 1, 1) <= d <= date(2013, 12, 31)])
    assert not series.missing
    assert world.asked == ["export"] * 2


@pytest.mark.parametrize("until", ["1999-12-31", "2003-12-31"])
def test_no_rows_on_weekends(world: "World", until: str) -> None:
    """An export of the 1990s without weekends: few questions, no error, Friday on a Sunday."""
    truth = world.publish_dense("1993-11-15", "2005-12-31", "USD")
    world.bank.fail("no_weekends", None, feed="export", end=until)
    client = world.client()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        series = client.history("USD", start="1993-11-15", end="2005-12-31")
    assert date(1996, 3, 10) in series.missing
    sunday = client.rate("USD", on="1996-03-10", missing="previous")
    assert sunday.effective_date == date(1996, 3, 8)
    assert sunday.per_unit == _value(truth, "1996-03-08", "USD")
    assert len(world.asked) <= 8


def test_no_rows_on_weekends_and_nothing_known(world: "World") -> None:
    """The fortnight around a Sunday shows by itself that weekends have no rows."""
    truth = world.publish_dense("1996-02-01", "1996-04-30", "USD")
    world.bank.fail("no_weekends", None, feed="export")
    sunday = world.client().rate("USD", on="1996-03-10", missing="previous")
    assert sunday.effective_date == date(1996, 3, 8)
    assert sunday.per_unit == _value(truth, "1996-03-08", "USD")


@pytest.mark.parametrize(("start", "end"), [("1996-03-10", "1996-03-23"), ("1996-03-09",) * 2])
def test_a_range_that_begins_or_ends_on_a_weekend(world: "World", start: str, end: str) -> None:
    """A gap between rows may reach into the margins: they are there to show what it is."""
    world.publish_dense("1996-02-01", "1996-04-30", "USD")
    world.bank.fail("no_weekends", None, feed="export")
    series = world.client().history("USD", start=start, end=end)
    assert {day.weekday() for day in series.missing} <= {5, 6}
    assert {day.weekday() for day in series.dates} <= {0, 1, 2, 3, 4}
    assert len(series) + len(series.missing) == 1 + (
        date.fromisoformat(end) - date.fromisoformat(start)
    ) // timedelta(1)


def test_rows_that_the_margins_lack(world: "World") -> None:
    """They are not asked for again, and nothing is kept of them: whoever wants them asks."""
    truth = world.publish_dense("2015-02-01", "2015-04-30", "USD")
    lost = ("2015-02-22", "2015-04-05")
    for day in lost:
        world.bank.fail("lost_rows", feed="export", date=day)
        world.bank.forget()
        series = world.client(cache=False).history("USD", start="2015-03-01", end="2015-03-31")
        assert (len(series), world.asked) == (31, ["export"])
    world.bank.fail("lost_rows", feed="export", start="2015-02-19", end="2015-02-28")
    client = world.client()
    client.history("USD", start="2015-03-01", end="2015-03-31")
    assert world.rows("SELECT * FROM mark") == []
    world.bank.forget()
    assert client.rate("USD", on=lost[0]).per_unit == _value(truth, lost[0], "USD")
    assert world.asked == ["export"]


@pytest.mark.parametrize("start", ["1993-11-15", "1993-11-20"])
@pytest.mark.parametrize(("last", "silent"), [("1993-12-15", True), ("1993-12-16", False)])
def test_a_gap_before_the_first_row(world: "World", start: str, last: str, *, silent: bool) -> None:
    """A month without rows after the tenge's first day is the calendar's, more is an error."""
    world.publish_dense("1993-11-15", "1994-12-31", "USD")
    world.bank.fail("lost_rows", None, feed="export", start="1993-11-15", end=last)
    client = world.client()
    if silent:
        series = client.history("USD", start=start, end="1994-06-30")
        assert str(series.missing[0]) == start
        assert str(series.missing[-1]) == last
    else:
        with pytest.raises(kzt_rates.FeedError, match=f"no row of {start}"):
            client.history("USD", start=start, end="1994-06-30")
        with pytest.raises(kzt_rates.FeedError):
            client.rate("USD", on=last, missing="previous")
    assert world.asked == ["export"] * 2


@pytest.mark.parametrize(("days", "silent"), [(10, True), (11, False)])
def test_a_gap_between_rows(world: "World", days: int, *, silent: bool) -> None:
    """Ten days without rows, twice, are the export's calendar; eleven are unknown."""
    world.publish_dense("1995-01-01", "1995-12-31", "USD")
    first, margin = date(1995, 5, 1), timedelta(10)
    last = first + timedelta(days - 1)
    world.bank.fail("lost_rows", None, feed="export", start=first, end=last)
    client = world.client()
    if silent:
        series = client.history("USD", start="1995-03-01", end="1995-06-30")
        assert (series.missing[0], series.missing[-1], len(series.missing)) == (first, last, days)
    else:
        with pytest.raises(kzt_rates.FeedError, match="no row of 1995-05-01"):
            client.history("USD", start="1995-03-01", end="1995-06-30")
    assert world.questions == [
        "1995-02-19..1995-07-10 USD",
        f"{first - margin}..{last + margin} USD",
    ]


@pytest.mark.parametrize("fault", ["status", "html", "truncated_zip"])
@pytest.mark.parametrize("verb", ["history", "sync"])
def test_an_export_that_cannot_be_had(world: "World", fault: str, verb: str) -> None:
    """For several old days its error is raised, and the daily feed is asked for none of them."""
    world.publish_dense("2023-01-01", "2023-12-31", "USD", "EUR")
    world.bank.fail(fault, None, feed="export")
    client = world.client()
    span: dict[str, Any] = {"start": "2023-03-01", "end": "2023-03-31"}
    asking: dict[str, Callable[[], Any]] = {
        "history": lambda: client.history("USD", "EUR", **span, missing="previous"),
        "sync": lambda: client.sync(**span, currencies=["USD", "EUR"]),
    }
    for turn in (1, 2):
        with pytest.raises((kzt_rates.BankUnavailable, kzt_rates.FeedError)):
            asking[verb]()
        assert world.asked == ["export"] * turn
    # one of them alone is asked of the daily feed
    assert client.rate("USD", on="2023-03-15").value > 0
    assert world.asked[2:] == ["2023-03-15"]


def test_codes_without_a_form_id(world: "World") -> None:
    """Of old days the daily feed is asked for them only where they are named."""
    world.set_clocks("2026-11-20T12:00+05:00")
    world.publish_dense("2026-09-01", "2026-11-20")
    client = world.client()
    span: dict[str, Any] = {"start": "2026-10-01", "end": "2026-10-03"}
    client.sync(**span)
    client.history("USD", "EUR", **span)
    assert world.questions == ["2026-09-21..2026-10-13 39 codes"]
    world.bank.forget()
    days = ["2026-10-01", "2026-10-02", "2026-10-03"]
    report = client.sync(**span, currencies=["VND", "USD"])
    assert (world.asked, dict(report.holes)) == (days, {})
    assert len(client.history("VND", "EGP", **span)) == 3
    assert world.asked == days


# Rows of something else


@pytest.mark.parametrize(
    ("fault", "options", "code"),
    [
        ("late_rows", {"days": 1}, "USD"),
        ("late_rows", {"days": 1}, "EUR"),
        ("exchanged_codes", {"codes": ("EUR", "USD")}, "USD"),
        ("exchanged_codes", {"codes": ("EUR", "USD")}, "EUR"),
        ("exchanged_numbers", {"codes": "USD"}, "USD"),
        ("exchanged_numbers", {"codes": "EUR"}, "EUR"),
        ("scaled", {}, "USD"),
        ("scaled", {}, "EUR"),
        ("scaled", {"factor": "0.1"}, "USD"),
        ("scaled", {"codes": "EUR"}, "EUR"),
        ("another_nominal", {"codes": "USD", "nominal": "100"}, "USD"),
        ("another_nominal", {"codes": "EUR", "nominal": "100"}, "EUR"),
        ("todays_rates", {}, "USD"),
        ("todays_rates", {}, "EUR"),
    ],
)
def test_rows_that_contradict_what_is_known(
    world: "World", fault: str, options: Any, code: str
) -> None:
    """An export that differs from final figures of the same dates is refused whole."""
    world.publish_dense("2015-01-01", "2017-12-31", "USD", "EUR")
    client = world.client()
    client.sync("2016-02-20", "2016-03-05", currencies=["USD", "EUR"])
    world.bank.fail(fault, None, feed="export", **options)
    with pytest.raises(kzt_rates.FeedError):
        client.rate(code, on=DAY)
    assert world.rows("SELECT * FROM figure WHERE code = ? AND day = ?", code, DAY) == []
    with pytest.raises(kzt_rates.FeedError):
        client.history("USD", "EUR", start="2016-01-01", end="2016-12-31")
    assert world.rows("SELECT max(day) FROM figure WHERE code = ?", code) == [("2016-03-15",)]


@pytest.mark.parametrize("fault", ["late_rows", "scaled", "todays_rates"])
def test_the_dollar_is_taken_along(world: "World", fault: str) -> None:
    """Where the dollar is known, codes of which nothing is known are held against it."""
    world.publish_dense("2015-01-01", "2017-12-31", "USD", "EUR", "GBP")
    client = world.client()
    client.sync("2016-02-20", "2016-03-05", currencies=["USD"])
    world.bank.forget()
    world.bank.fail(fault, None, feed="export")
    with pytest.raises(kzt_rates.FeedError, match="contradicts"):
        client.history("EUR", "GBP", start="2016-03-01", end="2016-03-31")
    assert world.questions == ["2016-02-20..2016-04-10 EUR GBP USD"]
    assert world.rows("SELECT count(*) FROM figure WHERE code <> 'USD'") == [(0,)]
    # what is far from all that is known takes nothing along
    world.bank.heal()
    client.history("EUR", "GBP", start="2017-03-01", end="2017-03-31")
    assert world.questions[1:] == ["2017-02-19..2017-04-10 EUR GBP"]


@pytest.mark.parametrize(
    ("sheet", "day", "code"),
    [
        ({"USD": "67.9", "UAH": "0.04"}, "1996-08-20", "UAH"),
        ({"USD": "75.55", "RUB": ("12.7", 1000)}, "1998-01-01", "RUB"),
        ({"USD": "130.1", "BYR": "0.4"}, "1999-06-01", "BYR"),
        ({"USD": "130.1", "TRY": ("0.1", 1000)}, "2005-01-05", "TRY"),
        ({"USD": "60.0", "PLN": ("2.1", 1000)}, "1994-12-30", "PLN"),
        ({"USD": "60.0", "BRL": "0.1"}, "1994-06-30", "BRL"),
        ({"USD": "60.0", "GEL": "0.1"}, "1995-10-01", "GEL"),
        ({"USD": "60.0", "UZS": "0.1"}, "1994-06-30", "UZS"),
        ({"USD": "140.0", "TJS": "0.1"}, "2000-10-29", "TJS"),
        ({"USD": "133.0", "AZN": "0.03"}, "2005-12-31", "AZN"),
        ({"USD": "83.8", "EUR": "98.2"}, "1998-12-31", "EUR"),
    ],
)
def test_a_figure_of_before_its_unit(world: "World", sheet: Any, day: str, code: str) -> None:
    """A figure of before a unit began is of the old one: refused alone, and never given."""
    world.bank.publish(day, sheet)
    client = world.client()
    with pytest.raises(kzt_rates.KztRatesError):
        client.rate(code, on=day)
    assert client.rate("USD", on=day).value == Decimal(sheet["USD"])
    assert code in client.sheet(day).refused or code not in client.sheet(day)
    with pytest.raises(kzt_rates.KztRatesError):
        client.rate(code, on=day)
    assert world.rows("SELECT * FROM figure WHERE code = ?", code) == []


@pytest.mark.parametrize(
    ("code", "day"), [("INR", "2005-05-05"), ("MXN", "1998-03-03"), ("AMD", "2003-01-09")]
)
def test_asked_before_none_is_said(world: "World", code: str, day: str) -> None:
    """That the bank did not quote a currency yet is asked once, and then known."""
    world.publish_dense("1998-02-01", "1998-04-01", "USD")
    world.publish_dense("2003-01-01", "2003-01-31", "USD")
    world.publish_dense("2005-04-01", "2005-06-01", "USD")
    client = world.client()
    for _ in range(2):
        with pytest.raises(kzt_rates.RateNotFound) as caught:
            client.rate(code, on=day)
        assert caught.value.reason == "none_published"
        assert world.asked == ["export"]
    with pytest.raises(kzt_rates.Offline):
        world.client(offline=True, cache=False).rate(code, on=day)


@pytest.mark.parametrize("code", ["PKR", "VND", "EGP"])
def test_no_feed_can_be_asked(world: "World", code: str) -> None:
    """A currency without a form id cannot be asked for before the daily feed began."""
    with pytest.raises(kzt_rates.RateNotFound) as caught:
        world.client().rate(code, on="1997-05-05")
    assert caught.value.reason == "not_available_here"
    assert world.asked == []


def test_a_true_devaluation(world: "World") -> None:
    """The dollar rose by 19 % on 2014-02-12 and by 35 % on 2015-08-21: given, and final."""
    world.publish_known("2014-01-01", "2014-03-01")
    world.publish_known("2015-08-01", "2015-09-01")
    client = world.client()
    assert client.rate("USD", on="2015-08-20").value == Decimal("188.38")
    found = client.rate("USD", on="2015-08-21")
    assert (found.value, found.provisional) == (Decimal("255.26"), False)
    assert world.asked == ["export"]


def test_thirty_years_ask_little(world: "World") -> None:
    """Thirty years of a code are eight questions of four years, each with its margins."""
    world.publish_dense("1995-01-01", "2024-12-31", "USD")
    client = world.client()
    series = client.history("USD", start="1995-01-01", end="2024-12-31")
    assert len(series) == (date(2024, 12, 31) - date(1995, 1, 1)).days + 1
    assert len(world.asked) == 8
    for question in world.bank.requests:
        assert question.end - question.start < timedelta(days=4 * 366)


def test_rows_asked_again_in_vain(world: "World") -> None:
    """Where the second question fails, a gap is no calendar: the days stay unknown."""
    world.publish_dense("2012-01-01", "2012-12-31", "USD")
    world.bank.fail("lost_rows", 1, feed="export", start="2012-06-04", end="2012-06-08")
    world.bank.fail("status", 1, feed="export", status=503)
    client = world.client()
    with pytest.raises(kzt_rates.FeedError):
        client.history("USD", start="2012-05-01", end="2012-07-01")
    for missing in ("raise", "previous"):
        with pytest.raises(kzt_rates.FeedError):
            client.rate("USD", on="2012-06-06", missing=missing)


def test_two_answers_that_differ(world: "World") -> None:
    """Rows that come at the second asking and contradict the first answer: neither is believed."""
    world.publish_dense("2012-01-01", "2012-12-31", "USD")
    client = world.client()
    world.bank.fail("first_rows", 1, feed="export", keep=100)
    world.bank.fail("late_rows", 1, feed="export", days=1)
    with pytest.raises(kzt_rates.FeedError, match="answered twice"):
        client.history("USD", start="2012-03-01", end="2012-06-30")
    assert world.rows("SELECT * FROM figure") == []


@pytest.mark.parametrize(
    ("code", "nominal"), [("AMD", "1"), ("UZS", "1"), ("IRR", "1"), ("USD", "100"), ("HUF", "100")]
)
def test_another_lot_that_no_sheet_has(world: "World", code: str, nominal: str) -> None:
    """With nothing known of the dates, a lot that the bank did not use then is refused alone."""
    world.publish_dense("2018-01-01", "2018-03-31", "USD", code, "EUR")
    world.bank.fail("another_nominal", None, feed="export", codes=code, nominal=nominal)
    client = world.client()
    with pytest.raises(kzt_rates.FeedError, match="refused"):
        client.rate(code, on="2018-02-02")
    assert client.rate("EUR", on="2018-02-02").nominal == 1


@pytest.mark.parametrize("missing", ["raise", "previous"])
def test_nothing_is_carried_beyond_a_unit(world: "World", missing: str) -> None:
    """The Belarusian rouble of before July 2016 has no rate after, carried or not."""
    world.publish_dense("2016-06-01", "2016-07-20", "USD", "BYR", "BYN")
    with pytest.raises(kzt_rates.RateNotFound) as caught:
        world.client().history("BYR", start="2016-06-25", end="2016-07-05", missing=missing)
    assert caught.value.reason == "no_such_unit"


def test_a_gap_on_days_of_which_a_rate_is_known(world: "World") -> None:
    """Days on which any code has a final figure are no calendar of days without rates."""
    world.publish_dense("2012-01-01", "2012-12-31", "USD", "EUR")
    client = world.client()
    client.history("USD", start="2012-06-04", end="2012-06-08")
    world.bank.fail("lost_rows", None, feed="export", start="2012-06-04", end="2012-06-08")
    with pytest.raises(kzt_rates.FeedError):
        client.history("EUR", start="2012-05-01", end="2012-07-01")
    for missing in ("raise", "previous"):
        with pytest.raises(kzt_rates.FeedError):
            client.rate("EUR", on="2012-06-08", missing=missing)


def test_a_blank_in_one_answer_and_a_figure_in_the_other(world: "World") -> None:
    """Of two answers one has blank cells where the other has figures: neither is believed."""
    world.publish_dense("2012-01-01", "2012-12-31", "USD")
    world.bank.withdraw("2012-06-04")
    client = world.client()
    world.bank.fail("lost_rows", 1, feed="export", date="2012-06-20")
    world.bank.fail("blank_cells", 1, feed="export", codes="USD", date="2012-06-15")
    with pytest.raises(kzt_rates.FeedError, match="answered twice"):
        client.history("USD", start="2012-05-01", end="2012-07-01")


def test_a_weekday_without_rows_is_no_weekend(world: "World") -> None:
    """Two Wednesdays without rows around a single day are no calendar: it is unknown."""
    world.publish_dense("2012-01-01", "2012-12-31", "USD")
    world.reopen(export_holes=["2012-05-30", "2012-06-06"])
    world.publish_dense("2012-01-01", "2012-12-31", "USD")
    client = world.client()
    for missing in ("raise", "previous"):
        with pytest.raises(kzt_rates.FeedError):
            client.rate("USD", on="2012-06-06", missing=missing)
