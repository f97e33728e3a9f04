"""RULES.md with the range export: which feed is asked for a day, and what its word is worth."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import kzt_rates
from kzt_rates.figures import Day, Figure
from kzt_rates.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from conftest import Driver, World

TODAY, TOMORROW = "2025-12-10", "2025-12-11"
OLD, BEFORE_OLD = "2015-08-21", "2015-08-20"
T_7, T_8, T_15 = "2025-12-03", "2025-12-02", "2025-11-25"

Verb = Callable[["Driver", str], Any]
VERBS: list[Verb] = [
    lambda client, on: client.rate("USD", on=on).value,
    lambda client, on: client.convert(1, "USD", on=on),
    lambda client, on: client.sheet(on)["USD"].value,
    lambda client, on: client.history("USD", start=on, end=on).values[0],
]
each_verb = pytest.mark.parametrize("ask", VERBS, ids=["rate", "convert", "sheet", "history"])


def _fortnight(start: str, end: str) -> str:
    return f"{start}..{end} 39 codes"


@each_verb
@pytest.mark.parametrize("archived", [False, True])
def test_an_old_day(world: "World", tmp_path: Path, ask: Verb, *, archived: bool) -> None:
    """What was published before the daily feed began is asked of the export, once, and is final."""
    # an archive that has nothing of that day
    archive = world.archive_of("2013-04-24", BEFORE_OLD) if archived else False
    world.bank.publish(OLD, {"USD": ("255.26", 1), "AMD": ("6.31", 10)})
    client, later, offline = (
        world.client(archive=archive, offline=offline) for offline in (False, False, True)
    )
    for asked in (client, client, later, offline):
        assert ask(asked, OLD) == Decimal("255.26")
    assert world.asked == ["export"]
    assert not client.rate("USD", on=OLD).provisional
    assert world.rows("SELECT DISTINCT feed, final FROM figure") == [("export", 1)]


def test_one_question_tells_of_all_codes(world: "World") -> None:
    """A single day is asked for with every code and its neighbours: they need no question more."""
    world.publish_known("2016-04-18", "2016-04-18")
    client = world.client()
    assert client.rate("USD", on="2016-04-18").value == Decimal("334.41")
    sheet = client.sheet("2016-04-18")
    assert {code: (str(r.value), r.nominal) for code, r in sheet.items()} == world.figures[
        "2016-04-18"
    ]
    # every code that a feed can be asked for then has its figure or its blank
    assert (sheet.complete, sheet.provisional, sheet.source) == (True, False, "cache")
    # 11.59 per 100 soms, 12.11 per 10 forints
    crossed = client.convert(1000, "UZS", "HUF", on="2016-04-18", places=4)
    assert crossed == Decimal("95.7060")
    with pytest.raises(kzt_rates.RateNotFound):
        client.rate("USD", on="2016-04-24")
    assert world.questions == [_fortnight("2016-04-11", "2016-04-24")]


@each_verb
@pytest.mark.parametrize(
    ("day", "fortnight", "margins"),
    [
        ("2021-05-08", ("2021-05-01", "2021-05-14"), ("2021-04-28", "2021-05-18")),
        (T_15, ("2025-11-18", "2025-12-01"), ("2025-11-15", T_8)),
        # recent days are asked of the daily feed first; the export is asked for none after T-8
        ("2025-11-28", ("2025-11-21", T_8), ("2025-11-18", T_8)),
        (T_8, ("2025-11-25", T_8), ("2025-11-22", T_8)),
    ],
)
def test_the_daily_feeds_silence_is_not_the_banks(
    world: "World", ask: Verb, day: str, fortnight: tuple[str, str], margins: tuple[str, str]
) -> None:
    """Of a day before T-7 the daily feed's "no rate" is not the last word: the export has it."""
    world.reopen(daily_holes=[day])
    world.bank.publish(day, {"USD": "505.53", "EUR": "588.94"})
    client = world.client()
    for asked in (client, world.client(), world.client(offline=True)):
        assert ask(asked, day) == Decimal("505.53")
    question = _fortnight(*fortnight)
    if ask is VERBS[3]:  # what may be several days is the export's up to T-8
        assert world.questions == [f"{margins[0]}..{margins[1]} USD"]
    elif day > T_15:
        assert world.questions == [day, question]
    elif ask is VERBS[2]:  # the daily feed would have the names and changes of a sheet
        assert world.questions == [question, day]
    else:
        assert world.questions == [question]


@each_verb
@pytest.mark.parametrize("day", [T_7, TODAY])
def test_of_recent_days_the_daily_feed_alone_tells(world: "World", ask: Verb, day: str) -> None:
    """From T-7 on the daily feed's "no rate" is the bank's; a day later the export is asked."""
    world.reopen(daily_holes=[day])
    world.bank.publish(day, {"USD": "505.53"})
    world.bank.publish(TOMORROW, world.figures[TOMORROW])
    client = world.client()
    for turn in range(2):
        if ask is VERBS[3]:
            series = client.history("USD", start=day, end=day)
            assert (len(series), [str(on) for on in series.missing]) == (0, [day])
        else:
            with pytest.raises(kzt_rates.RateNotFound):
                ask(client, day)
        with pytest.raises(kzt_rates.RateNotFound):
            client.rate("USD", on=day, refresh=True)
        assert world.asked == [day] * (2 + turn)
    world.advance(days=8)
    assert ask(client, day) == Decimal("505.53")
    # by then T-7 is T-15, which is old, and today is T-8
    asked = ["export"] if day == T_7 or ask is VERBS[3] else [day, "export"]
    asked += [day] if day == T_7 and ask is VERBS[2] else []
    assert world.asked == [day] * 3 + asked


@pytest.mark.parametrize("options", [{}, {"missing": "previous"}, {"refresh": True}])
@pytest.mark.parametrize("verb", ["rate", "convert", "sheet"])
def test_no_daily_request_before_its_beginning(
    world: "World", verb: str, options: dict[str, Any]
) -> None:
    """A daily request for a day before 2021-05-08 may answer today's rates: it is never made."""
    client = world.client()
    call = {"rate": ("USD",), "convert": (1, "USD"), "sheet": ()}[verb]
    for day in ("2021-05-08", "2021-05-07", "1993-11-15"):
        with pytest.raises(kzt_rates.RateNotFound):
            getattr(client, verb)(*call, on=day, **options)
    daily = [on for on in world.asked if on != "export"]
    assert daily == ["2021-05-08"]
    assert "export" in world.asked


def test_before_the_tenge(world: "World") -> None:
    """Before its first day no feed is asked for the tenge's rate."""
    client = world.client()
    for ask in (client.rate, partial(client.rate, refresh=True)):
        with pytest.raises(kzt_rates.RateNotFound) as caught:
            ask("USD", on="1993-11-14")
        assert caught.value.reason == "no_such_unit"
    assert world.asked == []


def test_marks_are_by_feed_and_age_apart(world: "World") -> None:
    """What the export had none of a while ago is not asked there again, but in the daily feed."""
    day = "2025-11-20"
    client = world.client()
    client.sync("2025-11-10", "2025-12-10", currencies=["USD"])
    marks = "SELECT kind FROM mark WHERE day = ? AND about = 'USD'"
    assert world.rows(marks, day) == [("blank",)]
    world.bank.forget()
    steps = [(20, [day]), (10, [day, "export"]), (20, [day, "export", day])]
    for days, asked in steps:
        world.advance(days=days)
        with pytest.raises(kzt_rates.RateNotFound):
            world.client().rate("USD", on=day)
        assert world.asked == asked
    world.bank.publish(day, {"USD": "512.53"})
    world.advance(days=10)
    assert client.rate("USD", on=day).value == Decimal("512.53")
    assert world.asked == [day, "export", day, "export"]


@pytest.mark.parametrize(("day", "minutes"), [(T_8, 10), (T_15, 30 * 24 * 60)])
def test_a_silence_ages(world: "World", day: str, minutes: int) -> None:
    """That both feeds have none holds ten minutes for recent days, thirty days for older ones."""
    order = ["export", day] if day == T_15 else [day, "export"]
    for step, asked in ((0, 1), (minutes * 60 - 1, 1), (1, 2)):
        world.advance(seconds=step)
        with pytest.raises(kzt_rates.RateNotFound) as caught:
            world.client().rate("USD", on=day)
        assert caught.value.reason == "none_published"
        assert world.asked == order * asked


@pytest.mark.parametrize("day", [TODAY, T_7, T_8])
def test_a_refusal_ages(world: "World", day: str) -> None:
    """That a recent figure was refused holds ten minutes, and needs no other feed to be so."""
    world.reopen(current_nominals={"HUF": 1})
    world.bank.publish(day, world.figures[TODAY])
    for step, asked in ((0, 1), (599, 1), (1, 2)):
        world.advance(seconds=step)
        with pytest.raises(kzt_rates.FeedError, match="HUF"):
            world.client().rate("HUF", on=day)
        assert world.asked == [day] * asked


@pytest.mark.parametrize(
    ("fault", "days", "again"),
    [("blank_cells", 30, ["export", T_15]), ("lost_rows", 1, ["export"])],
)
def test_a_doubt_about_the_export_ages(
    world: "World", fault: str, days: int, again: list[str]
) -> None:
    """A blank of the export's for an old day holds thirty days, a row that is not there one day.

    The daily feed stands in for both, and a figure that is refused there thirty days.
    """
    world.reopen(current_nominals={"HUF": 1})
    world.bank.publish(T_15, world.figures[TODAY])
    options = {"codes": "HUF"} if fault == "blank_cells" else {"date": T_15}
    world.bank.fail(fault, None, feed="export", **options)
    for seconds, asked in ((0, []), (days * 86_400 - 1, []), (1, again)):
        world.advance(seconds=seconds)
        with pytest.raises(kzt_rates.FeedError, match="HUF"):
            world.client().rate("HUF", on=T_15)
        assert world.asked == ["export", T_15, *asked]
    world.bank.heal()
    world.advance(days=30)
    assert world.client().rate("HUF", on=T_15).nominal == 10


def test_offline(world: "World") -> None:
    """Offline an old day is given where the export told of it, else the nearest are named."""
    world.publish_known(BEFORE_OLD, OLD)
    world.client().rate("USD", on=OLD)
    client = world.client(offline=True)
    # the fortnight around it came along
    assert client.rate("USD", on=OLD).value == Decimal("255.26")
    assert client.rate("USD", on=BEFORE_OLD).value == Decimal("188.38")
    for blank in ("2015-08-14", "2015-08-27"):
        with pytest.raises(kzt_rates.RateNotFound) as silence:
            client.rate("USD", on=blank)
        assert silence.value.reason == "none_published"
    beyond = "2015-08-13"
    for ask in (partial(client.rate, "USD"), client.sheet, partial(client.convert, 1, "USD")):
        with pytest.raises(kzt_rates.Offline) as caught:
            ask(on=beyond)
        assert str(caught.value.date) == beyond
    with pytest.raises(kzt_rates.Offline) as caught:
        client.rate("USD", on=beyond)
    assert [str(day) for day in caught.value.nearest] == ["None", BEFORE_OLD]
    assert world.asked == ["export"]


@pytest.mark.parametrize(
    ("fault", "error"), [("status", kzt_rates.BankUnavailable), ("html", kzt_rates.FeedError)]
)
@each_verb
def test_the_export_fails(
    world: "World", ask: Verb, fault: str, error: type[kzt_rates.KztRatesError]
) -> None:
    """Where the export fails its error is raised; the daily feed's silence stays remembered.

    It is not left alone for a while, because nobody answers in its place.
    """
    world.reopen(daily_holes=[T_8])
    world.bank.publish(T_8, {"USD": "505.53"})
    world.bank.fail(fault, times=2, feed="export")
    client = world.client()
    for _ in range(2):
        with pytest.raises(error):
            ask(client, T_8)
    # what may be several days is the export's alone up to T-8
    before = [] if ask is VERBS[3] else [T_8]
    assert world.asked == [*before, "export", "export"]
    assert world.rows("SELECT * FROM figure") == []
    assert world.rows("SELECT kind, about FROM mark") == [("silence", "daily") for _ in before]
    assert ask(client, T_8) == Decimal("505.53")
    assert world.asked == [*before, *["export"] * 3]


@pytest.mark.parametrize("verb", ["rate", "convert", "history"])
def test_a_draft_outlives_its_day(world: "World", verb: str) -> None:
    """A draft of a day now old is given, with a warning, where the export cannot be asked."""
    client = world.client()

    def ask(of: "Driver") -> Any:
        if verb == "history":
            return of.history("USD", start=TOMORROW, end=TOMORROW).values[0]
        return (
            of.convert(1, "USD", on=TOMORROW)
            if verb == "convert"
            else of.rate("USD", on=TOMORROW).value
        )

    assert client.rate("USD", on=TOMORROW).provisional
    world.bank.withdraw(TOMORROW)
    world.bank.publish("2025-12-31", world.figures["2025-12-31"])
    world.advance(days=21)
    world.bank.fail("status", feed="export")
    with pytest.warns(kzt_rates.StaleRateWarning, match=TOMORROW):
        assert ask(client) == Decimal("518.39")
    with pytest.warns(kzt_rates.StaleRateWarning, match=TOMORROW):
        assert ask(world.client(offline=True)) == Decimal("518.39")
    # the daily feed stands in for a single day
    standing_in = [] if verb == "history" else [TOMORROW]
    assert world.asked == [TOMORROW, "export", *standing_in]


@pytest.mark.parametrize("verb", ["rate", "convert", "history", "previous"])
def test_a_draft_that_was_withdrawn(world: "World", verb: str) -> None:
    """Where both feeds say by now that there is no rate, a draft of it is no rate either."""
    client = world.client()
    client.rate("USD", on=TODAY)
    client.rate("USD", on=TOMORROW)
    world.bank.withdraw(TOMORROW)
    world.bank.publish("2025-12-31", world.figures["2025-12-31"])
    world.advance(days=21)
    with pytest.raises(kzt_rates.RateNotFound):
        client.sheet(TOMORROW)  # asks both feeds
    for asked in (client, world.client(), world.client(offline=True)):
        if verb == "history":
            series = asked.history("USD", start=TODAY, end=TOMORROW)
            assert [str(day) for day in series.dates] == [TODAY]
            assert [str(day) for day in series.missing] == [TOMORROW]
        elif verb == "previous":
            series = asked.history("USD", start=TODAY, end=TOMORROW, missing="previous")
            assert [str(value) for value in series.values] == ["514.74", "514.74"]
            assert asked.rate("USD", on=TOMORROW, missing="previous").value == Decimal("514.74")
        else:
            arguments = ("USD",) if verb == "rate" else (1, "USD")
            with pytest.raises(kzt_rates.RateNotFound):
                getattr(asked, verb)(*arguments, on=TOMORROW)


def test_refresh_of_an_old_day(world: "World", caplog: pytest.LogCaptureFixture) -> None:
    """A refresh asks the export too; what differs replaces and is logged with both figures."""
    world.bank.publish(OLD, {"USD": "255.62", "EUR": "286"})
    client = world.client()
    assert client.convert(1, "USD", on=OLD) == Decimal("255.62")
    world.bank.publish(OLD, {"USD": "255.26", "EUR": "286"})
    assert client.convert(1, "USD", on=OLD) == Decimal("255.62")
    # one question tells of all codes, so that this corrects the dollar that was converted, too
    assert client.rate("EUR", on=OLD, refresh=True).value == Decimal(286)
    assert client.convert(1, "USD", on=OLD) == Decimal("255.26")
    assert client.convert(1, "USD", on=OLD, refresh=True) == Decimal("255.26")
    assert world.client(offline=True).rate("USD", on=OLD).value == Decimal("255.26")
    assert world.asked == ["export"] * 3
    told = [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING]
    assert [("255.26" in t, "255.62" in t, "USD" in t, OLD in t) for t in told] == [(True,) * 4]


def test_refresh_of_an_old_archived_day(world: "World", caplog: pytest.LogCaptureFixture) -> None:
    """Where the export differs from the archive its word is given, and the difference logged."""
    world.bank.publish(OLD, {"USD": "255.62"})
    client = world.client(archive=None)
    assert client.rate("USD", on=OLD).value == Decimal("255.26")
    assert client.rate("USD", on=OLD, refresh=True).value == Decimal("255.62")
    assert world.asked == ["export"]
    assert any("255.62" in r.getMessage() and "255.26" in r.getMessage() for r in caplog.records)


@pytest.mark.parametrize("fault", [None, "status", "html"])
def test_refresh_of_an_old_day_fails(world: "World", fault: str | None) -> None:
    """A refresh that brings nothing raises, and leaves what was known."""
    world.publish_known(OLD, OLD)
    world.client().rate("USD", on=OLD)
    before = world.dump()
    if fault is not None:
        world.bank.fail(fault, times=None)
    client = world.client(offline=fault is None)
    errors = (kzt_rates.Offline, kzt_rates.BankUnavailable, kzt_rates.FeedError)
    for ask in (partial(client.rate, "USD"), client.sheet):
        with pytest.raises(errors):
            ask(on=OLD, refresh=True)
    assert client.rate("USD", on=OLD).value == Decimal("255.26")
    assert world.dump() == before


def test_refresh_brings_a_blank(world: "World") -> None:
    """A refresh that the export answers with a blank is `RateNotFound`, whatever was known."""
    world.publish_known(OLD, OLD)
    client = world.client()
    client.rate("USD", on=OLD)
    world.bank.withdraw(OLD)
    with pytest.raises(kzt_rates.RateNotFound):
        client.rate("USD", on=OLD, refresh=True)
    assert world.asked == ["export"] * 2


def test_refresh_asks_the_export_after_its_blank(world: "World") -> None:
    """A code refused alone is asked of the export by a refresh, though it had no row just now."""
    world.reopen(current_nominals={"HUF": 1}, export_holes=[T_8])
    world.bank.publish(T_8, world.figures[TODAY])
    client = world.client()
    for refresh in (False, True, True):
        with pytest.raises(kzt_rates.FeedError):
            client.rate("HUF", on=T_8, refresh=refresh)
    assert world.asked == [T_8, *[T_8, "export"] * 2]


def test_a_final_figure_stays(world: "World", caplog: pytest.LogCaptureFixture) -> None:
    """Without a refresh the export adds to what is final, and a difference is only logged."""
    world.bank.publish(OLD, {"USD": "255.26"})
    client = world.client()
    client.sync(OLD, OLD, currencies=["USD"])
    world.bank.publish(OLD, {"USD": "188.38", "EUR": "286"})
    assert client.rate("EUR", on=OLD).value == Decimal(286)
    assert client.rate("USD", on=OLD).value == Decimal("255.26")
    assert world.rows("SELECT code, value FROM figure ORDER BY code") == [
        ("EUR", "286"),
        ("USD", "255.26"),
    ]
    world.bank.withdraw(OLD)
    with pytest.raises(kzt_rates.RateNotFound):
        client.rate("USD", on=OLD, refresh=True)
    client.history("GBP", "USD", start=BEFORE_OLD, end=OLD)
    assert client.rate("USD", on=OLD).value == Decimal("255.26")
    assert client.rate("EUR", on=OLD).value == Decimal(286)
    told = [r.getMessage() for r in caplog.records if "USD" in r.getMessage()]
    assert [("188.38" in t, "255.26" in t, OLD in t) for t in told] == [(True,) * 3]


def test_final_by_both_clocks(world: "World") -> None:
    """The export's figures, too, are final only when their day has come by the bank's clock."""
    world.publish_known(BEFORE_OLD, OLD)
    world.bank_clock.set(f"{BEFORE_OLD}T12:00+06:00")
    client = world.client()
    assert not client.rate("USD", on=BEFORE_OLD).provisional
    rate = client.rate("USD", on=OLD)
    assert (rate.value, rate.provisional) == (Decimal("255.26"), True)
    assert world.asked == ["export"]
    world.bank_clock.set("2025-12-10T12:00+05:00")
    world.advance(days=1)
    assert not client.rate("USD", on=OLD).provisional
    assert world.asked == ["export"] * 2


# Several at once.


@pytest.mark.parametrize("fault", [None, "html"])
def test_one_question_for_all(world: "World", fault: str | None) -> None:
    """Those of one process who want an old day ask once, whatever codes they want."""
    world.publish_known("2016-04-18", "2016-04-18")
    world.bank.delay = 0.3
    if fault:
        world.bank.fail(fault)
    codes = ["USD", "EUR", "UZS", "HUF"] * 4
    answers = world.client().ask_all(*(partial(_per_unit, code, on="2016-04-18") for code in codes))
    assert world.asked == ["export"]
    if fault:
        assert {type(answer) for answer in answers} == {kzt_rates.FeedError}
    else:
        # 12.11 per 10 forints, 11.59 per 100 soms
        expected = {"USD": "334.41", "EUR": "376.61", "UZS": "0.1159", "HUF": "1.211"}
        assert world.figures["2016-04-18"]["EUR"][0] == expected["EUR"]
        assert answers == [Decimal(expected[code]) for code in codes]


@pytest.mark.parametrize("missing", ["raise", "previous"])
def test_two_processes_ask_for_one_old_day(world: "World", missing: str) -> None:
    """What another process keeps while a question is on its way is an answer, not a blank."""
    world.publish_known(BEFORE_OLD, OLD)
    client = world.client()
    client.sheet(TODAY)  # the file is there
    world.bank.delay = 0.3

    def keep_the_same() -> None:
        while len(world.asked) < 2:
            time.sleep(0.005)
        store = SqliteStore(str(world.cache))
        figure = Figure("255.26", 1, feed="export", final=True, fetched_at=world.clock())
        day = date.fromisoformat(OLD)
        store.change([day], lambda _: [Day(day, {"USD": figure})])
        store.close()

    with ThreadPoolExecutor(1) as thread:
        another = thread.submit(keep_the_same)
        assert client.convert(1, "USD", on=OLD, missing=missing) == Decimal("255.26")
        another.result()
    assert world.asked == [TODAY, "export"]


def test_a_refresh_among_others(world: "World") -> None:
    """A refresh that is asked beside a question of somebody else gets the bank's word as well."""
    world.publish_known("2016-04-18", "2016-04-18")
    client = world.client()
    client.sync("2016-04-18", "2016-04-18", currencies=["USD"])
    world.bank.delay = 0.4
    answers = client.ask_all(
        partial(_per_unit, "EUR", on="2016-04-18"),
        *(
            world.a_moment_later(partial(_per_unit, code, on="2016-04-18", refresh=True))
            for code in ("USD", "EUR")
        ),
    )
    assert answers == [Decimal("376.61"), Decimal("334.41"), Decimal("376.61")]


def _per_unit(code: str, client: Any, **options: Any) -> Any:
    return client.convert(1, code, **options)
