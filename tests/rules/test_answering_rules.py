"""RULES.md, "Answering for a code C on a date D": row by row. Today, T, is 2025-12-10."""

import warnings
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import kzt_rates

if TYPE_CHECKING:
    from conftest import Driver, World

TODAY, YESTERDAY, TOMORROW = "2025-12-10", "2025-12-09", "2025-12-11"
THIRTY_DAYS = 30 * 24 * 60

Verb = Callable[["Driver"], Any]


def _leave_out(world: "World", day: str, code: str) -> None:
    """Publish a true sheet without one of its codes."""
    rates = world.figures[day]
    world.bank.publish(day, {other: rate for other, rate in rates.items() if other != code})


@pytest.mark.parametrize(
    ("ask", "answer"),
    [
        (lambda c: c.convert("12.50", "usd", "USD"), Decimal("12.5")),
        (lambda c: c.convert(3, "KZT", on="2035-01-01"), 3),
        (lambda c: c.rate("EUR", "EUR", on="1990-01-01").per_unit, 1),
        (lambda c: c.rate("EUR", "eur", refresh=True).value, 1),
    ],
)
def test_base_is_quote(world: "World", ask: Verb, answer: object) -> None:
    """One unit of a currency costs one of itself: on any date, and nothing is asked."""
    assert ask(world.client()) == answer
    assert world.asked == []


@pytest.mark.parametrize("options", [{}, {"refresh": True}, {"missing": "previous"}])
@pytest.mark.parametrize("verb", ["rate", "sheet", "convert"])
def test_too_far_ahead(world: "World", verb: str, options: dict[str, Any]) -> None:
    """Fifteen days ahead nothing can be set: `RateNotFound`, unasked. Fourteen are asked for."""
    client = world.client()
    arguments = {"rate": ("USD",), "convert": (1, "USD"), "sheet": ()}[verb]
    with pytest.raises(kzt_rates.RateNotFound) as caught:
        getattr(client, verb)(*arguments, on="2025-12-25", **options)
    assert caught.value.reason == "too_far_ahead"
    assert world.asked == []
    with pytest.raises(kzt_rates.RateNotFound) as caught:
        getattr(client, verb)(*arguments, on="2025-12-24")
    assert caught.value.reason == "none_published"
    assert world.asked == ["2025-12-24"]


def test_final_figure_is_known(world: "World") -> None:
    """A final figure is asked for once, in a new client and a month later too."""
    assert world.client().rate("USD", on=TODAY).value == Decimal("514.74")
    world.advance(days=30)
    client = world.client()
    assert client.rate("EUR", on=TODAY).value == Decimal("599.36")
    assert client.convert(1, "USD", on=TODAY) == Decimal("514.74")
    assert len(client.sheet(TODAY)) == 39
    assert world.asked == [TODAY]
    assert world.rows("SELECT count(*), min(final) FROM figure") == [(39, 1)]


def test_final_figure_is_archived(world: "World") -> None:
    """The archive answers before cache and bank."""
    client = world.client(archive=None)
    assert client.rate("USD", on="2015-08-21").value == Decimal("255.26")
    assert client.sheet("2025-12-05").source == "archive"
    assert world.asked == []
    assert not world.cache.exists()


def test_complete_and_final_without_the_code(world: "World") -> None:
    """A code that nobody expects on a day's whole, final sheet has no rate, unasked."""
    client = world.client()
    client.rate("USD", on=TODAY)
    for fresh in (client, world.client(), world.client(offline=True)):
        with pytest.raises(kzt_rates.RateNotFound) as caught:
            fresh.rate("EGP", on=TODAY)  # seen first on 2026-07-08
        assert caught.value.reason == "none_published"
        assert caught.value.code == "EGP"
    world.advance(days=20)
    with pytest.raises(kzt_rates.RateNotFound):
        world.client().rate("EGP", on=TODAY)
    assert world.asked == [TODAY]


def test_complete_and_final_without_an_expected_code(world: "World") -> None:
    """A sheet that lacks an expected code says nothing: the export is asked, then it is unknown."""
    _leave_out(world, TODAY, "ZAR")
    client = world.client()
    assert client.sheet(TODAY).complete
    for fresh in (client, world.client()):
        with pytest.raises(kzt_rates.FeedError, match="sheet of 2025-12-10 lacks it"):
            fresh.rate("ZAR", on=TODAY)
        with pytest.raises(kzt_rates.FeedError):
            fresh.convert(1, "ZAR", on=TODAY, missing="previous")
        with pytest.raises(kzt_rates.FeedError):
            fresh.history("ZAR", start=TODAY, end=TODAY)
    assert world.questions == [TODAY, f"{TODAY}..{TODAY} 39 codes"]
    world.publish(TODAY, TODAY)
    world.advance(minutes=10, seconds=-1)
    with pytest.raises(kzt_rates.FeedError):
        client.rate("ZAR", on=TODAY)
    assert len(world.asked) == 2
    world.advance(seconds=1)
    assert str(client.rate("ZAR", on=TODAY).value) == world.figures[TODAY]["ZAR"][0]
    assert world.asked == [TODAY, "export", TODAY]


@pytest.mark.parametrize("verb", ["rate", "sheet"])
def test_provisional_figure(world: "World", verb: str) -> None:
    """Tomorrow's draft is given for less than ten minutes, marked, and then asked for again."""
    client = world.client()

    def given() -> bool:
        found = client.rate("USD", on=TOMORROW) if verb == "rate" else client.sheet(TOMORROW)
        return found.provisional

    assert given()
    world.advance(minutes=9, seconds=59)
    assert given()
    client = world.client()
    assert given()
    assert world.asked == [TOMORROW]
    world.advance(seconds=1)
    assert given()
    assert world.asked == [TOMORROW] * 2
    world.set_clocks(f"{TOMORROW}T00:00+05:00")
    assert not given()
    assert world.asked == [TOMORROW] * 3


@pytest.mark.parametrize(
    ("day", "minutes", "asked"),
    [
        (TOMORROW, 10, [TOMORROW]),
        (TODAY, 10, [TODAY]),
        ("2025-12-03", 10, ["2025-12-03"]),  # T-7
        ("2025-12-02", 10, ["2025-12-02", "2025-11-25..2025-12-02"]),  # T-8
        ("2025-11-26", 10, ["2025-11-26", "2025-11-19..2025-12-02"]),  # T-14, the last recent one
        ("2025-11-25", THIRTY_DAYS, ["2025-11-18..2025-12-01", "2025-11-25"]),
        ("2023-08-01", THIRTY_DAYS, ["2023-07-25..2023-08-07", "2023-08-01"]),
        # where the daily feed's archive begins
        ("2021-05-08", THIRTY_DAYS, ["2021-05-01..2021-05-14", "2021-05-08"]),
    ],
)
@pytest.mark.parametrize("verb", ["rate", "sheet"])
def test_silence(world: "World", verb: str, day: str, minutes: int, asked: list[str]) -> None:
    """ "No rate" of all feeds to be asked holds ten minutes from T-14 on, thirty days for older."""
    world.bank.withdraw(day)
    questions = [f"{question} 39 codes" if ".." in question else question for question in asked]

    def look() -> str:
        client = world.client()
        with pytest.raises(kzt_rates.RateNotFound) as caught:
            client.rate("USD", on=day) if verb == "rate" else client.sheet(day)
        return caught.value.reason

    assert look() == "none_published"
    world.advance(minutes=minutes, seconds=-1)
    assert look() == "none_published"
    assert world.questions == questions
    assert world.marks(day, "silence") == ["daily"]
    assert len(world.marks(day, "blank")) == (39 if len(asked) == 2 else 0)
    world.advance(seconds=1)
    look()
    assert world.questions == questions * 2


@pytest.mark.parametrize("day", ["2021-05-07", "2013-04-25", "1994-01-01"])
def test_silence_before_the_daily_feed(world: "World", day: str) -> None:
    """Before the daily feed began the range export's word is enough, and holds thirty days."""
    for _ in range(2):
        for verb in ("rate", "sheet"):
            client = world.client()
            with pytest.raises(kzt_rates.RateNotFound) as caught:
                client.rate("USD", on=day) if verb == "rate" else client.sheet(day)
            assert caught.value.reason == "none_published"
        world.advance(days=30, seconds=-1)
    assert world.asked == ["export"]
    world.advance(seconds=1)
    with pytest.raises(kzt_rates.RateNotFound):
        world.client().rate("USD", on=day)
    assert world.asked == ["export"] * 2


def test_a_refused_figure_of_an_old_day(world: "World") -> None:
    """A refusal of an old day holds thirty days, with its reason; then the bank is asked again."""
    world.publish_known("2015-08-20", "2015-08-20")
    world.bank.fail("another_nominal", feed="export", codes="USD", nominal="3")
    client = world.client()
    for fresh in (client, world.client(), world.client(offline=True)):
        with pytest.raises(kzt_rates.FeedError, match=r"188\.38 per 3") as caught:
            fresh.rate("USD", on="2015-08-20")
        assert "1, 10, 100" in str(caught.value)
        with pytest.raises(kzt_rates.FeedError):
            fresh.convert(1, "USD", on="2015-08-20", missing="previous")
    world.advance(days=30, seconds=-1)
    with pytest.raises(kzt_rates.FeedError):
        world.client().rate("USD", on="2015-08-20")
    assert world.asked == ["export"]
    world.advance(seconds=1)
    assert client.rate("USD", on="2015-08-20").value == Decimal("188.38")
    assert world.asked == ["export"] * 2
    assert world.marks("2015-08-20", "refusal") == []


def test_an_absent_row_of_an_old_day(world: "World") -> None:
    """A row that the export lacks is no word: an error, and asked again after a day."""
    world.publish_known("2015-08-20", "2015-08-20")
    world.bank.fail("lost_rows", feed="export", date="2015-08-20")
    client = world.client()
    for missing in ("raise", "previous"):
        with pytest.raises(kzt_rates.FeedError, match="no row of 2015-08-20"):
            client.rate("USD", on="2015-08-20", missing=missing)
    world.advance(days=1, seconds=-1)
    with pytest.raises(kzt_rates.FeedError):
        world.client().rate("USD", on="2015-08-20")
    assert world.asked == ["export"]
    world.advance(seconds=1)
    assert client.rate("USD", on="2015-08-20").value == Decimal("188.38")


@pytest.mark.parametrize("verb", ["rate", "sheet"])
def test_a_503_for_the_fortnight(world: "World", verb: str) -> None:
    """A mirror may know a day and not its neighbours: after a 503 the day is asked for alone."""
    world.publish_known("2015-08-20", "2015-08-20")
    world.bank.fail("status", None, feed="export", day="2015-08-19")
    client = world.client()
    day = "2015-08-20"
    rate = client.rate("USD", on=day) if verb == "rate" else client.sheet(day)["USD"]
    assert (rate.value, rate.provisional) == (Decimal("188.38"), False)
    fortnight, alone = "2015-08-13..2015-08-26", "2015-08-20..2015-08-20"
    assert world.questions == [f"{fortnight} 39 codes", f"{alone} 39 codes"]
    # of the neighbours nothing was learned
    assert world.rows("SELECT DISTINCT day FROM mark") == [("2015-08-20",)]


@pytest.mark.parametrize(("status", "requests"), [(503, 2), (403, 1), (500, 1)])
def test_the_export_cannot_be_reached(world: "World", status: int, requests: int) -> None:
    """No other status is followed by the day alone; from 2021-05-08 on the daily feed stands in."""
    world.publish_dense("2022-03-01", "2022-03-31")
    world.bank.fail("status", None, feed="export", status=status)
    client = world.client()
    with pytest.raises(kzt_rates.BankUnavailable) as caught:
        client.rate("USD", on="2015-08-20")
    assert caught.value.status == status
    assert world.asked == ["export"] * requests
    world.advance(minutes=10)
    world.bank.forget()
    assert client.rate("USD", on="2022-03-15").provisional
    assert world.asked == [*["export"] * requests, "2022-03-15"]


def test_a_feed_that_could_not_be_had_is_left_alone(world: "World") -> None:
    """For ten minutes the export is not tried again where the daily feed answers in its place."""
    world.publish_dense("2022-03-01", "2022-03-31")
    world.bank.fail("status", None, feed="export", status=403)
    client = world.client()
    client.rate("USD", on="2022-03-15")
    world.advance(minutes=10, seconds=-1)
    assert client.rate("USD", on="2022-03-16").provisional
    assert world.asked == ["export", "2022-03-15", "2022-03-16"]
    world.advance(seconds=1)
    client.rate("USD", on="2022-03-17")
    assert world.asked[3:] == ["export", "2022-03-17"]
    # where nobody can take its place it is asked
    with pytest.raises(kzt_rates.BankUnavailable):
        client.rate("USD", on="2015-08-20")
    assert world.asked[5:] == ["export"]


@pytest.mark.parametrize(
    ("code", "day"),
    [("EEK", "2010-12-30"), ("LVL", "2013-12-30"), ("LTL", "2014-01-01"), ("TRL", "2005-01-04")],
)
def test_not_available_here(world: "World", code: str, day: str) -> None:
    """What only the range export could tell, and it cannot be asked for, is said to be so."""
    client = world.client()
    asks: list[Callable[[], object]] = [
        lambda: client.rate(code, on=day),
        lambda: client.rate(code, on=day, refresh=True),
        lambda: client.convert(1, "USD", code, on=day, missing="previous"),
        lambda: client.history(code, start=day, end=day),
    ]
    for ask in asks:
        with pytest.raises(kzt_rates.RateNotFound) as caught:
            ask()
        assert caught.value.reason == "not_available_here"
    assert world.asked == []
    assert world.dump() == []


@pytest.mark.parametrize(
    ("ask", "answer"),
    [
        (lambda c: c.rate("USD", on=TOMORROW).value, Decimal("518.39")),
        (lambda c: c.convert(2, "USD", on=TOMORROW), Decimal("1036.78")),
        (lambda c: c.sheet(TOMORROW)["USD"].value, Decimal("518.39")),
    ],
)
def test_offline_with_an_older_draft(world: "World", ask: Verb, answer: Decimal) -> None:
    """Offline, a draft is given in its time, and past it with a warning at the caller's line."""
    world.client().rate("USD", on=TOMORROW)
    client = world.client(offline=True)
    assert ask(client) == answer
    world.advance(minutes=10)
    with pytest.warns(kzt_rates.StaleRateWarning, match=TOMORROW) as warned:
        assert ask(client) == answer
    assert [Path(w.filename).name for w in warned] == ["conftest.py"]
    assert world.asked == [TOMORROW]


def test_draft_that_a_sheet_in_part_lacks(world: "World") -> None:
    """A sheet with drafts that its last answer came without warns, as each of them does."""
    client = world.client()
    whole = client.sheet(TOMORROW)
    few = {rate.base: (str(rate.value), rate.nominal) for rate in whole.rates[::2]}
    few["USD"] = str(whole["USD"].value), 1
    lacking = next(code for code in whole if code not in few)
    world.bank.publish(TOMORROW, few)
    world.advance(minutes=10)
    for ask in (
        lambda: client.sheet(TOMORROW)[lacking],
        lambda: client.rate(lacking, on=TOMORROW),
    ):
        with pytest.warns(kzt_rates.StaleRateWarning, match="no feed has confirmed it"):
            assert ask().provisional


def test_offline_without(world: "World") -> None:
    """Offline, what is not known raises `Offline` with the nearest dates known."""
    world.client().rate("USD", on="2025-12-08")
    client = world.client(offline=True)
    for ask in (lambda: client.rate("USD", on=TODAY), lambda: client.sheet(TODAY)):
        with pytest.raises(kzt_rates.Offline, match="2025-12-08") as caught:
            ask()
        assert [str(day) for day in caught.value.nearest] == ["2025-12-08", "None"]
    with pytest.raises(kzt_rates.Offline):
        client.latest()
    assert world.asked == ["2025-12-08"]


@pytest.mark.parametrize(
    ("fault", "error"), [("status", kzt_rates.BankUnavailable), ("html", kzt_rates.FeedError)]
)
def test_the_bank_fails(world: "World", fault: str, error: type[kzt_rates.KztRatesError]) -> None:
    """When the bank fails, an older draft is given with a warning; without one, the error."""
    _leave_out(world, TOMORROW, "ZAR")
    client = world.client()
    client.rate("USD", on=TOMORROW)
    world.advance(minutes=10)
    world.bank.fail(fault, times=None)
    with pytest.warns(kzt_rates.StaleRateWarning, match="status 503|HTML"):
        assert client.rate("USD", on=TOMORROW).provisional
    with pytest.warns(kzt_rates.StaleRateWarning):
        assert client.sheet(TOMORROW).provisional
    with pytest.raises(error):
        client.rate("USD", on=TODAY)
    with pytest.raises(error):
        client.rate("ZAR", on=TOMORROW)
    assert world.asked == [TOMORROW, TOMORROW, TOMORROW, TODAY, TOMORROW]


# The archive knows four codes of 2025-11-29.


def test_incomplete_day_is_asked_for(world: "World") -> None:
    """`sheet` asks for a day known in part; `rate` and the sheet's codes known do not."""
    world.bank.publish("2025-11-29", world.figures["2025-12-01"])
    client = world.client(archive=None)
    assert client.rate("USD", on="2025-11-29").value == Decimal("512.53")
    assert client.convert(1, "EUR", "RUB", on="2025-11-29", places=4) == Decimal("90.7243")
    assert world.asked == []
    sheet = client.sheet("2025-11-29")
    assert (sheet.complete, len(sheet), sheet.source) == (True, 39, "bank")
    again = client.sheet("2025-11-29")
    assert (again.complete, len(again), again.source) == (True, 39, "cache")
    # BYN rose by 17 % over that weekend, and the export bears it out
    assert world.questions == ["2025-11-29", "2025-11-29..2025-11-29 BYN"]


@pytest.mark.parametrize("fault", [None, "status", "html", "no_rate"])
def test_incomplete_day_when_the_bank_cannot_be_asked(world: "World", fault: str | None) -> None:
    """Offline, or when the bank fails, the codes known of a day come with `complete=False`."""
    if fault is not None:
        world.bank.fail(fault, times=None)
    client = world.client(archive=None, offline=fault is None)
    sheet = client.sheet("2025-11-29")
    assert (sheet.complete, sheet.provisional) == (False, False)
    assert {code: str(rate.value) for code, rate in sheet.items()} == {
        "CNY": "72.44",
        "EUR": "592.43",
        "RUB": "6.53",
        "USD": "512.53",
    }
    # the export answers of T-11 too; a 503 about the fortnight is followed by the day alone
    export = {None: [], "status": ["export"] * 2}.get(fault, ["export"])
    assert world.asked == ([] if fault is None else ["2025-11-29", *export])


def test_previous_over_days_without_a_rate(world: "World") -> None:
    """`previous` steps back over days the bank has none for, and says that it did."""
    for day in (TODAY, YESTERDAY):
        world.bank.withdraw(day)
    client = world.client()
    rate = client.rate("USD", on=TODAY, missing="previous")
    assert (str(rate.effective_date), str(rate.requested_date)) == ("2025-12-08", TODAY)
    assert (rate.value, rate.carried) == (Decimal("504.49"), True)
    assert world.asked == [TODAY, YESTERDAY, "2025-12-08"]
    sheet = client.sheet(TODAY, missing="previous")
    assert (str(sheet.date), sheet.carried, len(sheet)) == ("2025-12-08", True, 39)
    assert client.convert(2, "USD", on=TODAY, missing="previous") == Decimal("1008.98")
    assert len(world.asked) == 3
    assert not client.rate("USD", on="2025-12-08", missing="previous").carried


@pytest.mark.parametrize("verb", ["rate", "sheet"])
def test_previous_is_bounded(world: "World", verb: str) -> None:
    """`previous` steps back fourteen days and no more."""
    # the last day that answers is T-7, because the daily feed's word on older ones is not enough
    world.publish("2025-12-03", "2025-12-03")
    for day in range(4, 12):
        world.bank.withdraw(f"2025-12-{day:02}")
    client = world.client()

    def look(on: str) -> kzt_rates.Rate:
        if verb == "rate":
            return client.rate("USD", on=on, missing="previous")
        return client.sheet(on, missing="previous")["USD"]

    rate = look("2025-12-17")
    assert (str(rate.effective_date), rate.carried) == ("2025-12-03", True)
    assert len(world.asked) == 15
    with pytest.raises(kzt_rates.RateNotFound) as caught:
        look("2025-12-18")
    assert str(caught.value.date) == "2025-12-18"
    assert len(world.asked) == 16


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("status", kzt_rates.BankUnavailable),
        ("html", kzt_rates.FeedError),
        ("another_date", kzt_rates.FeedError),
    ],
)
def test_previous_never_passes_an_unknown_day(
    world: "World", fault: str, error: type[kzt_rates.KztRatesError]
) -> None:
    """A day that is not known is asked for, and its error is raised: no older rate is given."""
    client = world.client()
    client.rate("USD", on="2025-12-08")
    world.bank.withdraw(TODAY)
    world.bank.fail(fault, times=None, day=YESTERDAY)
    for ask in (client.rate, client.convert):
        with pytest.raises(error):
            ask(*((1, "USD") if ask == client.convert else ("USD",)), on=TODAY, missing="previous")
    with pytest.raises(error):
        client.sheet(TODAY, missing="previous")
    with pytest.raises(kzt_rates.Offline):
        world.client(offline=True).rate("USD", on=TODAY, missing="previous")
    assert world.asked == ["2025-12-08", TODAY, *[YESTERDAY] * 3]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("status", kzt_rates.BankUnavailable),
        ("html", kzt_rates.FeedError),
        ("lost_rows", kzt_rates.FeedError),
    ],
)
def test_previous_never_passes_an_unknown_old_day(
    world: "World", fault: str, error: type[kzt_rates.KztRatesError]
) -> None:
    """Before the daily feed, too, a day that the bank did not tell of is not stepped over."""
    world.publish_known("2015-08-20", "2015-08-20")
    world.bank.fail("lost_rows", feed="export", date="2015-08-22")
    client = world.client()
    for on in ("2015-08-21", "2015-08-23"):  # their blank cells are the export's word
        with pytest.raises(kzt_rates.RateNotFound):
            client.rate("USD", on=on)
    assert len(world.asked) == 1
    options: Any = {"date": "2015-08-22"} if fault == "lost_rows" else {}
    world.bank.fail(fault, times=None, **options)
    for on in ("2015-08-23", "2015-08-22"):
        with pytest.raises(error):
            client.rate("USD", on=on, missing="previous")
    world.bank.heal()
    world.advance(days=1)
    rate = client.rate("USD", on="2015-08-23", missing="previous")
    assert (rate.value, str(rate.effective_date)) == (Decimal("188.38"), "2015-08-20")


@pytest.mark.parametrize("pair", [("JPY", "RUR"), ("RUR", "JPY"), ("USD", "RUR"), ("RUR", "USD")])
def test_previous_ends_with_a_unit(world: "World", pair: tuple[str, str]) -> None:
    """No pair is carried past the end of one of its units, whatever is known of the other."""
    last = {"USD": "75.55", "JPY": ("5.81", 10), "RUR": ("12.71", 1000)}
    world.bank.publish("1997-12-31", last)
    world.bank.publish("1998-01-02", {"USD": "75.66"})
    client = world.client()
    for code in ("USD", "JPY"):  # that it has none of that day is known from here on
        with pytest.raises(kzt_rates.RateNotFound) as none:
            client.rate(code, on="1998-01-01")
        assert none.value.reason == "none_published"
        assert str(client.rate(code, on="1998-01-01", missing="previous").effective_date) == (
            "1997-12-31"
        )
    for ask in (
        lambda: client.rate(*pair, on="1998-01-01", missing="previous"),
        lambda: client.convert(1, *pair, on="1998-01-01", missing="previous"),
        lambda: client.rate(*pair, on="1998-01-01"),
    ):
        with pytest.raises(kzt_rates.RateNotFound) as caught:
            ask()
        assert (caught.value.reason, caught.value.successor) == ("no_such_unit", "RUB")


def test_previous_takes_both_legs_of_one_date(world: "World") -> None:
    """A cross rate is of one date, also where one of its legs is known of a later one."""
    world.bank.publish("2015-08-20", {"USD": "188.38", "EUR": "208.52"})
    world.bank.publish("2015-08-21", {"USD": "255.26"})
    client = world.client()
    for base, quote in (("USD", "EUR"), ("EUR", "USD")):
        cross = client.rate(base, quote, on="2015-08-21", missing="previous")
        assert str(cross.effective_date) == "2015-08-20"
        assert {str(leg.effective_date) for leg in cross.legs} == {"2015-08-20"}
    assert client.convert("208.52", "USD", "EUR", on="2015-08-21", missing="previous") == Decimal(
        "188.38"
    )
    series = client.history("EUR", "USD", start="2015-08-20", end="2015-08-21", missing="previous")
    assert [str(day) for day in series.carried] == ["2015-08-21"]
    assert len(set(series.values)) == 1
    assert not client.rate("USD", on="2015-08-21", missing="previous").carried
    assert world.asked == ["export"]


def test_latest_is_reused(world: "World") -> None:
    """`latest` gives the newest sheet, tomorrow's here, and asks again after ten minutes."""
    first = world.client().latest()
    assert (str(first.date), first.provisional, first.source) == (TOMORROW, True, "bank")
    assert {rate.base for rate in first.values()} == world.figures[TOMORROW].keys()
    world.advance(minutes=9, seconds=59)
    client = world.client()
    again = client.latest()
    assert (again, again.source) == (first, "cache")
    assert client.sheet(TOMORROW) == first
    assert world.asked == ["latest"]
    world.advance(seconds=1)
    assert client.latest() == first
    assert client.latest(refresh=True) == first
    assert world.asked == ["latest"] * 3


@pytest.mark.parametrize("fault", [None, "status", "html"])
@pytest.mark.parametrize("newest", [TODAY, TOMORROW])
def test_latest_falls_back(world: "World", fault: str | None, newest: str) -> None:
    """Offline, or when the bank fails, `latest` is the newest whole sheet if of T or later."""
    for day in (YESTERDAY, newest):
        world.client().sheet(day)
    if fault is not None:
        world.bank.fail(fault, times=None)
    client = world.client(offline=fault is None)
    with pytest.warns(kzt_rates.StaleRateWarning, match=newest):
        assert str(client.latest().date) == newest


def test_latest_falls_back_to_nothing_older(world: "World") -> None:
    """Yesterday's sheet is not the latest: the error is raised."""
    client = world.client()
    client.sheet(YESTERDAY)
    world.bank.fail("status", times=None)
    with pytest.raises(kzt_rates.BankUnavailable):
        client.latest()
    with pytest.raises(kzt_rates.Offline):
        world.client(offline=True).latest()
    world.bank.heal()
    world.bank.fail("html", times=None)
    with pytest.raises(kzt_rates.FeedError):
        client.latest()


@pytest.mark.parametrize("today_is_whole", [True, False])
def test_latest_does_not_fall_back_to_what_was_taken_back(
    world: "World", *, today_is_whole: bool
) -> None:
    """Once the bank's newest sheet is today's again, tomorrow's drafts are not the latest."""
    client = world.client()
    client.sheet(TOMORROW)
    world.bank.withdraw(TOMORROW)
    if not today_is_whole:
        of_today = world.figures[TODAY]
        world.bank.publish(TODAY, {"USD": of_today["USD"], **dict(list(of_today.items())[::2])})
    world.advance(minutes=1)
    assert str(client.latest().date) == TODAY
    world.bank.fail("status", times=None)
    world.advance(minutes=11)
    if today_is_whole:
        with pytest.warns(kzt_rates.StaleRateWarning, match=TODAY):
            assert str(client.latest().date) == TODAY
        return
    with pytest.raises(kzt_rates.BankUnavailable) as caught:
        client.latest()
    assert TOMORROW not in str(caught.value)


@pytest.mark.parametrize("verb", ["rate", "sheet", "convert"])
def test_refresh_asks_whatever_is_known(
    world: "World", verb: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A refresh asks; what differs replaces the cache's figure and is logged with both."""
    client = world.client()
    wrong = {**world.figures[TODAY], "USD": ("513.74", 1)}
    world.bank.publish(TODAY, wrong)
    assert client.convert(100, "USD", on=TODAY) == 51374
    assert client.convert(100, "USD", on=TODAY) == 51374  # warm
    world.publish(TODAY, TODAY)
    assert client.rate("USD", on=TODAY).value == Decimal("513.74")
    assert world.asked == [TODAY]
    if verb == "rate":
        assert client.rate("USD", on=TODAY, refresh=True).value == Decimal("514.74")
    elif verb == "sheet":
        assert client.sheet(TODAY, refresh=True)["USD"].value == Decimal("514.74")
    else:
        assert client.convert(100, "USD", on=TODAY, refresh=True) == 51474
    assert world.asked == [TODAY] * 2
    assert client.convert(100, "USD", on=TODAY) == 51474
    assert world.client(offline=True).rate("USD", on=TODAY).value == Decimal("514.74")
    told = [r.getMessage() for r in caplog.records if r.levelname == "WARNING"]
    assert [("514.74" in t, "513.74" in t, "USD" in t, TODAY in t) for t in told] == [(True,) * 4]
    rows = world.rows("SELECT value FROM figure WHERE code = 'USD' AND day = ?", TODAY)
    assert rows == [("514.74",)]


def test_refresh_asks_after_a_refusal_to_answer(world: "World") -> None:
    """A refresh asks also where "no rate", or a whole sheet without the code, is known."""
    client = world.client()
    client.sheet(YESTERDAY)
    world.bank.publish(YESTERDAY, {**world.figures[YESTERDAY], "QQR": "7.77"})
    assert client.sheet(YESTERDAY, refresh=True)["QQR"].value == Decimal("7.77")
    world.bank.withdraw(TODAY)
    with pytest.raises(kzt_rates.RateNotFound):
        client.rate("USD", on=TODAY)
    world.publish(TODAY, TODAY)
    assert client.rate("USD", on=TODAY, refresh=True).value == Decimal("514.74")
    with pytest.raises(kzt_rates.RateNotFound):
        client.rate("EGP", on=TODAY, refresh=True)
    assert world.asked == [YESTERDAY] * 2 + [TODAY] * 3
    assert client.rate("USD", on=TODAY).value == Decimal("514.74")


def test_refresh_of_a_final_figure_by_a_skewed_bank(world: "World") -> None:
    """An equal answer adds to what is known: a final figure stays final, at once."""
    client = world.client()
    final = client.rate("USD", on=TODAY)
    world.bank.fail("date_header")
    assert client.rate("USD", on=TODAY, refresh=True) == final
    assert client.rate("USD", on=TODAY) == final
    assert world.asked == [TODAY] * 2


@pytest.mark.parametrize("verb", ["rate", "sheet"])
def test_refresh_brings_no_rate(world: "World", verb: str) -> None:
    """A refresh that the bank answers with "no rate" is `RateNotFound`, whatever was known."""
    client = world.client()
    client.sheet(TODAY)
    world.bank.withdraw(TODAY)
    with pytest.raises(kzt_rates.RateNotFound):
        client.rate("USD", on=TODAY, refresh=True) if verb == "rate" else client.sheet(
            TODAY, refresh=True
        )
    assert world.asked == [TODAY] * 2


@pytest.mark.parametrize("fault", [None, "status", "html"])
def test_refresh_fails(world: "World", fault: str | None) -> None:
    """A refresh that brings nothing raises; a final figure known before is not passed for new."""
    world.client().sheet(TODAY)
    before = world.dump()
    if fault is not None:
        world.bank.fail(fault, times=None)
    client = world.client(offline=fault is None)
    errors = (kzt_rates.Offline, kzt_rates.BankUnavailable, kzt_rates.FeedError)
    for ask in (client.rate, client.sheet):
        with pytest.raises(errors):
            ask(*(("USD",) if ask == client.rate else ()), on=TODAY, refresh=True)
    assert client.rate("USD", on=TODAY).value == Decimal("514.74")
    assert world.dump() == before


def test_refresh_of_an_archived_day(world: "World", caplog: pytest.LogCaptureFixture) -> None:
    """A refresh asks about archived days too; what differs wins from then on, and is logged."""
    client = world.client(archive=None)
    world.bank.publish(YESTERDAY, {**world.figures[YESTERDAY], "USD": "508.33"})
    assert client.rate("USD", on=YESTERDAY).value == Decimal("508.3")
    assert client.rate("USD", on=YESTERDAY, refresh=True).value == Decimal("508.33")
    for fresh in (client, world.client(archive=None), world.client(archive=None, offline=True)):
        assert fresh.rate("USD", on=YESTERDAY).value == Decimal("508.33")
        assert fresh.convert(100, "USD", on=YESTERDAY) == 50833
        assert fresh.sheet(YESTERDAY)["USD"].value == Decimal("508.33")
        assert fresh.history("USD", start=YESTERDAY, end=YESTERDAY).values == (Decimal("508.33"),)
        assert str(fresh.rate("EUR", on=YESTERDAY).value) == world.figures[YESTERDAY]["EUR"][0]
    assert world.asked == [YESTERDAY]
    told = [r.getMessage() for r in caplog.records if r.levelname == "WARNING"]
    assert any("508.33" in line and "508.3 " in line for line in told)


def test_no_warning_is_given_without_a_reason(world: "World") -> None:
    """Final and young provisional figures are given without a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        client = world.client()
        assert not client.rate("USD", on=TODAY).provisional
        assert client.rate("USD", on=TOMORROW).provisional
        assert client.rate("USD", on=TOMORROW).provisional
