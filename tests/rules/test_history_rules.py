"""What `history` gives, and whom it asks. T is 2025-12-10, and the daily feed begins 2021-05-08."""

from datetime import date, timedelta
from decimal import Decimal, localcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import kzt_rates
from kzt_rates.store.contents import build_archive

if TYPE_CHECKING:
    from conftest import Dense, World

TODAY, YESTERDAY, TOMORROW = "2025-12-10", "2025-12-09", "2025-12-11"
T_8 = "2025-12-02"
ONE_DAY = timedelta(1)


def _per_unit(rates: "Dense", code: str, day: date) -> Decimal:
    value, nominal = rates[day][code]
    return Decimal(value) / nominal


def _days(start: str, end: str) -> list[date]:
    first, last = date.fromisoformat(start), date.fromisoformat(end)
    return [first + n * ONE_DAY for n in range((last - first).days + 1)]


def _texts(days: Any) -> list[str]:
    return [str(day) for day in days]


# Whom it asks.


def test_recent_days_are_the_daily_feeds(world: "World") -> None:
    """A few recent days are asked for one by one, those that are known not at all."""
    world.bank.withdraw("2025-12-07")
    client = world.client()
    client.sheet("2025-12-08")
    series = client.history("USD", start="2025-12-06", end=TODAY)
    assert {str(day): str(value) for day, value in series} == {
        day: world.figures[day]["USD"][0] for day in ("2025-12-06", "2025-12-08", YESTERDAY, TODAY)
    }
    assert _texts(series.missing) == ["2025-12-07"]
    asked = ["2025-12-08", "2025-12-06", "2025-12-07", YESTERDAY, TODAY]
    assert world.asked == asked
    for fresh in (client, world.client(), world.client(offline=True)):
        assert len(fresh.history("EUR", "USD", start="2025-12-06", end=TODAY)) == 4
    assert world.asked == asked


LAST_EIGHT_DAYS = [f"2025-12-{day:02}" for day in range(3, 11)]


@pytest.mark.parametrize(
    ("start", "end", "questions"),
    [
        ("2025-12-03", TODAY, LAST_EIGHT_DAYS),
        # days up to T-8 are the export's, also few of them; there is nothing behind T-8 to ask it
        (T_8, TODAY, [f"2025-11-22..{T_8} USD", *LAST_EIGHT_DAYS]),
        (T_8, T_8, [f"2025-11-22..{T_8} USD"]),
        ("2025-11-12", "2025-11-13", ["2025-11-02..2025-11-23 USD"]),
        ("2021-05-07", "2021-05-08", ["2021-04-27..2021-05-18 USD"]),
        ("2016-02-29", "2016-02-29", ["2016-02-19..2016-03-10 USD"]),
        # there was no tenge before, and so there are no rows
        ("1993-11-20", "1993-11-30", ["1993-11-15..1993-12-10 USD"]),
        # 29 February to 28 February is four years, and 2000 and 2004 have one each
        ("2000-02-29", "2004-02-28", ["2000-02-29..2004-02-28 USD"]),
        ("2012-01-01", "2015-12-31", ["2012-01-01..2015-12-31 USD"]),
        ("2012-01-05", "2015-12-31", ["2012-01-05..2016-01-04 USD"]),
        # of two questions each reaches beyond what it is for, and so into the other
        (
            "2000-02-29",
            "2004-02-29",
            ["2000-02-19..2004-02-18 USD", "2004-01-30..2004-03-10 USD"],
        ),
        (
            "2012-01-01",
            "2016-01-01",
            ["2011-12-22..2015-12-21 USD", "2015-12-02..2016-01-11 USD"],
        ),
    ],
)
def test_which_feed_is_asked(world: "World", start: str, end: str, questions: list[str]) -> None:
    """The last eight days are the daily feed's, all before them the export's, four years each.

    A question of the export's reaches ten days beyond both ends, as far as four years allow.
    """
    rates = world.publish_dense(start, end, "USD", "EUR")
    series = world.client().history("USD", start=start, end=end)
    assert series.dates == tuple(_days(start, end))
    assert list(series.values) == [_per_unit(rates, "USD", day) for day in rates]
    assert series.missing == ()
    assert world.questions == questions


def test_thirty_years(world: "World") -> None:
    """Thirty years of a pair take eight questions for the two codes alone, and eight sheets."""
    rates = world.publish_dense("1995-12-11", TODAY, "USD", "HUF")
    client = world.client()
    series = client.history("HUF", "USD", start="1995-12-11")
    assert len(world.questions) == 16
    assert {question[23:] for question in world.questions[:8]} == {"HUF USD"}
    assert world.questions[8:] == LAST_EIGHT_DAYS
    assert len(series) == 10_958
    forint, dollar = series.legs if series.legs[0].base == "HUF" else series.legs[::-1]
    for code, leg in (("HUF", forint), ("USD", dollar)):
        assert list(leg.values) == [_per_unit(rates, code, day) for day in rates]
    world.bank.forget()
    assert client.history("USD", start="1995-12-11") == dollar
    assert world.questions == []


@pytest.mark.parametrize(
    ("base", "quote", "asked"), [("EUR", "GBP", "GBP"), ("USD", "EUR", "EUR USD")]
)
def test_only_what_is_lacking_is_asked(world: "World", base: str, quote: str, asked: str) -> None:
    """Of a pair whose base is known the quote alone is asked for, from its first day unknown.

    The dollar is taken along where it is known, to compare with.
    """
    world.publish_dense("2015-01-01", "2015-12-31", "USD", "EUR", "GBP")
    client = world.client()
    client.history(base, start="2015-01-01", end="2015-12-31")
    client.history(quote, start="2015-02-01", end="2015-06-30")
    world.bank.forget()
    client.history(base, quote, start="2015-03-01", end="2015-05-31")
    assert world.questions == []
    assert len(client.history(base, quote, start="2015-02-01", end="2015-12-31")) == 334
    # ten days after June came along
    assert world.questions == [f"2015-07-01..2016-01-10 {asked}"]


def test_a_mixed_range(world: "World", tmp_path: Path) -> None:
    """Archive, cache, export and daily feed make one series, and each figure has its origin."""
    start, end = "2025-10-30", TODAY
    rates = world.publish_dense("2025-11-18", TODAY, "USD", "EGP", "EUR")
    # the working days until November's end but one: the packaged archive may come to have all
    archived = {
        str(day): world.figures[str(day)]["USD"]
        for day in _days(start, "2025-11-28")
        if day.weekday() < 5 and str(day) != "2025-11-18"
    }
    client = world.client(archive=_archive_of(tmp_path, archived))
    # the archive's days are not asked for; of the others before the 18th the bank has nothing
    lacking = [day for day in _days(start, "2025-11-17") if str(day) not in archived]
    span: dict[str, Any] = {"start": start, "end": end}
    with pytest.raises(kzt_rates.FeedError, match=f"USD for {lacking[0]}"):
        client.history("USD", **span)
    for day in lacking:  # the export's blank alone is not enough, where the daily feed may have it
        with pytest.raises(kzt_rates.RateNotFound):
            client.rate("USD", on=day)
    series = client.history("USD", **span)
    for day, value in series:
        own = archived.get(str(day))
        expected = Decimal(own[0]) if own else _per_unit(rates, "USD", day)
        assert value == expected, day
    assert list(series.missing) == lacking
    assert set(series.dates) | set(series.missing) == set(_days(start, end))
    assert world.questions == [
        f"2025-10-22..{T_8} USD",
        *LAST_EIGHT_DAYS,
        *_texts(lacking),
    ]


def _archive_of(folder: Path, dollars: "dict[str, tuple[str, int]]") -> str:
    lines = [f"{day},USD,{value},{nominal},-" for day, (value, nominal) in dollars.items()]
    source, archive = folder / "slice.csv", folder / "slice.sqlite"
    text = "\n".join(["date,currency,value,nominal,source", *lines, ""])
    source.write_text(text, encoding="utf-8")
    build_archive(str(source), str(archive))
    return str(archive)


def test_days_that_the_export_lacks(world: "World") -> None:
    """A history never asks the daily feed for old days: it raises, and each can be asked alone.

    Before the daily feed began the export's word is the last: no row twice, between rows.
    """
    holes = ["2021-05-05", "2021-05-07", "2021-05-09", "2021-05-20"]
    world.reopen(export_holes=holes, daily_holes=["2021-05-20"])
    rates = world.publish_dense("2021-04-21", "2021-06-10", "USD")
    client = world.client()
    span: dict[str, Any] = {"start": "2021-05-01", "end": "2021-05-31"}
    with pytest.raises(kzt_rates.FeedError, match="USD for 2021-05-09"):
        client.history("USD", **span)
    assert world.questions == ["2021-04-21..2021-06-10 USD", "2021-04-25..2021-05-30 USD"]
    ninth = _per_unit(rates, "USD", date(2021, 5, 9))
    assert client.rate("USD", on="2021-05-09").per_unit == ninth
    with pytest.raises(kzt_rates.RateNotFound):
        client.rate("USD", on="2021-05-20")
    assert world.questions[2:] == ["2021-05-09", "2021-05-20"]
    series = client.history("USD", **span)
    assert _texts(series.missing) == ["2021-05-05", "2021-05-07", "2021-05-20"]
    assert series["2021-05-09"] == ninth
    again = world.client(offline=True).history("USD", **span)
    assert again == series
    assert len(world.questions) == 4
    # what a feed said for certain of old days is asked again after thirty days
    world.advance(days=30)
    with pytest.raises(kzt_rates.FeedError, match="USD for 2021-05-20"):
        client.history("USD", **span)
    assert world.questions[4:] == ["2021-04-25..2021-05-30 USD", "2021-04-25..2021-05-30 USD"]
    # nobody has the ninth by now: what the daily feed said of it is given, and marked
    with pytest.warns(kzt_rates.StaleRateWarning, match="2021-05-09"):
        series = client.history("USD", start="2021-05-01", end="2021-05-19")
    assert (series["2021-05-09"], _texts(series.provisional)) == (ninth, ["2021-05-09"])
    assert len(world.questions) == 6


def test_a_daily_hole_in_a_short_gap(world: "World") -> None:
    """A day that the daily feed lacks has a rate of the export's where it is older than T-7."""
    world.reopen(daily_holes=[T_8, "2025-12-04"])
    rates = world.publish_dense("2025-12-01", "2025-12-05", "USD")
    series = world.client().history("USD", start="2025-12-01", end="2025-12-05")
    assert series[T_8] == _per_unit(rates, "USD", date(2025, 12, 2))
    assert _texts(series.missing) == ["2025-12-04"]
    assert world.questions == [
        f"2025-11-21..{T_8} USD",
        *(f"2025-12-{day:02}" for day in range(3, 6)),
    ]


# What it gives.


def test_skip_raise_previous(world: "World") -> None:
    """A day without a rate is left out and listed, raised, or answered by the day before it."""
    rates = world.publish_dense("2015-08-01", "2015-08-31", "USD", "EUR")
    for day in ("2015-08-09", "2015-08-10"):
        world.bank.publish(day, {"USD": rates[date.fromisoformat(day)]["USD"]})
    world.bank.withdraw("2015-08-20")
    client = world.client()
    span: dict[str, Any] = {"start": "2015-08-05", "end": "2015-08-25"}
    skipped = client.history("EUR", **span)
    assert _texts(skipped.missing) == ["2015-08-09", "2015-08-10", "2015-08-20"]
    assert (len(skipped), dict(skipped.carried)) == (18, {})
    with pytest.raises(kzt_rates.RateNotFound) as caught:
        client.history("EUR", **span, missing="raise")
    assert (str(caught.value.date), caught.value.code) == ("2015-08-09", "EUR")
    carried = client.history("EUR", **span, missing="previous")
    assert (len(carried), carried.missing) == (21, ())
    assert {str(day): str(source) for day, source in carried.carried.items()} == {
        "2015-08-09": "2015-08-08",
        "2015-08-10": "2015-08-08",
        "2015-08-20": "2015-08-19",
    }
    for day, value in carried:
        assert value == _per_unit(rates, "EUR", carried.carried.get(day, day))
    # the dollar had a rate on those two days, but both legs are of one date
    crossed = client.history("USD", "EUR", **span, missing="previous")
    assert crossed.carried == carried.carried
    for leg in crossed.legs:
        for day, value in leg:
            assert value == _per_unit(rates, leg.base, crossed.carried.get(day, day))
    assert len(world.questions) == 2


def test_previous_before_the_range(world: "World") -> None:
    """The first days of a range may be answered by days before it, both legs from one date."""
    rates = world.publish_dense("2015-08-01", "2015-08-31", "USD", "EUR")
    for day in range(10, 14):
        world.bank.withdraw(f"2015-08-{day}")
    world.bank.publish("2015-08-09", {"USD": ("187.67", 1)})
    client = world.client()
    series = client.history("EUR", "USD", start="2015-08-11", end="2015-08-15", missing="previous")
    assert {str(day): str(source) for day, source in series.carried.items()} == {
        f"2015-08-{day}": "2015-08-08" for day in (11, 12, 13)
    }
    eighth = date(2015, 8, 8)
    with localcontext() as context:
        context.prec = 28
        expected = _per_unit(rates, "EUR", eighth) / _per_unit(rates, "USD", eighth)
    assert series.values[0] == expected
    alone = client.history("USD", start="2015-08-11", end="2015-08-11", missing="previous")
    assert alone.values == (Decimal("187.67"),)


@pytest.mark.parametrize(("gap", "given"), [(14, True), (15, False)])
@pytest.mark.parametrize("inside", [False, True])
def test_previous_is_bounded(world: "World", gap: int, *, given: bool, inside: bool) -> None:
    """A day is answered from at most fourteen days before, within the range and before it."""
    first = date(2015, 8, 1)
    rates = world.publish_dense("2015-07-20", "2015-08-31", "USD")
    for number in range(gap):
        world.bank.withdraw(first + number * ONE_DAY)
    start = first - ONE_DAY if inside else first + (gap - 1) * ONE_DAY
    client = world.client()

    def look() -> kzt_rates.Series:
        return client.history("USD", start=start, end="2015-08-31", missing="previous")

    if given:
        series = look()
        source = first - ONE_DAY
        assert set(series.carried.values()) == {source}
        assert series.at(first + (gap - 1) * ONE_DAY) == _per_unit(rates, "USD", source)
    else:
        with pytest.raises(kzt_rates.RateNotFound) as caught:
            look()
        assert caught.value.date == first + (gap - 1) * ONE_DAY


def test_the_end(world: "World") -> None:
    """`None` is today; a future end is clipped to today, or to tomorrow where its sheet is here."""
    client = world.client()
    for end, last in ((None, TODAY), (TODAY, TODAY), (TOMORROW, TODAY), ("2030-01-01", TODAY)):
        series = client.history("USD", start=YESTERDAY, end=end)
        assert (str(series.end), str(series.dates[-1])) == (last, last)
    assert world.asked == [YESTERDAY, TODAY]
    client.sheet(TOMORROW)
    for end, last in ((None, TODAY), (TOMORROW, TOMORROW), ("2030-01-01", TOMORROW)):
        series = client.history("USD", start=YESTERDAY, end=end)
        assert (str(series.end), str(series.dates[-1])) == (last, last)
    assert _texts(series.provisional) == [TOMORROW]
    assert world.asked == [YESTERDAY, TODAY, TOMORROW]


def test_misuse(world: "World") -> None:
    """A start after the end, a policy nobody knows, a code nobody knows: raised, unasked."""
    client = world.client()
    with pytest.raises(ValueError, match="ends before it starts"):
        client.history("USD", start=TODAY, end=YESTERDAY)
    with pytest.raises(ValueError, match="is in the future: today in Kazakhstan is"):
        client.history("USD", start=TOMORROW)
    with pytest.raises(ValueError, match="missing"):
        client.history("USD", start=YESTERDAY, missing="next")
    with pytest.raises(kzt_rates.UnknownCurrency):
        client.history("USD", "QQX", start=YESTERDAY)
    with pytest.raises(TypeError):
        client.history("USD", start=20251210)
    assert world.asked == []


def test_a_start_in_the_future(world: "World") -> None:
    """Its first day may have been published: that one is asked for, unless it is too far ahead."""
    client = world.client()
    series = client.history("USD", start=TOMORROW, end="2026-02-01")
    assert [(str(day), str(value)) for day, value in series] == [(TOMORROW, "518.39")]
    assert (series.provisional, str(series.end)) == (series.dates, TOMORROW)
    series = client.history("USD", start="2025-12-24", end="2026-02-01")
    assert (_texts(series.missing), series.dates) == (["2025-12-24"], ())
    with pytest.raises(kzt_rates.RateNotFound) as caught:
        client.history("USD", start="2025-12-24", end="2026-02-01", missing="raise")
    assert caught.value.reason == "none_published"
    for missing in ("skip", "raise", "previous"):
        with pytest.raises(kzt_rates.RateNotFound) as caught:
            client.history("USD", start="2025-12-25", end="2026-02-01", missing=missing)
        assert caught.value.reason == "too_far_ahead"
    assert world.asked == [TOMORROW, "2025-12-24"]


def test_identity_inverse_cross(world: "World") -> None:
    """One is one; an inverse and a cross are, day by day, what `rate` gives for that day."""
    rates = world.publish_dense("2015-08-01", "2015-08-31", "USD", "RUB", "UZS")
    client = world.client()
    span: dict[str, Any] = {"start": "2015-08-01", "end": "2015-08-31"}
    assert set(client.history("KZT", "kzt", **span).values) == {Decimal(1)}
    assert set(client.history("USD", "USD", **span).values) == {Decimal(1)}
    assert world.asked == []
    for base, quote in (("KZT", "USD"), ("RUB", "UZS"), ("uzs", "rub")):
        series = client.history(base, quote, **span)
        assert (series.base, series.quote) == (base.upper(), quote.upper())
        for day, value in series:
            assert value == client.rate(base, quote, on=day).per_unit
            assert value == client.convert(1, base, quote, on=day)
    inverse = client.history("KZT", "USD", **span)
    with localcontext() as context:
        context.prec = 28
        for day, value in inverse:
            assert value == 1 / _per_unit(rates, "USD", day)


# A failure to learn a day is raised, and the day never listed as missing.


@pytest.mark.parametrize(
    ("fault", "error"), [("status", kzt_rates.BankUnavailable), ("html", kzt_rates.FeedError)]
)
@pytest.mark.parametrize(
    ("start", "end", "day", "missing"),
    [
        ("2015-08-01", "2015-08-31", "2015-08-15", "skip"),
        ("2015-08-01", "2015-08-31", "2015-08-15", "previous"),
        ("2014-01-01", "2018-06-30", "2018-06-01", "raise"),  # of the second question
        ("2025-12-04", TODAY, YESTERDAY, "skip"),
        ("2025-12-04", TODAY, YESTERDAY, "previous"),
    ],
)
def test_a_failure_is_raised(
    world: "World",
    fault: str,
    error: type[kzt_rates.KztRatesError],
    start: str,
    end: str,
    day: str,
    missing: str,
) -> None:
    """Whatever the policy; what had been learned stays, and is not asked for again."""
    rates = world.publish_dense(start, end, "USD")
    world.bank.fail(fault, day=day)
    client = world.client()
    with pytest.raises(error):
        client.history("USD", start=start, end=end, missing=missing)
    failed, *before = world.bank.requests[::-1]
    known = {date.fromisoformat(on) for (on,) in world.rows("SELECT day FROM figure")}
    last = before[0].end or before[0].day if before else date.min
    assert known == {on for on in rates if on <= last}
    world.bank.forget()
    assert len(client.history("USD", start=start, end=end, missing=missing)) == len(rates)
    # from the first day that is not known, with the margin of a question of the export's
    first, unknown = world.bank.requests[0], min(rates.keys() - known)
    assert (first.day, first.start) == (
        (unknown, None) if failed.day else (None, unknown - 10 * ONE_DAY)
    )


@pytest.mark.parametrize("missing", ["skip", "raise", "previous"])
@pytest.mark.parametrize(
    ("start", "end", "outside"),
    [
        # ten days around a question of the export's come along
        ("2015-08-01", "2015-08-31", date(2015, 7, 21)),
        ("2025-12-04", TODAY, date(2025, 12, 3)),
    ],
)
def test_offline(world: "World", missing: str, start: str, end: str, outside: date) -> None:
    """Offline a known range is given, and of another its first day not known is named."""
    world.publish_dense(start, end, "USD")
    online = world.client()
    online.history("USD", start=start, end=end)
    client = world.client(offline=True)
    assert len(client.history("USD", start=start, end=end, missing=missing).dates) > 6
    with pytest.raises(kzt_rates.Offline) as caught:
        client.history("USD", start=outside, end=end, missing=missing)
    assert (caught.value.date, caught.value.code) == (outside, "USD")


def test_a_stale_draft(world: "World") -> None:
    """Where the bank fails a draft past its time is given, marked, and with a warning."""
    client = world.client()
    client.sheet(TOMORROW)
    client.history("USD", start=YESTERDAY, end=TODAY)
    span: dict[str, Any] = {"start": YESTERDAY, "end": TOMORROW}
    assert _texts(client.history("USD", **span).provisional) == [TOMORROW]
    world.advance(minutes=10)
    asked = len(world.asked)
    world.bank.fail("status")
    for stale in (client, world.client(offline=True)):
        with pytest.warns(kzt_rates.StaleRateWarning, match=TOMORROW):
            series = stale.history("KZT", "USD", **span)
        assert _texts(series.provisional) == [TOMORROW]
        assert series.legs[0].values[-1] == Decimal("518.39")
    assert world.asked[asked:] == [TOMORROW]
    world.bank.fail("status")
    with pytest.raises(kzt_rates.BankUnavailable):  # of another day nothing is known
        client.history("USD", start="2025-12-05", end=TOMORROW)
    world.advance(days=1)
    assert client.history("USD", **span).provisional == ()


def test_a_refused_code_is_raised(world: "World") -> None:
    """A figure that was refused is no missing day; of days up to T-8 the export tells."""
    world.reopen(current_nominals={"HUF": 1})
    world.bank.publish(T_8, world.figures[TODAY])
    client = world.client()
    for missing in ("skip", "raise", "previous"):
        with pytest.raises(kzt_rates.FeedError, match=f"HUF for {YESTERDAY}"):
            client.history("HUF", start=YESTERDAY, end=TODAY, missing=missing)
    assert world.asked == [YESTERDAY, TODAY]
    # 15.63 per 10
    assert client.history("HUF", start=T_8, end=T_8).values == (Decimal("1.563"),)
