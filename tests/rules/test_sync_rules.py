"""What `sync` asks, keeps and reports. T is 2025-12-10, and the daily feed begins 2021-05-08."""

import asyncio
import threading
from datetime import date, timedelta
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

import kzt_rates
from kzt_rates import SyncProgress

if TYPE_CHECKING:
    from conftest import Dense, World

TODAY, YESTERDAY, TOMORROW = "2025-12-10", "2025-12-09", "2025-12-11"
T_8 = "2025-12-02"
LAST_EIGHT_DAYS = [f"2025-12-{day:02}" for day in range(3, 11)]
# eight years and ten days of two currencies: three questions of at most four years, each of which
# reaches ten days beyond what it is for
START, END = "2006-01-01", "2014-01-10"
QUESTIONS = [
    "2005-12-22..2009-12-21 EUR USD",
    "2009-12-02..2013-12-01 EUR USD",
    "2013-11-12..2014-01-20 EUR USD",
]
# how many days each is for, and how many it is the first to bring
DONE, DAYS = [1441, 1441, 50], [1451, 1441, 40]
# what is asked when some of them have been answered: from the first day that is not known
REMAINING = [
    QUESTIONS,
    ["2009-12-12..2013-12-11 EUR USD", "2013-11-22..2014-01-20 EUR USD"],
    ["2013-11-22..2014-01-20 EUR USD"],
]
PAIR = ("EUR", "USD")


def _count(rates: "Dense", *codes: str) -> int:
    return sum(len(day.keys() & set(codes)) for day in rates.values())


def test_all_currencies(world: "World") -> None:
    """Without a choice all are asked for that the export has, and all of them are kept.

    The days up to T-8 are one question, and the last eight days are the daily feed's.
    """
    rates = world.publish_dense("2024-11-01", TODAY)
    client = world.client()
    report = client.sync("2024-11-01", TODAY)
    assert world.questions == [f"2024-10-22..{T_8} 39 codes", *LAST_EIGHT_DAYS]
    assert (report.requests, report.days, report.rates) == (9, 405, 405 * 39)
    assert (str(report.start), str(report.end), dict(report.holes)) == ("2024-11-01", TODAY, {})
    kept = world.rows("SELECT day, code, value, nominal, final FROM figure ORDER BY day, code")
    assert kept == [
        (str(day), code, *sheet[code], 1) for day, sheet in rates.items() for code in sorted(sheet)
    ]
    again = client.sync("2024-11-01")
    assert (again.requests, again.days, again.rates) == (0, 0, 0)
    assert len(world.questions) == 9
    offline = world.client(offline=True)
    assert offline.sync("2024-11-01", TODAY).requests == 0
    assert len(offline.history("KRW", "UZS", start="2024-11-01")) == 405


def test_only_what_is_missing(world: "World") -> None:
    """Days and currencies that are known are not asked for; the archive's neither."""
    world.publish_dense("2015-01-01", "2015-12-31", "EUR", "GBP")
    client = world.client()
    client.history("EUR", start="2015-01-01", end="2015-06-30")
    report = client.sync("2015-01-01", "2015-06-30", currencies=["EUR", "GBP"])
    assert world.questions == ["2014-12-22..2015-07-10 EUR", "2014-12-22..2015-07-10 GBP"]
    # 181 days, and ten that come along
    assert (report.requests, report.days, report.rates) == (1, 191, 191)
    report = client.sync("2015-01-01", "2015-12-31", currencies=["EUR", "GBP"])
    assert world.questions[2:] == ["2015-07-01..2016-01-10 EUR GBP"]
    assert (report.requests, report.days, report.rates) == (1, 174, 348)
    archived = world.client(archive=None, cache=False)
    assert archived.sync("2016-01-01", "2019-12-31", currencies=["USD"]).requests == 0
    assert archived.sync("2025-12-04", TODAY).requests == 0
    assert len(world.questions) == 3


def test_a_short_recent_gap(world: "World") -> None:
    """What a job has missed of the last days comes by the daily feed, in whole sheets."""
    client = world.client()
    client.sync("2025-12-04", "2025-12-07", currencies=["USD"])
    report = client.sync("2025-12-04", currencies=["USD"])
    assert world.asked == [f"2025-12-{day:02}" for day in range(4, 11)]
    assert (report.requests, report.days, report.rates) == (3, 3, 3 * 39)
    assert client.sheet(TODAY).complete
    assert len(world.asked) == 7


@pytest.mark.parametrize(("fault", "broken"), [("status", 0), ("html", 1), ("truncated_zip", 2)])
def test_broken_off_and_resumed(world: "World", fault: str, broken: int) -> None:
    """What came before a failure is kept, and the next sync asks for the rest alone."""
    rates = world.publish_dense(START, END, *PAIR)
    client = world.client()
    world.bank.fail(fault, day=("2006-01-01", "2011-01-01", END)[broken])
    with pytest.raises((kzt_rates.BankUnavailable, kzt_rates.FeedError)):
        client.sync(START, END, currencies=PAIR)
    assert world.questions == QUESTIONS[: broken + 1]
    assert len(world.rows("SELECT 1 FROM figure")) == 2 * sum(DAYS[:broken])
    world.bank.forget()
    report = world.client().sync(START, END, currencies=PAIR)
    assert world.questions == REMAINING[broken]
    assert (report.requests, report.days) == (3 - broken, sum(DAYS[broken:]))
    assert report.rates == 2 * sum(DAYS[broken:])
    assert world.rows("SELECT count(*) FROM figure") == [(_count(rates, *PAIR),)]


def test_progress(world: "World") -> None:
    """Called before the first question and after each; it grows, and ends with all done."""
    world.publish_dense(START, END, *PAIR)
    seen: list[SyncProgress] = []
    questions: list[int] = []

    def tell(progress: SyncProgress) -> None:
        seen.append(progress)
        questions.append(len(world.questions))

    report = world.client().sync(START, END, currencies=PAIR, progress=tell)
    assert seen[0] == (0, sum(DAYS), 0, 0)
    assert seen[-1] == (sum(DAYS), sum(DAYS), 3, 2 * sum(DAYS))
    for number in range(1, 4):
        done, rates = sum(DONE[:number]), 2 * sum(DAYS[:number])
        assert (done, sum(DAYS), number, rates) in seen
    assert seen == sorted(seen)
    assert [p.requests for p in seen] == questions
    assert (report.requests, report.days, report.rates) == (seen[-1].requests, *seen[-1][1::2])
    seen.clear()
    world.client().sync(START, END, currencies=PAIR, progress=tell)
    assert seen == [(0, 0, 0, 0)]


def test_progress_over_two_feeds(world: "World") -> None:
    """With the daily feed's days behind the export's it still grows, and ends with all done."""
    world.reopen(daily_holes=["2025-12-05"])
    world.publish_dense("2025-11-01", TODAY, *PAIR)
    seen: list[SyncProgress] = []
    report = world.client().sync("2025-11-01", currencies=PAIR, progress=seen.append)
    assert world.questions == [f"2025-10-22..{T_8} EUR USD", *LAST_EIGHT_DAYS]
    for before, after in pairwise(seen):
        assert all(earlier <= later for earlier, later in zip(before, after, strict=True))
    assert seen[-1] == (40, 40, 9, 78)
    assert (report.days, report.rates, report.requests) == (39, 78, 9)
    assert {code: list(map(str, days)) for code, days in report.holes.items()} == {
        code: ["2025-12-05"] for code in PAIR
    }


class Stop(Exception):
    """What a callback raises."""


@pytest.mark.parametrize("at", [0, 2])
def test_an_exception_of_the_callback(world: "World", at: int) -> None:
    """It goes through to the caller, and what was learned until then is kept."""
    world.publish_dense(START, END, *PAIR)

    def tell(progress: SyncProgress) -> None:
        if progress.requests == at:
            raise Stop

    with pytest.raises(Stop):
        world.client().sync(START, END, currencies=PAIR, progress=tell)
    assert world.questions == QUESTIONS[:at]
    assert len(world.rows("SELECT 1 FROM figure")) == 2 * sum(DAYS[:at])
    world.client().sync(START, END, currencies=PAIR)
    assert world.questions == [*QUESTIONS[:at], *REMAINING[at]]


@pytest.mark.parametrize(
    ("currencies", "codes"),
    [
        (["usd"], "USD"),
        ("USD", "USD"),
        (["KZT", "USD", "usd", "USD"], "USD"),
        (("EUR", "USD"), "EUR USD"),
        (dict.fromkeys(PAIR).keys(), "EUR USD"),
        ({"RUR", "RUB"}, "RUB"),
        (["KZT"], None),
        ([], None),
    ],
)
def test_the_choice_of_currencies(world: "World", currencies: Any, codes: str | None) -> None:
    """Codes in any case, one as text; the tenge needs no rate, and a code twice is one."""
    world.publish_dense("2015-01-01", "2015-01-31", *PAIR)
    report = world.client().sync("2015-01-01", "2015-01-31", currencies=currencies)
    asked = [] if codes is None else [f"2014-12-22..2015-02-10 {codes}"]
    assert world.questions == asked
    assert report.requests == len(asked)
    assert "KZT" not in report.currencies


@pytest.mark.parametrize("currencies", [["USD", "QQX"], "QQX", ["USD", "dollar"]])
def test_an_unknown_currency(world: "World", currencies: Any) -> None:
    """One code that nobody knows: `UnknownCurrency` before anything is asked."""
    with pytest.raises(kzt_rates.UnknownCurrency):
        world.client().sync("2015-01-01", "2015-01-31", currencies=currencies)
    assert world.asked == []


def test_the_range(world: "World") -> None:
    """No end is today, and so is one in the future; a start after the end is misuse."""
    for end in (None, TODAY, TOMORROW, "2030-01-01"):
        report = world.client().sync(YESTERDAY, end, currencies=["USD"])
        assert (str(report.start), str(report.end)) == (YESTERDAY, TODAY)
    assert world.asked == [YESTERDAY, TODAY]
    with pytest.raises(ValueError, match="ends before it starts"):
        world.client().sync(TODAY, YESTERDAY)
    with pytest.raises(TypeError):
        world.client().sync(2015)


def test_holes(world: "World") -> None:
    """A day without a rate between others is a hole of that code, reported and no error."""
    rates = world.publish_dense("2015-08-01", "2015-08-31", *PAIR)
    world.bank.withdraw("2015-08-01")
    world.bank.withdraw("2015-08-20")
    world.bank.publish("2015-08-21", {"USD": rates[date(2015, 8, 21)]["USD"]})
    client = world.client()
    reports = [client.sync("2015-08-01", "2015-08-31", currencies=PAIR) for _ in range(2)]
    for report in reports:
        assert {code: list(map(str, days)) for code, days in report.holes.items()} == {
            "EUR": ["2015-08-20", "2015-08-21"],
            "USD": ["2015-08-20"],
        }
    assert (reports[0].days, reports[0].rates) == (29, 57)
    assert (reports[1].requests, world.asked) == (0, ["export"])


def test_holes_since_the_daily_feed(world: "World") -> None:
    """An older day that the export has none of is not asked for day by day, by no later sync."""
    world.reopen(export_holes=["2025-11-05", "2025-11-20"])
    rates = world.publish_dense("2025-10-01", "2025-11-30", *PAIR)
    for _ in range(2):
        report = world.client().sync("2025-10-01", "2025-11-30", currencies=PAIR)
        assert list(map(str, report.holes["USD"])) == ["2025-11-05", "2025-11-20"]
    # absent twice between rows: the export's calendar
    assert world.questions == [
        f"2025-09-21..{T_8} EUR USD",
        "2025-10-26..2025-11-30 EUR USD",
    ]
    # who asks for the day itself is told by the daily feed
    rate = world.client().rate("USD", on="2025-11-20")
    assert (str(rate.value), rate.nominal) == rates[date(2025, 11, 20)]["USD"]


def test_unknown_days_are_asked_for_at_once(world: "World") -> None:
    """What stays unknown is a hole, and the next sync asks for it again, however soon."""
    rates = world.publish_dense("2015-01-01", "2015-12-31", *PAIR)
    world.bank.fail("first_rows", None, feed="export", keep=40)
    client = world.client()
    span: dict[str, Any] = {"start": "2015-03-01", "end": "2015-06-30", "currencies": ["USD"]}
    # forty rows from 19 February on, and forty more from the first that is not there
    for first, asked in (
        ("2015-04-30", ["2015-02-19..2015-07-10 USD", "2015-03-21..2015-07-10 USD"]),
        # the ten days of each margin are known, and come first of forty rows
        ("2015-06-29", ["2015-04-20..2015-07-10 USD", "2015-05-20..2015-07-10 USD"]),
    ):
        world.bank.forget()
        report = client.sync(**span)
        assert world.questions == asked
        unknown = [day for day in rates if date.fromisoformat(first) <= day <= date(2015, 6, 30)]
        assert list(report.holes.get("USD", ())) == unknown
    assert client.sync(**span).holes == {}
    assert client.sync(**span).requests == 0


def test_a_recent_hole_is_asked_of_the_daily_feed(world: "World") -> None:
    """From T-7 on the daily feed tells; a last row of the export's that is not there is unknown."""
    world.reopen(export_holes=[T_8, "2025-12-03", "2025-12-09"], daily_holes=[YESTERDAY])
    world.publish_dense("2025-11-20", TODAY, *PAIR)
    client = world.client()
    report = client.sync("2025-11-20", currencies=PAIR)
    again = f"2025-11-22..{T_8} EUR USD"  # with the ten days before, to compare
    assert world.questions == [f"2025-11-10..{T_8} EUR USD", again, *LAST_EIGHT_DAYS]
    assert list(map(str, report.holes["EUR"])) == [T_8, YESTERDAY]
    assert world.rows("SELECT day FROM mark WHERE kind = 'silence'") == [(YESTERDAY,)]
    assert world.rows("SELECT DISTINCT day FROM mark WHERE kind = 'absent'") == [(T_8,)]
    # and so it is asked for again by the next one
    world.bank.forget()
    assert list(map(str, client.sync("2025-11-20", currencies=PAIR).holes["EUR"])) == [
        T_8,
        YESTERDAY,
    ]
    assert world.questions[0] == f"2025-11-22..{T_8} EUR USD"


def test_what_is_certain_stays(world: "World", caplog: pytest.LogCaptureFixture) -> None:
    """The export never replaces a final figure, in cache or archive; the log tells of it."""
    rates = world.publish_dense("2015-08-15", "2015-08-25", *PAIR)
    client = world.client()
    client.sync("2015-08-19", "2015-08-20", currencies=["USD"])
    for day in ("2015-08-19", "2015-08-20"):  # three would refute the whole answer
        world.bank.publish(day, {**rates[date.fromisoformat(day)], "USD": "77.77"})
    world.bank.publish("2015-08-26", {"USD": "77.77"})
    client.sync("2015-08-15", "2015-08-26", currencies=PAIR)
    kept = dict(world.rows("SELECT day, value FROM figure WHERE code = 'USD'"))
    assert kept["2015-08-19"] == rates[date(2015, 8, 19)]["USD"][0]
    assert kept["2015-08-20"] == rates[date(2015, 8, 20)]["USD"][0]
    assert kept["2015-08-26"] == "77.77"
    told = [r.getMessage() for r in caplog.records if r.levelname == "WARNING"]
    assert len(told) == 1
    for word in ("2 figures", "USD", "2015-08-19", "77.77", kept["2015-08-19"]):
        assert word in told[0]
    archived = world.client(archive=None, cache=False)
    archived.sync("2015-08-15", "2015-08-25", currencies=PAIR)
    assert str(archived.rate("USD", on="2015-08-21").value) == "255.26"


def test_a_stale_draft_is_not_synced(world: "World") -> None:
    """A sync that could not learn raises, though a draft of the day is known."""
    world.set_clocks(f"{TODAY}T12:00+05:00")
    client = world.client()
    client.sheet(TOMORROW)
    world.advance(days=1)
    with pytest.raises(kzt_rates.Offline):
        world.client(offline=True).sync(TOMORROW, currencies=["USD"])
    world.bank.fail("status")
    with pytest.raises(kzt_rates.BankUnavailable):
        client.sync(TOMORROW, currencies=["USD"])


def test_offline(world: "World") -> None:
    """Offline a sync that needs the bank raises, naming the span."""
    with pytest.raises(kzt_rates.Offline, match=r"2015-01-01.*2015-01-31"):
        world.client(offline=True).sync("2015-01-01", "2015-01-31", currencies=["USD"])
    assert world.asked == []


def test_two_at_once(world: "World") -> None:
    """Two syncs of one client share their questions, and both end with all that there is."""
    world.publish_dense(START, END, *PAIR)
    world.bank.delay = 0.1
    client = world.client()
    sync = partial(_sync, start=START, end=END, currencies=PAIR)
    reports = client.ask_all(sync, sync)
    assert sorted(world.questions) == QUESTIONS
    for report in reports:
        assert dict(report.holes) == {}
    assert world.rows("SELECT count(*), count(DISTINCT code || day) FROM figure") == [
        (2 * sum(DAYS), 2 * sum(DAYS))
    ]


def test_two_that_overlap(world: "World") -> None:
    """Syncs of other spans at once, and a history amid them, disturb each other in nothing."""
    rates = world.publish_dense(START, END, *PAIR)
    world.bank.delay = 0.1
    client = world.client()
    answers = client.ask_all(
        partial(_sync, start="2006-01-01", end="2011-12-31", currencies=["USD"]),
        partial(_sync, start="2010-01-01", end=END, currencies=PAIR),
        lambda c: c.history("USD", "EUR", start="2008-01-01", end="2012-12-31"),
    )
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    kept = world.rows("SELECT day, code, value, nominal FROM figure")
    for day, code, value, nominal in kept:
        assert rates[date.fromisoformat(day)][code] == (value, nominal)
    assert len(answers[2]) == 1827
    assert len(client.history("USD", start=START, end=END)) == sum(DAYS)


def _sync(client: Any, **span: Any) -> Any:
    return client.sync(**span)


@pytest.mark.parametrize("kind", ["async"])
def test_a_cancelled_task(world: "World") -> None:
    """A sync that is cancelled amid a question keeps what came before, and leaves nothing else."""
    world.publish_dense(START, END, *PAIR)
    world.bank.fail("timeout", day="2010-01-01")

    async def scene(client: Any) -> None:
        task = asyncio.create_task(client.sync(START, END, currencies=PAIR))
        while len(world.asked) < 2:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    client = world.client()
    client.ask(scene)
    assert world.rows("SELECT count(*) FROM figure") == [(2 * DAYS[0],)]
    report = client.sync(START, END, currencies=PAIR)
    assert (report.requests, report.days) == (2, sum(DAYS[1:]))
    assert world.questions == [QUESTIONS[0], QUESTIONS[1], *REMAINING[1]]


@pytest.mark.parametrize("kind", ["sync"])
def test_an_interrupt(world: "World") -> None:
    """Ctrl-C in a callback is no error of the library's: it ends the sync, which can go on."""
    world.publish_dense(START, END, *PAIR)

    def interrupt(progress: SyncProgress) -> None:
        if progress.requests == 1:
            raise KeyboardInterrupt

    client = world.client()
    before = set(threading.enumerate())  # other tests' own, such as trio's resting ones
    with pytest.raises(KeyboardInterrupt):
        client.sync(START, END, currencies=PAIR, progress=interrupt)
    assert client.sync(START, END, currencies=PAIR).requests == 2
    left = [thread for thread in threading.enumerate() if thread not in before]
    for thread in left:
        if thread.name.startswith("kzt_rates"):
            thread.join(60)
            assert not thread.is_alive()


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("1999-02-28", "2004-03-01"),
        ("2000-02-29", "2004-02-29"),
        ("2003-03-01", "2008-02-29"),
        ("1999-12-31", "2004-01-01"),
    ],
)
def test_the_bank_is_never_asked_for_too_much(world: "World", start: str, end: str) -> None:
    """The export answers more than four years with a web page: no question is longer."""
    rates = world.publish_dense(start, end, "USD")
    report = world.client().sync(start, end, currencies=["USD"])
    assert (report.days, report.requests) == (len(rates), 2)
    ranges = [(request.start, request.end) for request in world.bank.requests]
    margin = timedelta(10)
    assert ranges[0][0] == date.fromisoformat(start) - margin
    assert ranges[1] == (ranges[0][1] - 2 * margin + timedelta(1), date.fromisoformat(end) + margin)
    for first, last in ranges:
        # the same day four years later is one too many
        assert (last.year, last.month, last.day) < (first.year + 4, first.month, first.day)
