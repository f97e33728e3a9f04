"""RULES.md, "Receiving an answer": what is final, and what is refused. T is 2025-12-10."""

import logging
from datetime import timedelta
from decimal import ROUND_UP, Context, Decimal, Inexact, localcontext
from typing import TYPE_CHECKING, Any

import pytest

import kzt_rates
from kzt_rates.testing import Sheet, daily_xml

if TYPE_CHECKING:
    from conftest import World

TODAY, YESTERDAY, TOMORROW = "2025-12-10", "2025-12-09", "2025-12-11"

UTC_OFFSET = "+05:00"


@pytest.mark.parametrize(
    ("our_clock", "bank_clock", "day", "final"),
    [
        (f"{TODAY}T12:00", f"{TODAY}T12:00", TODAY, True),
        (f"{TODAY}T12:00", f"{TODAY}T12:00", TOMORROW, False),
        (f"{TODAY}T23:59", f"{TODAY}T23:59", TOMORROW, False),
        (f"{TOMORROW}T00:00", f"{TOMORROW}T00:00", TOMORROW, True),
        # our clock is fast: the bank is still at its draft
        (f"{TOMORROW}T00:05", f"{TODAY}T23:55", TOMORROW, False),
        ("2026-01-10T12:00", f"{TODAY}T12:00", TOMORROW, False),
        # our clock is slow
        (f"{TODAY}T23:55", f"{TOMORROW}T00:05", TOMORROW, False),
        # the bank's is skewed back, and forth
        (f"{TODAY}T12:00", f"{YESTERDAY}T12:00", TODAY, False),
        (f"{TODAY}T12:00", "2025-12-20T12:00", TODAY, True),
    ],
)
@pytest.mark.parametrize("feed", ["daily", "latest"])
def test_final_by_both_clocks(
    world: "World", our_clock: str, bank_clock: str, day: str, feed: str, *, final: bool
) -> None:
    """A figure is final when its day has come by our clock and by the bank's `Date`."""
    world.bank.withdraw(TOMORROW)
    world.publish(day, day)
    world.clock.set(our_clock + UTC_OFFSET)
    world.bank_clock.set(bank_clock + UTC_OFFSET)
    client = world.client()
    sheet = client.sheet(day) if feed == "daily" else client.latest()
    assert str(sheet.date) == day
    assert sheet.provisional is not final
    assert {rate.provisional for rate in sheet.values()} == {not final}
    assert world.rows("SELECT DISTINCT final FROM figure WHERE day = ?", day) == [(final,)]
    assert world.rows("SELECT final FROM day WHERE day = ?", day) == [(final,)]


@pytest.mark.parametrize(
    ("fault", "options"),
    [
        ("no_date_header", {}),
        ("date_header", {"text": "yesterday"}),
        ("date_header", {"text": "Wed, 99 Dec 2025 99:99:99 GMT"}),
        ("date_header", {"text": ""}),
    ],
)
def test_final_without_a_date_header(world: "World", fault: str, options: Any) -> None:
    """Without a `Date` that can be read a date of T or later stays provisional, until one comes."""
    world.bank.fail(fault, times=None, **options)
    client = world.client()
    assert not client.rate("USD", on=YESTERDAY).provisional
    assert client.rate("USD", on=TODAY).provisional
    assert client.sheet(TODAY).provisional
    assert client.rate("USD", on=TOMORROW).provisional
    assert world.asked == [YESTERDAY, TODAY, TOMORROW]
    world.bank.heal()
    world.advance(minutes=10)
    assert not client.rate("USD", on=TODAY).provisional


@pytest.mark.parametrize(
    "text",
    [
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "Mon, 01 Jan 0001 00:00:00 +1400",
        "Wed, 10 Dec 2025 07:00:00 +99999999999999",
    ],
)
def test_a_date_header_from_nowhere(world: "World", text: str) -> None:
    """A `Date` that no calendar holds breaks nothing."""
    world.bank.fail("date_header", text=text)
    assert world.client().rate("USD", on=TODAY).value == Decimal("514.74")


def test_a_skewed_header_is_believed(world: "World") -> None:
    """A `Date` of yesterday keeps today's sheet provisional, until a better one says otherwise."""
    world.bank.fail("date_header", skew=timedelta(days=-1))
    client = world.client()
    assert client.rate("USD", on=TODAY).provisional
    world.advance(minutes=10)
    assert not client.rate("USD", on=TODAY).provisional
    assert world.asked == [TODAY] * 2


def test_a_draft_is_replaced_by_the_final(world: "World", caplog: pytest.LogCaptureFixture) -> None:
    """First the draft, then another sheet when the day has come: the final one is kept."""
    caplog.set_level(logging.INFO, "kzt_rates")
    world.bank.publish(TOMORROW, {**world.figures[TOMORROW], "USD": "518.93", "QQD": "1.5"})
    client = world.client()
    draft = client.sheet(TOMORROW)
    assert (draft.provisional, draft["USD"].value) == (True, Decimal("518.93"))
    assert client.convert(1, "USD", on=TOMORROW) == Decimal("518.93")
    world.publish(TOMORROW, TOMORROW)
    world.set_clocks(f"{TOMORROW}T00:00+05:00")
    assert client.convert(1, "USD", on=TOMORROW) == Decimal("518.39")
    sheet = client.sheet(TOMORROW)
    assert (sheet.provisional, len(sheet), "QQD" in sheet) == (False, 39, False)
    assert world.asked == [TOMORROW] * 2
    query = "SELECT value, final FROM figure WHERE code = 'USD' AND day = ?"
    assert world.rows(query, TOMORROW) == [("518.39", 1)]
    assert world.rows("SELECT count(*) FROM figure") == [(39,)]
    assert any("518.93" in r.getMessage() for r in caplog.records)


def test_a_code_gone_since_the_draft(world: "World") -> None:
    """A code of the draft that the final sheet lacks is gone, from the first answer on."""
    world.bank.publish(TOMORROW, {**world.figures[TOMORROW], "QQD": "1.5"})
    client = world.client()
    assert "QQD" in client.sheet(TOMORROW)
    world.publish(TOMORROW, TOMORROW)
    world.set_clocks(f"{TOMORROW}T00:00+05:00")
    sheet = client.sheet(TOMORROW)
    assert ("QQD" in sheet, len(sheet), sheet.provisional) == (False, 39, False)


def test_a_code_gone_since_it_was_final(world: "World") -> None:
    """A refreshed sheet that lacks a code does not give it, and takes no final figure away."""
    world.bank.publish(TODAY, {**world.figures[TODAY], "QQD": "1.5"})
    client = world.client()
    assert client.sheet(TODAY)["QQD"].value == Decimal("1.5")
    world.publish(TODAY, TODAY)
    for _ in range(2):
        with pytest.raises((kzt_rates.FeedError, kzt_rates.RateNotFound), match="QQD"):
            client.rate("QQD", on=TODAY, refresh=True)
    assert client.rate("QQD", on=TODAY).value == Decimal("1.5")


def test_a_code_refused_since_the_draft(world: "World") -> None:
    """A code of the draft that is refused on the final sheet is not answered by the draft."""
    _see_july(world)
    world.set_clocks("2026-07-07T12:00+05:00")
    client = world.client()
    assert client.rate("IRR", on="2026-07-08").provisional
    rates = world.figures["2026-07-08"]
    world.bank.publish("2026-07-08", {**rates, "IRR": (rates["IRR"][0], 1000)})
    world.set_clocks("2026-07-08T12:00+05:00")
    sheet = client.sheet("2026-07-08")
    assert (set(sheet.refused), "IRR" in sheet, sheet.provisional) == ({"IRR"}, False, False)


def test_a_provisional_correction(world: "World") -> None:
    """A refresh gives the bank's last word, also where a skewed header makes it provisional."""
    world.bank.publish(TODAY, {**world.figures[TODAY], "USD": "513.74"})
    client = world.client()
    client.sheet(TODAY)
    world.publish(TODAY, TODAY)
    world.bank.fail("date_header", skew=timedelta(days=-1))
    corrected = client.rate("USD", on=TODAY, refresh=True)
    assert corrected.value == Decimal("514.74")
    assert client.rate("USD", on=TODAY) == corrected


def test_a_draft_that_was_withdrawn(world: "World") -> None:
    """When the bank takes its draft back there is no rate, however often one asks."""
    client = world.client()
    client.sheet(TOMORROW)
    world.bank.withdraw(TOMORROW)
    world.advance(minutes=10)
    for ask in (client.sheet, client.sheet, lambda on: client.rate("USD", on=on)):
        with pytest.raises(kzt_rates.RateNotFound):
            ask(on=TOMORROW)
    assert world.asked == [TOMORROW] * 2


def test_no_rate_is_remembered(world: "World") -> None:
    """An envelope with an `<info>` leaves a mark with the feed and the hour, and nothing else."""
    world.bank.withdraw(TODAY)
    with pytest.raises(kzt_rates.RateNotFound):
        world.client().rate("USD", on=TODAY)
    assert world.rows("SELECT day, kind, about, at, text FROM mark") == [
        (TODAY, "silence", "daily", world.clock().isoformat(), None)
    ]
    assert world.rows("SELECT * FROM figure") == world.rows("SELECT * FROM day") == []
    world.publish(TODAY, TODAY)
    world.advance(minutes=10)
    assert world.client().rate("USD", on=TODAY).value == Decimal("514.74")
    assert world.marks(TODAY, "silence") == []


def test_a_blink_is_asked_again(world: "World") -> None:
    """Neither items nor an info: asked again within the retries, and the answer is given."""
    world.bank.fail("blink", feed="daily")
    world.bank.fail("blink", feed="latest")
    client = world.client(retries=1)
    assert client.rate("USD", on=TODAY).value == Decimal("514.74")
    assert str(client.latest().date) == TOMORROW
    assert world.asked == [TODAY, TODAY, "latest", "latest"]


def test_a_blink_that_stays(world: "World") -> None:
    """A blink that stays is a `FeedError`, and no mark is left."""
    world.bank.fail("blink", times=None)
    with pytest.raises(kzt_rates.FeedError) as caught:
        world.client(retries=1).rate("USD", on=TODAY)
    assert type(caught.value) is kzt_rates.FeedError
    assert world.asked == [TODAY] * 2
    assert world.dump() == []


REFUSED_WHOLE: dict[str, list[dict[str, Any]]] = {
    **{
        fault: [{}]
        for fault in (
            *("html", "empty", "truncated_xml", "oversized", "dtd", "external_entity"),
            *("other_root", "error_element", "no_date", "no_usd"),
        )
    },
    "duplicate_code": [{}, {"value": "514.75"}, {"code": "AMD"}],
    "bad_code": [
        {"text": text} for text in ("Usd", "USDT", "US", "U$D", "", "U SD", "ДЛР", "U\nD")
    ],
    "bad_value": [
        {"value": value}
        for value in (
            *("-1", "0", "0.00", "+1", "1,5", "1e3", " 1 5", ".5", "5.", "", None, "NaN", "inf"),
            *("٥١٤", "514.74\u00a0", "1_000", "0x1F", "1.2.3", "5 14.74", "9" * 40, "514.\n74"),
        )
    ],
    "bad_nominal": [
        {"nominal": nominal}
        for nominal in ("0", "-1", "+1", "1.0", "1.5", "", None, "ten", "1e2", "1 000", "٠١", " ")
    ],
}


@pytest.mark.parametrize("fault", REFUSED_WHOLE)
@pytest.mark.parametrize("feed", ["daily", "latest"])
def test_refused_whole(world: "World", feed: str, fault: str) -> None:
    """What is no sheet is refused whole: `FeedError`, asked once, and nothing is stored."""
    client = world.client()
    client.sheet(YESTERDAY)
    before = world.dump()
    for options in REFUSED_WHOLE[fault]:
        world.bank.forget()
        world.bank.fail(fault, **options)
        with pytest.raises(kzt_rates.FeedError) as caught:
            client.rate("EUR", on=TODAY) if feed == "daily" else client.latest()
        assert caught.value.url == world.bank.url + world.bank.requests[-1].path
        assert world.asked == [TODAY if feed == "daily" else "latest"], options
        assert world.dump() == before, options


@pytest.mark.parametrize(
    ("fault", "options", "feed"),
    [
        ("another_date", {}, "daily"),
        ("another_date", {"date": TOMORROW}, "daily"),
        ("no_items", {}, "latest"),
        ("no_rate", {}, "latest"),
        ("far_future", {"date": "2025-12-25"}, "latest"),
        ("stale_sheet", {"date": "2025-11-25"}, "latest"),
    ],
)
def test_refused_whole_of_one_feed(
    world: "World", fault: str, options: dict[str, Any], feed: str
) -> None:
    """Another date than asked for; a latest sheet without items, beyond T+14 or before T-14."""
    world.publish("2025-11-20", "2025-11-28")
    world.bank.fail(fault, times=None, **options)
    client = world.client()
    with pytest.raises(kzt_rates.FeedError) as caught:
        client.rate("EUR", on=TODAY) if feed == "daily" else client.latest()
    assert type(caught.value) is kzt_rates.FeedError
    assert len(world.asked) == 1
    assert world.rows("SELECT * FROM figure") == []


def test_latest_fourteen_days_ahead(world: "World") -> None:
    """A latest sheet of T+14 is believed."""
    world.bank.fail("far_future", date="2025-12-24")
    assert str(world.client().latest().date) == "2025-12-24"


def test_latest_fourteen_days_behind(world: "World") -> None:
    """A latest sheet of T-14 is believed, as after a long holiday."""
    world.publish("2025-11-20", "2025-11-28")
    world.bank.fail("stale_sheet", date="2025-11-26")
    assert str(world.client().latest().date) == "2025-11-26"


@pytest.mark.parametrize(
    ("our_clock", "bank_clock", "believed"),
    [
        # T is the bank's, where it says it
        (f"{TODAY}T12:00", "2026-01-10T12:00", False),
        ("2026-01-10T12:00", f"{TODAY}T12:00", True),
        ("2026-01-10T12:00", None, False),
        (f"{TODAY}T12:00", None, True),
    ],
)
def test_latest_by_the_banks_clock(
    world: "World", our_clock: str, bank_clock: str | None, *, believed: bool
) -> None:
    """How old a latest sheet is, the response's `Date` says; without one our clock."""
    world.clock.set(our_clock + UTC_OFFSET)
    if bank_clock is None:
        world.bank.fail("no_date_header", times=None)
    else:
        world.bank_clock.set(bank_clock + UTC_OFFSET)
    world.bank.withdraw(TOMORROW)
    client = world.client()
    if believed:
        assert str(client.latest().date) == TODAY
    else:
        with pytest.raises(kzt_rates.FeedError, match=TODAY):
            client.latest()


@pytest.mark.parametrize("feed", ["daily", "latest"])
@pytest.mark.parametrize(("keep", "complete"), [(32, True), (31, False)])
def test_a_short_sheet(world: "World", keep: int, feed: str, *, complete: bool) -> None:
    """With fewer than 80 % of the 39 codes expected (31.2) a sheet leaves its day open."""
    day = TODAY if feed == "daily" else TOMORROW
    client = world.client()
    client.sheet(YESTERDAY)
    world.bank.fail("few_codes", feed=feed, keep=keep)
    world.bank.fail("status", None)  # and nobody else has it
    sheet = client.sheet(TODAY) if feed == "daily" else client.latest()
    assert (str(sheet.date), len(sheet), sheet.complete) == (day, keep, complete)
    assert world.rows("SELECT day FROM day WHERE day = ?", day) == [(day,)] * complete


@pytest.mark.parametrize("keep", [20, 19])
def test_two_short_sheets(world: "World", keep: int) -> None:
    """Two feeds of the same codes make a day complete, as long as they are half of them."""
    client = world.client()
    client.sheet(YESTERDAY)
    world.bank.withdraw(TOMORROW)
    world.bank.fail("few_codes", None, keep=keep)
    sheet = client.sheet(TODAY)
    assert (len(sheet), sheet.complete) == (keep, keep == 20)
    assert world.asked == [YESTERDAY, TODAY, "latest"]


def test_expected_is_what_the_day_before_had(world: "World") -> None:
    """What no table knows is expected, too, where the nearest whole day had it."""
    new: Sheet = {f"QQ{letter}": "7.5" for letter in "ABCDEFGHIJ"}
    world.bank.publish(YESTERDAY, {**world.figures[YESTERDAY], **new})
    world.bank.publish(TODAY, {**world.figures[TODAY], **new})
    client = world.client()
    assert len(client.sheet(YESTERDAY)) == 49
    # 39 of 49 codes are less than four fifths, though the table expects no more
    world.bank.fail("lost_codes", feed="daily", codes=[*new])
    world.bank.fail("status", feed="latest")
    assert not client.sheet(TODAY).complete


def test_empty_or_absent_extras_are_tolerated(world: "World") -> None:
    """`change`, `index` and `fullname` may be empty or absent."""
    body = daily_xml(TODAY, {"USD": "514.74", "EUR": ("599.36", 1, "")}).decode()
    for tag in ("fullname", "index", "change"):
        first = body.index(f"<{tag}>")
        end = body.index(f"</{tag}>") + len(tag) + 3
        body = body[:first] + body[end:]
    world.bank.answer_with(body.encode())
    client = world.client()
    dollar = client.rate("USD", on=TODAY)
    assert (dollar.value, dollar.change) == (Decimal("514.74"), None)
    assert dollar.name == "доллар США"  # the table's, whatever the feed calls it
    assert client.rate("EUR", on=TODAY).change is None


@pytest.mark.parametrize("text", [" ", "\n\t ", "\r\n"])
@pytest.mark.parametrize("feed", ["daily", "latest"])
def test_blanks_are_tolerated(world: "World", feed: str, text: str) -> None:
    """Blank lines before the XML declaration and blanks around a figure change nothing."""
    client = world.client()
    day = TODAY if feed == "daily" else TOMORROW
    for fault in ("padded_figures", "leading_blanks"):
        world.bank.fail(fault, feed=feed, text=text)
        sheet = (
            client.sheet(TODAY, refresh=True) if feed == "daily" else client.latest(refresh=True)
        )
        assert {code: (str(rate.value), rate.nominal) for code, rate in sheet.items()} == (
            world.figures[day]
        )


# A sheet of another time: a known day more than ten days away is like it, or its codes are.


@pytest.mark.parametrize(
    ("known", "refused"),
    [
        ("2025-11-26", True),  # 14 days before
        ("2025-11-29", True),  # 11 days
        ("2025-11-30", False),  # 10 days
        (YESTERDAY, False),  # a holiday
        (None, False),
    ],
)
@pytest.mark.parametrize("feed", ["daily", "latest"])
def test_the_rates_of_another_day(
    world: "World", feed: str, known: str | None, *, refused: bool
) -> None:
    """A sheet that repeats a known day more than ten days away is refused whole."""
    world.bank.withdraw(TOMORROW)
    world.bank.publish(TODAY, world.figures[TODAY])
    client = world.client()
    if known is not None:
        world.bank.publish(known, world.figures[TODAY])
        client.sheet(known)
    before = world.dump()
    if refused:
        with pytest.raises(kzt_rates.FeedError, match=f"with the rates of {known}"):
            client.rate("EUR", on=TODAY) if feed == "daily" else client.latest()
        assert world.dump() == before
    else:
        sheet = client.sheet(TODAY) if feed == "daily" else client.latest()
        assert sheet["EUR"].value == Decimal("599.36")
        assert not sheet.provisional


@pytest.mark.parametrize(
    ("shared", "equal", "refused"),
    [(9, 9, True), (8, 8, False), (10, 8, True), (10, 7, False), (39, 32, True), (39, 25, False)],
)
def test_how_like_another_day(world: "World", shared: int, equal: int, *, refused: bool) -> None:
    """Nine codes of three digits that do not follow the dollar, and four fifths of them equal."""
    pegged = ["AED", "SAR", "HKD"]
    few = [code for code, (value, _) in world.figures[TODAY].items() if len(value.strip("0.")) < 4]
    rest = sorted(world.figures[TODAY].keys() - {*pegged, *few, "USD"})
    counted = ["USD", *rest][:shared]
    today: dict[str, Any] = {code: world.figures[TODAY][code] for code in [*counted, *pegged]}
    if shared < 39:
        # codes of two digits, and those that follow the dollar, are equal and prove nothing
        today |= {code: world.figures[TODAY][code] for code in few}
    for code in counted[equal:]:
        value, nominal = today[code]
        today[code] = (Decimal(value) * Decimal("1.01"), nominal)
    world.bank.publish("2025-11-26", world.figures[TODAY])
    world.bank.publish(TODAY, today)
    client = world.client()
    client.sheet("2025-11-26")
    if refused:
        with pytest.raises(kzt_rates.FeedError, match="with the rates of 2025-11-26"):
            client.rate("USD", on=TODAY)
    else:
        assert client.rate("USD", on=TODAY).value == Decimal("514.74")


@pytest.mark.parametrize(
    ("codes", "refused"),
    [
        (("EGP",), False),
        (("EGP", "VND"), False),
        (("EGP", "VND", "PKR"), True),  # seen first on 2026-07-08, and not the day before
        (("LTL", "EEK", "LVL"), True),  # the euro's by law
        (("LTL", "EGP", "BYR"), True),
    ],
)
def test_codes_of_another_time(world: "World", codes: tuple[str, ...], *, refused: bool) -> None:
    """Three codes that begin or end elsewhere, to the day, prove a sheet of another time."""
    extra: Sheet = dict.fromkeys(codes, "10.8")
    world.bank.publish(TODAY, {**world.figures[TODAY], **extra})
    client = world.client()
    if refused:
        with pytest.raises(kzt_rates.FeedError, match="of another time"):
            client.sheet(TODAY)
        assert world.rows("SELECT * FROM figure") == []
    else:
        # what we have not seen before is no proof, and is given as published
        sheet = client.sheet(TODAY)
        assert [str(sheet[code].value) for code in codes] == ["10.8"] * len(codes)
        assert (sheet.complete, dict(sheet.refused)) == (True, {})


# An old day's sheet of the daily feed, where the export could not be reached.

OLD = "2025-11-25"  # T-15


@pytest.mark.parametrize(
    ("known", "wrong", "outcome"),
    [
        (["CHF", "EUR"], [], "provisional"),
        (["CHF", "EUR"], ["CHF", "EUR"], "provisional"),
        (["CHF", "EUR", "GBP"], [], "final"),
        (["CHF", "EUR", "GBP"], ["CHF"], "final"),
        (["CHF", "EUR", "GBP"], ["CHF", "EUR"], "refused"),
        (["CHF", "EUR", "GBP", "JPY"], ["CHF", "EUR"], "final"),
    ],
)
def test_an_old_sheet_against_what_is_known(
    world: "World",
    caplog: pytest.LogCaptureFixture,
    known: list[str],
    wrong: list[str],
    outcome: str,
) -> None:
    """Of three known figures most must agree; a known one stays, and the difference is logged."""
    world.publish("2025-11-20", "2025-11-30")
    client = world.client()
    client.sync(OLD, OLD, currencies=known)
    before = {code: client.rate(code, on=OLD) for code in known}
    figures = world.figures[OLD]
    world.bank.publish(
        OLD, {**figures, **{c: (Decimal(figures[c][0]) + 1, figures[c][1]) for c in wrong}}
    )
    world.bank.fail("status", None, feed="export", status=403)
    if outcome == "refused":
        with pytest.raises(kzt_rates.FeedError, match="contradicts 2 of 3"):
            client.rate("USD", on=OLD)
        assert world.rows("SELECT count(*) FROM figure WHERE day = ?", OLD) == [(len(known),)]
        return
    rate = client.rate("USD", on=OLD)
    assert (str(rate.value), rate.provisional) == (figures["USD"][0], outcome == "provisional")
    told = [r.getMessage() for r in caplog.records if "daily feed says" in r.getMessage()]
    assert [[code in line for code in wrong].count(True) for line in told] == [1] * len(wrong)
    for code in known:
        stays = client.rate(code, on=OLD)
        assert (stays.value, stays.provisional) == (before[code].value, False)


def test_an_old_sheet_against_one_of_before(
    world: "World", caplog: pytest.LogCaptureFixture
) -> None:
    """A refresh cannot turn most of an old day's figures over by the daily feed alone."""
    world.publish("2025-11-20", "2025-11-30")
    client = world.client()
    known = ["CHF", "EUR", "GBP"]
    client.sync(OLD, OLD, currencies=known)
    world.bank.fail("status", None, feed="export", status=403)
    before = client.rate("USD", on=OLD)
    world.bank.publish(
        OLD, {**world.scaled(OLD, 101), **{code: world.figures[OLD][code] for code in known}}
    )
    with pytest.raises(kzt_rates.KztRatesError):
        client.rate("USD", on=OLD, refresh=True)
    assert any("contradicts 36 of 39 figures" in told for told in caplog.messages)
    assert (before.provisional, client.rate("USD", on=OLD)) == (False, before)


def test_an_old_sheets_change_that_contradicts(world: "World") -> None:
    """An old sheet is refused at once: its day before is the export's, and is not asked again."""
    world.publish("2025-11-20", "2025-11-24")
    client = world.client()
    client.sync("2025-11-24", "2025-11-24")
    world.publish(OLD, "2025-11-30")
    world.bank.fail("status", None, feed="export", status=403)
    world.bank.fail("wrong_changes", day=OLD)
    asked = len(world.asked)
    with pytest.raises(kzt_rates.FeedError, match="changes of 2025-11-25 contradict"):
        client.rate("USD", on=OLD)
    assert world.asked[asked:] == [OLD]


def test_an_old_sheets_draft_is_replaced_by_the_export(world: "World") -> None:
    """A provisional old figure is asked again after a day; the export's is final at once."""
    world.publish("2025-11-20", "2025-11-30")
    world.bank.fail("status", feed="export", status=403)
    client = world.client()
    assert client.rate("EUR", on=OLD).provisional
    world.advance(days=1, seconds=-1)
    assert client.rate("EUR", on=OLD).provisional
    assert world.asked == ["export", OLD]
    world.advance(seconds=1)
    rate = client.rate("EUR", on=OLD)
    assert (str(rate.value), rate.provisional) == (world.figures[OLD]["EUR"][0], False)
    assert world.asked == ["export", OLD, "export"]


def test_a_change_corrects_the_day_before(world: "World", caplog: pytest.LogCaptureFixture) -> None:
    """Where today's changes contradict yesterday, and it comes otherwise, both are mended."""
    world.bank.publish(YESTERDAY, world.scaled(YESTERDAY, 101))
    client = world.client()
    wrong = client.convert(1, "USD", on=YESTERDAY)
    assert wrong == Decimal("513.383")  # 508.3 and one percent
    world.publish(YESTERDAY, YESTERDAY)
    assert client.rate("USD", on=TODAY).value == Decimal("514.74")
    assert world.asked == [YESTERDAY, TODAY, YESTERDAY]
    assert client.convert(1, "USD", on=YESTERDAY) == Decimal("508.3")
    assert len(world.asked) == 3
    query = "SELECT value FROM figure WHERE code = 'USD' ORDER BY day"
    assert world.rows(query) == [("508.3",), ("514.74",)]
    told = [r.getMessage() for r in caplog.records if "USD" in r.getMessage()]
    assert any("513.383" in line and "508.3 " in line for line in told)


@pytest.mark.parametrize("feed", ["daily", "latest"])
def test_a_change_that_contradicts(world: "World", feed: str) -> None:
    """Changes that still contradict yesterday refuse the sheet; yesterday is asked once more."""
    world.bank.withdraw(TOMORROW)
    client = world.client()
    client.sheet(YESTERDAY)
    known = world.dump()
    asked = TODAY if feed == "daily" else "latest"
    world.bank.fail("wrong_changes", **({"day": TODAY} if feed == "daily" else {"feed": "latest"}))  # type: ignore[arg-type]
    with pytest.raises(kzt_rates.FeedError, match=YESTERDAY):
        client.rate("EUR", on=TODAY) if feed == "daily" else client.latest()
    assert world.asked == [YESTERDAY, asked, YESTERDAY]
    assert world.dump() == known


@pytest.mark.parametrize("fault", ["status", "html", "no_rate"])
def test_a_contradiction_that_cannot_be_settled(world: "World", fault: str) -> None:
    """Where the day before cannot be asked again, the sheet is refused."""
    client = world.client()
    client.sheet(YESTERDAY)
    world.bank.fail("wrong_changes", day=TODAY)
    world.bank.fail(fault, day=YESTERDAY)
    with pytest.raises(kzt_rates.FeedError, match="contradict"):
        client.sheet(TODAY)
    assert world.asked == [YESTERDAY, TODAY, YESTERDAY]
    assert client.rate("USD", on=YESTERDAY).value == Decimal("508.3")
    assert world.rows("SELECT count(*) FROM figure WHERE day = ?", TODAY) == [(0,)]


@pytest.mark.parametrize("known", ["nothing", "a draft", "nine codes", "half of them"])
def test_a_change_that_proves_nothing(world: "World", known: str) -> None:
    """`change` counts against ten final figures of the day before, and when most contradict."""
    client = world.client()
    if known == "nothing":
        world.bank.fail("wrong_changes", times=None)
    elif known == "a draft":
        world.set_clocks(f"{YESTERDAY}T12:00+05:00")
        client.sheet(TODAY)
        world.bank.fail("wrong_changes", times=None)
    else:
        client.sheet(YESTERDAY)
        codes = sorted(world.figures[TODAY])
        changed = codes[:9] if known == "nine codes" else codes[: len(codes) // 2]
        sheet: dict[str, Any] = {code: (*f, "") for code, f in world.figures[TODAY].items()}
        if known == "half of them":
            sheet = dict(world.figures[TODAY])
        sheet.update({code: (*world.figures[TODAY][code], "+77.77") for code in changed})
        world.bank.publish(TODAY, sheet)
    day, value = (TOMORROW, "518.39") if known == "a draft" else (TODAY, "514.74")
    asked = len(world.asked)
    assert client.rate("USD", on=day).value == Decimal(value)
    # where most agree, each of the others is strange, and another feed is asked about it
    assert world.asked[asked:] == ([day, "latest"] if known == "half of them" else [day])


# Nominals. IRR is quoted per 1000 until 2026-07-07, per 10000 since.


def _see_july(world: "World") -> None:
    world.publish("2026-07-06", "2026-07-09")
    world.set_clocks("2026-07-09T12:00+05:00")


@pytest.mark.parametrize(
    ("day", "nominal", "value", "believed"),
    [
        ("2026-07-07", 1000, "0.34", True),
        ("2026-07-07", 10_000, "0.34", False),
        ("2026-07-08", 10_000, "3.43", True),
        ("2026-07-08", 1000, "3.43", False),
        ("2026-07-09", 1, "3.41", False),
    ],
)
def test_a_nominal_it_cannot_have_had(
    world: "World",
    caplog: pytest.LogCaptureFixture,
    day: str,
    nominal: int,
    value: str,
    *,
    believed: bool,
) -> None:
    """A figure with a nominal of another time is refused, alone; the reason is remembered."""
    world.reopen(current_nominals={"IRR": nominal})
    _see_july(world)
    client = world.client()
    sheet = client.sheet(day)
    assert world.figures[day]["IRR"][0] == value
    rest = world.figures[day].keys() - ({"IRR"} if not believed else set())
    assert {rate.base for rate in sheet.values()} == rest
    assert sheet.complete
    if believed:
        assert sheet["IRR"].nominal == nominal
        assert dict(sheet.refused) == {}
        return
    assert set(sheet.refused) == {"IRR"}
    assert f"per {nominal}" in sheet.refused["IRR"]
    told = [r for r in caplog.records if r.levelno == logging.WARNING]
    assert len(told) == 1
    assert "IRR" in told[0].getMessage()
    for fresh in (client, world.client(), world.client(offline=True)):
        with pytest.raises(kzt_rates.FeedError, match="IRR") as caught:
            fresh.rate("IRR", on=day)
        assert sheet.refused["IRR"] in str(caught.value)
        assert fresh.sheet(day) == sheet
        assert fresh.rate("USD", on=day).value == Decimal(world.figures[day]["USD"][0])
        with pytest.raises(kzt_rates.FeedError):
            fresh.convert(1, "USD", "IRR", on=day, missing="previous")
        with pytest.raises(kzt_rates.FeedError):
            fresh.history("IRR", start=day, end=day)
    assert world.asked == [day]
    assert world.rows("SELECT count(*) FROM figure WHERE code = 'IRR'") == [(0,)]
    world.advance(minutes=10)
    with pytest.raises(kzt_rates.FeedError, match="IRR"):
        client.rate("IRR", on=day)
    assert world.asked[:2] == [day] * 2  # T is recent, and its refusals are not for long


@pytest.mark.parametrize(
    ("day", "nominal"), [("2026-07-07", 10_000), ("2026-07-08", 1000), ("2026-07-09", 1)]
)
@pytest.mark.parametrize("verb", ["rate", "convert", "history", "sync"])
@pytest.mark.parametrize("refused_while", ["recent", "old"])
def test_what_was_refused_is_answered_by_the_export(
    world: "World", day: str, nominal: int, verb: str, refused_while: str
) -> None:
    """The export is right per row: of an old day it is asked for a code that was refused alone."""
    world.reopen(current_nominals={"IRR": nominal})
    _see_july(world)
    if refused_while == "old":
        world.set_clocks("2026-07-30T12:00+05:00")
        world.bank.fail("status", feed="export", status=403)
    client = world.client()
    assert set(client.sheet(day).refused) == {"IRR"}
    world.set_clocks("2026-07-30T12:11+05:00")
    world.bank.forget()
    value, true = world.figures[day]["IRR"]
    per_unit = Decimal(value) / true
    if verb == "rate":
        rate = client.rate("IRR", on=day)
        assert (str(rate.value), rate.nominal, rate.provisional) == (value, true, False)
    elif verb == "convert":
        assert client.convert(1, "IRR", on=day) == per_unit
    elif verb == "history":
        assert client.history("IRR", start=day, end=day).values == (per_unit,)
    else:
        assert client.sync(day, day, currencies=["IRR"]).rates >= 1
    assert world.asked == ["export"]
    for fresh in (client, world.client(), world.client(offline=True)):
        assert fresh.rate("IRR", on=day).per_unit == per_unit
        sheet = fresh.sheet(day)
        assert (sheet["IRR"].nominal, dict(sheet.refused)) == (true, {})


def test_nominals_change_between_days(world: "World") -> None:
    """Across 2026-07-08 the rial is believed on both days, and its change proves nothing."""
    _see_july(world)
    client = world.client()
    before, after = (client.rate("IRR", on=f"2026-07-0{day}") for day in (7, 8))
    assert (before.nominal, after.nominal) == (1000, 10_000)
    # 0.34 per 1000 is 0.00034, 3.43 per 10000 is 0.000343
    assert client.convert(1_000_000, "IRR", on="2026-07-07") == 340
    assert client.convert(1_000_000, "IRR", on="2026-07-08") == 343
    assert world.asked == ["2026-07-07", "2026-07-08"]


def test_old_values_with_the_current_nominal(world: "World") -> None:
    """HUF was per 1 in 2013 and per 10 by 2016; in between the nearest known day says which."""
    world.set_clocks("2014-01-10T12:00+06:00")
    true: dict[str, tuple[str, int]] = {"USD": ("154.06", 1), "HUF": ("0.69", 1)}
    for day in range(4, 12):
        world.bank.withdraw(f"2025-12-{day:02}")
    world.bank.publish("2014-01-08", true)
    client = world.client()
    assert client.latest()["HUF"].per_unit == Decimal("0.69")
    for nominal, seen in ((10, None), (1, Decimal("0.69"))):
        world.bank.publish("2014-01-09", {**true, "HUF": ("0.69", nominal)})
        sheet = client.latest(refresh=True)
        assert str(sheet.date) == "2014-01-09"
        assert (sheet["HUF"].per_unit if "HUF" in sheet else None) == seen
        assert ("HUF" in sheet.refused) is (seen is None)


@pytest.mark.parametrize("day", ["2026-09-11", "2026-09-10", "2026-09-09"])
@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("confirmed", [True, False])
def test_a_new_nominal_after_the_table(
    world: "World", day: str, *, known: bool, confirmed: bool
) -> None:
    """A nominal newer than the table (2026-08-21) is believed where a second feed has it, too."""
    world.set_clocks("2026-09-08T12:00+05:00")
    usual = world.figures["2026-08-21"]
    client = world.client()
    if known:
        world.bank.publish("2026-09-08", usual)
        client.sheet("2026-09-08")
    world.set_clocks("2026-09-10T12:00+05:00")
    world.bank.publish(day, {**usual, "HUF": ("147.2", 100)})
    if not confirmed:
        world.bank.fail("another_nominal", None, feed="latest", codes="HUF", nominal="10")
        world.bank.fail("status", None, feed="export", status=403)
    world.bank.forget()
    sheet = client.sheet(day)
    if confirmed:
        assert (sheet["HUF"].nominal, sheet["HUF"].per_unit) == (100, Decimal("1.472"))
        assert dict(sheet.refused) == {}
        assert world.asked == [day, "latest"]
    else:
        assert set(sheet.refused) == {"HUF"}
        assert "147.2 per 100" in sheet.refused["HUF"]
        assert "147.2 per 10" in sheet.refused["HUF"].replace("147.2 per 100", "")
    assert len(sheet) == (48 if confirmed else 47)


def test_another_nominal_than_the_tables(world: "World") -> None:
    """Up to 2026-08-21 the table rules: another nominal is refused alone, and nobody is asked."""
    world.set_clocks("2026-09-01T12:00+05:00")
    world.bank.publish("2026-08-21", {**world.figures["2026-08-21"], "HUF": ("147.2", 100)})
    sheet = world.client().sheet("2026-08-21")
    assert set(sheet.refused) == {"HUF"}
    assert world.asked == ["2026-08-21"]


@pytest.mark.parametrize("nominal", [3, 20, 1001])
def test_a_nominal_that_is_no_power_of_ten(world: "World", nominal: int) -> None:
    """It is refused alone, of a code of no table too, though all feeds have it."""
    world.set_clocks("2026-09-10T12:00+05:00")
    day = "2026-09-10"
    usual = world.figures["2026-08-21"]
    world.bank.publish(day, {**usual, "HUF": ("14.7", nominal), "QQN": ("5.5", nominal)})
    client = world.client()
    sheet = client.sheet(day)
    assert set(sheet.refused) == {"HUF", "QQN"}
    with pytest.raises(kzt_rates.FeedError, match=f"per {nominal}"):
        client.rate("HUF", on=day)
    assert world.asked == [day]


def test_a_code_the_table_does_not_know(world: "World", caplog: pytest.LogCaptureFixture) -> None:
    """Three capitals nobody knows are kept as published, logged once, and can be asked for."""
    caplog.set_level(logging.INFO, "kzt_rates")
    code = {"sync": "QQS", "async": "QQA", "trio": "QQT"}[world.kind]
    for day in (YESTERDAY, TODAY):
        world.bank.publish(day, {**world.figures[day], code: ("7.50", 100)})
    client = world.client()
    with pytest.raises(kzt_rates.UnknownCurrency):
        client.rate(code, on=TODAY)
    assert world.asked == []
    client.sheet(TODAY)
    for fresh in (client, world.client(), world.client(offline=True)):
        rate = fresh.rate(code.lower(), on=TODAY)
        assert (str(rate.value), rate.nominal) == ("7.50", 100)
        assert fresh.convert(200, code, on=TODAY) == 15
        assert code in {currency.code for currency in fresh.currencies()}
    client.sheet(YESTERDAY)
    assert len([r for r in caplog.records if code in r.getMessage()]) == 1
    assert world.asked == [TODAY, YESTERDAY]


@pytest.mark.parametrize("feed", ["daily", "latest"])
def test_the_rouble_by_its_old_code(world: "World", feed: str) -> None:
    """`RUR` in a feed is `RUB`."""
    rates = world.figures[TODAY]
    world.bank.withdraw(TOMORROW)
    world.bank.publish(
        TODAY, {("RUR" if code == "RUB" else code): rate for code, rate in rates.items()}
    )
    client = world.client()
    sheet = client.sheet(TODAY) if feed == "daily" else client.latest()
    assert sheet["RUB"].value == Decimal(rates["RUB"][0])
    assert "RUR" not in sheet
    assert client.rate("RUB", on=TODAY).base == "RUB"
    assert world.rows("SELECT code FROM figure WHERE code LIKE 'RU_'") == [("RUB",)]


def test_rouble_by_both_codes(world: "World") -> None:
    """The rouble under both codes is a code twice."""
    world.bank.publish(TODAY, {**world.figures[TODAY], "RUR": "6.6"})
    with pytest.raises(kzt_rates.FeedError, match="RUB twice"):
        world.client().sheet(TODAY)


def test_the_size_of_a_move_is_believed(world: "World") -> None:
    """The rial's fall of 2026-01-09 and a tenge let float by 35 % are true: another feed agrees."""
    world.publish("2026-01-08", "2026-01-09")
    world.set_clocks("2026-01-09T12:00+05:00")
    client = world.client()
    before, after = (client.rate("IRR", on=f"2026-01-0{day}").value for day in (8, 9))
    assert (before, after) == (Decimal("12.2"), Decimal("0.5"))
    world.bank.publish("2026-01-10", world.scaled("2026-01-09", 135))
    world.advance(days=1)
    # 508.91 and 35 percent
    rate = client.rate("USD", on="2026-01-10")
    assert (rate.value, rate.provisional) == (Decimal("687.0285"), False)
    assert world.asked == ["2026-01-08", "2026-01-09", "latest", "2026-01-10", "latest"]


CONTEXTS_OF_CALLERS = (Context(), Context(prec=2, rounding=ROUND_UP), Context(1, traps=[Inexact]))


@pytest.mark.parametrize("context", CONTEXTS_OF_CALLERS, ids=["usual", "two digits", "trap"])
@pytest.mark.parametrize(
    ("days_apart", "before", "after", "strange"),
    [
        (7, "100", "110", False),
        (7, "100", "110.01", True),
        (7, "100", "89.99", True),
        (8, "100", "150", False),
        (8, "100", "150.01", True),
        # in the smallest figures a tenth is the last digit
        (7, "0.40", "0.50", False),
        (7, "0.40", "0.51", True),
        (8, "0.40", "0.61", True),
    ],
)
def test_how_far_a_figure_may_move(
    world: "World", context: Context, days_apart: int, before: str, after: str, *, strange: bool
) -> None:
    """A witness is asked beyond a tenth and 0.10 within seven days, and beyond a half later."""
    world.bank.withdraw(TOMORROW)
    on = f"2025-12-{10 - days_apart:02}"
    world.bank.publish(on, {**world.figures[YESTERDAY], "QQM": before})
    world.bank.publish(TODAY, {**world.figures[TODAY], "QQM": after})
    client = world.client()
    with localcontext(context):
        client.sheet(on)
        assert client.rate("QQM", on=TODAY).value == Decimal(after)
    assert world.asked == [on, TODAY, *["latest"] * strange]


@pytest.mark.parametrize("context", CONTEXTS_OF_CALLERS[1:], ids=["two digits", "trap"])
def test_a_context_of_the_caller_contradicts_nothing(world: "World", context: Context) -> None:
    """The changes of a sheet lead to the day before exactly, however few digits a caller wants."""
    world.bank.withdraw(TOMORROW)
    client = world.client()
    with localcontext(context):
        client.sheet(YESTERDAY)
        sheet = client.sheet(TODAY)
    assert (len(sheet), dict(sheet.refused)) == (39, {})
    assert world.asked == [YESTERDAY, TODAY]


def test_agreement_is_remembered(world: "World") -> None:
    """What two feeds agreed on is asked of nobody again, however often the sheet comes."""
    world.bank.withdraw(TOMORROW)
    client = world.client()
    client.sheet(YESTERDAY)
    world.bank.publish(TODAY, world.scaled(YESTERDAY, 130))
    client.sheet(TODAY)
    assert world.asked == [YESTERDAY, TODAY, "latest"]
    world.bank.fail("status", None, feed="latest")
    for fresh in (client, world.client()):
        sheet = fresh.sheet(TODAY, refresh=True)
        assert (len(sheet), dict(sheet.refused)) == (39, {})
    assert world.asked == [YESTERDAY, TODAY, "latest", TODAY, TODAY]


def test_a_witness_that_cannot_be_had(world: "World") -> None:
    """Where no other feed can tell, a strange figure is refused alone, and later asked again."""
    world.bank.withdraw(TOMORROW)
    client = world.client()
    client.sheet(YESTERDAY)
    value, nominal = world.figures[TODAY]["EUR"]
    world.bank.publish(TODAY, {**world.figures[TODAY], "EUR": (Decimal(value) * 2, nominal)})
    for feed in ("latest", "export"):
        world.bank.fail("status", None, feed=feed)  # type: ignore[arg-type]
    sheet = client.sheet(TODAY)
    assert set(sheet.refused) == {"EUR"}
    assert "no other feed could confirm it" in sheet.refused["EUR"]
    assert world.asked == [YESTERDAY, TODAY, "latest", "export"]
    world.advance(minutes=10, seconds=-1)
    with pytest.raises(kzt_rates.FeedError, match="strange"):
        client.rate("EUR", on=TODAY)
    assert len(world.asked) == 4
    world.bank.heal()
    world.advance(seconds=1)
    assert client.rate("EUR", on=TODAY).value == Decimal(value) * 2
    assert world.asked[4:] == [TODAY, "latest"]
    assert dict(client.sheet(TODAY).refused) == {}
