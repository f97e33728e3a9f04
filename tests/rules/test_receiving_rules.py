"""RULES.md, "Receiving an answer": what is final, and what is refused. T is 2025-12-10."""

import logging
from datetime import timedelta
from decimal import Decimal
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
        (f"{TODAY}T12:00", "2026-01-10T12:00", TODAY, True),
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
    assert world.rows("SELECT DISTINCT final FROM figure") == [(final,)]
    assert world.rows("SELECT final FROM day") == [(final,)]


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
    """Without a `Date` that can be read, our clock alone says what is final."""
    world.bank.fail(fault, times=None, **options)
    client = world.client()
    assert not client.rate("USD", on=TODAY).provisional
    assert client.rate("USD", on=TOMORROW).provisional


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
    """A code that a refreshed sheet lacks has no rate, from the first answer on."""
    world.bank.publish(TODAY, {**world.figures[TODAY], "QQD": "1.5"})
    client = world.client()
    assert client.sheet(TODAY)["QQD"].value == Decimal("1.5")
    world.publish(TODAY, TODAY)
    with pytest.raises(kzt_rates.RateNotFound):
        client.rate("QQD", on=TODAY, refresh=True)
    assert world.rows("SELECT * FROM figure WHERE code = 'QQD'") == []


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
    assert world.rows("SELECT * FROM silence") == [(TODAY, "daily", world.clock().isoformat())]
    assert world.rows("SELECT * FROM figure") == world.rows("SELECT * FROM day") == []
    world.publish(TODAY, TODAY)
    world.advance(minutes=10)
    assert world.client().rate("USD", on=TODAY).value == Decimal("514.74")
    assert world.rows("SELECT * FROM silence") == []


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
        {"text": text} for text in ("Usd", "USDT", "US", "U$D", "", " USD", "USD ", "ДЛР", "U\nD")
    ],
    "bad_value": [
        {"value": value}
        for value in (
            *("-1", "0", "0.00", "+1", "1,5", "1e3", " 1 5", ".5", "5.", "", None, "NaN", "inf"),
            *("٥١٤", "514.74 ", "1_000", "0x1F", "1.2.3", "5 14.74", "9" * 40, "514.74\n"),
        )
    ],
    "bad_nominal": [
        {"nominal": nominal}
        for nominal in ("0", "-1", "+1", "1.0", "1.5", "", None, "ten", "1e2", "1 000", "٠١", "1 ")
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
    ],
)
def test_refused_whole_of_one_feed(
    world: "World", fault: str, options: dict[str, Any], feed: str
) -> None:
    """Another date than asked for; a latest sheet without items, or beyond T+14."""
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


@pytest.mark.parametrize(("keep", "believed"), [(32, True), (31, False)])
def test_latest_with_few_codes(world: "World", keep: int, *, believed: bool) -> None:
    """Fewer than 80 % of the 39 codes of the last whole sheet: 31.2, so 31 are too few."""
    client = world.client()
    client.sheet(YESTERDAY)
    before = world.dump()
    world.bank.fail("few_codes", keep=keep)
    if believed:
        assert len(client.latest()) == keep
    else:
        with pytest.raises(kzt_rates.FeedError, match="31 codes"):
            client.latest()
        assert world.dump() == before


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
    assert (dollar.value, dollar.name, dollar.change) == (Decimal("514.74"), None, None)
    assert client.rate("EUR", on=TODAY).change is None


# "The bank answered with today's rates": the bank repeats T's values under an old date.

OLD, NOT_OLD = "2025-11-25", "2025-11-26"  # T-15, T-14


@pytest.mark.parametrize(
    ("stored", "old", "refused"),
    [
        (TODAY, OLD, True),
        ("2025-12-07", OLD, True),  # T-3
        ("2025-12-13", OLD, True),  # T+3, a draft
        ("2025-12-06", OLD, False),  # T-4
        ("2025-12-14", OLD, False),  # T+4
        (TODAY, NOT_OLD, False),
        (None, OLD, False),
    ],
)
def test_todays_rates(world: "World", stored: str | None, old: str, *, refused: bool) -> None:
    """An old sheet equal to a stored one within three days of T is not that old day's."""
    trap = world.figures[TODAY]
    world.bank.publish(old, trap)
    client = world.client()
    if stored is not None:
        for day in range(4, 15):
            world.bank.withdraw(f"2025-12-{day:02}")
        world.bank.publish(stored, trap)
        client.sheet(stored)
    if refused:
        before = world.dump()
        with pytest.raises(kzt_rates.FeedError, match=str(stored)):
            client.rate("EUR", on=old)
        assert world.dump() == before
    else:
        assert client.rate("EUR", on=old).value == Decimal("599.36")
    assert world.asked == [day for day in (stored, old) if day]


@pytest.mark.parametrize(("shared", "refused"), [(10, True), (9, False)])
def test_todays_rates_need_ten_shared_codes(world: "World", shared: int, *, refused: bool) -> None:
    """Fewer than ten codes can be equal by chance, and one that differs tells them apart."""
    codes = ["USD", *sorted(world.figures[TODAY].keys() - {"USD"})]
    few: Sheet = {code: world.figures[TODAY][code] for code in codes[:shared]}
    world.bank.publish(OLD, few)
    world.bank.publish("2025-11-24", {**world.figures[TODAY], "ZAR": "1"})
    client = world.client()
    client.sheet(TODAY)
    assert client.rate("USD", on="2025-11-24").value == Decimal("514.74")
    if refused:
        with pytest.raises(kzt_rates.FeedError):
            client.rate("USD", on=OLD)
    else:
        assert client.rate("USD", on=OLD).value == Decimal("514.74")
    assert world.asked == [TODAY, "2025-11-24", OLD]


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
    assert world.asked[asked:] == [day]


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
    world.reopen(current_nominals={"IRR": nominal}, export_holes=[day])
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
    assert world.asked == [day, "export"]
    assert world.rows("SELECT count(*) FROM figure WHERE code = 'IRR'") == [(0,)]


@pytest.mark.parametrize(
    ("day", "nominal"), [("2026-07-07", 10_000), ("2026-07-08", 1000), ("2026-07-09", 1)]
)
@pytest.mark.parametrize("verb", ["rate", "convert", "history", "sync"])
def test_what_was_refused_is_answered_by_the_export(
    world: "World", day: str, nominal: int, verb: str
) -> None:
    """The export is right per row: a code refused alone is asked for there, and kept."""
    world.reopen(current_nominals={"IRR": nominal})
    _see_july(world)
    client = world.client()
    assert set(client.sheet(day).refused) == {"IRR"}
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
        assert client.sync(day, day, currencies=["IRR"]).rates == 1
    assert world.asked == [day, "export"]
    for fresh in (client, world.client(), world.client(offline=True)):
        assert fresh.rate("IRR", on=day).per_unit == per_unit
        sheet = fresh.sheet(day)
        assert (sheet["IRR"].nominal, sheet.complete, dict(sheet.refused)) == (true, True, {})
    assert len(world.asked) == 2


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
    """HUF was per 1 in 2013 and per 10 by 2016; in between the current 10 is the trap."""
    world.set_clocks("2014-01-10T12:00+06:00")
    true: dict[str, tuple[str, int]] = {"USD": ("154.06", 1), "HUF": ("0.69", 1)}
    client = world.client()
    for nominal, seen in ((10, None), (1, Decimal("0.69"))):
        for day in range(4, 12):
            world.bank.withdraw(f"2025-12-{day:02}")
        world.bank.publish("2014-01-09", {**true, "HUF": ("0.69", nominal)})
        sheet = client.latest(refresh=True)
        assert str(sheet.date) == "2014-01-09"
        assert (sheet["HUF"].per_unit if "HUF" in sheet else None) == seen
        assert ("HUF" in sheet.refused) is (seen is None)


@pytest.mark.parametrize(
    ("day", "believed"),
    [("2026-09-11", True), ("2026-09-10", True), ("2026-09-09", False), ("2026-08-21", False)],
)
def test_a_new_nominal_after_the_table(world: "World", day: str, *, believed: bool) -> None:
    """A nominal newer than the table (2026-08-21) is believed for T and later, not for the past."""
    world.set_clocks("2026-09-10T12:00+05:00")
    world.bank.publish(day, {**world.figures["2026-08-21"], "HUF": ("147.2", 100)})
    sheet = world.client().sheet(day)
    if believed:
        assert (sheet["HUF"].nominal, sheet["HUF"].per_unit) == (100, Decimal("1.472"))
        assert dict(sheet.refused) == {}
    else:
        assert set(sheet.refused) == {"HUF"}
    assert len(sheet) == (48 if believed else 47)


def test_a_currency_that_was_not_quoted(world: "World") -> None:
    """A currency the bank did not quote yet is refused alone."""
    world.bank.publish(TODAY, {**world.figures[TODAY], "EGP": "10.8"})
    sheet = world.client().sheet(TODAY)
    assert set(sheet.refused) == {"EGP"}
    assert len(sheet) == 39


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
    """The rial's fall of 2026-01-09 and a tenge let float by 35 % are figures like others."""
    world.publish("2026-01-08", "2026-01-09")
    world.set_clocks("2026-01-09T12:00+05:00")
    client = world.client()
    before, after = (client.rate("IRR", on=f"2026-01-0{day}").value for day in (8, 9))
    assert (before, after) == (Decimal("12.2"), Decimal("0.5"))
    world.bank.publish("2026-01-10", world.scaled("2026-01-09", 135))
    world.advance(days=1)
    # 508.91 and 35 percent
    assert client.rate("USD", on="2026-01-10").value == Decimal("687.0285")
    assert world.asked == ["2026-01-08", "2026-01-09", "2026-01-10"]
