"""Well-formed lies of the bank's feeds, row by row: what is not believed, and what still is."""

import warnings
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

import kzt_rates
from kzt_rates.testing import Sheet

if TYPE_CHECKING:
    from conftest import Driver, World

TODAY, YESTERDAY, TOMORROW = "2025-12-10", "2025-12-09", "2025-12-11"
NOON = "T12:00+05:00"
# a day of 48 codes, and those around it, after the nominals were last held against the bank's own
LATE_TODAY, LATE_YESTERDAY = "2026-08-21", "2026-08-20"
OLD = "2022-03-15"
NINE = ("EGP", "IDR", "ILS", "MNT", "OMR", "PKR", "QAR", "RON", "VND")

Ask = Callable[["Driver"], Any]


@pytest.fixture
def late(world: "World") -> "World":
    """Noon of 2026-08-21, with the true sheets of 48 codes of the weeks before."""
    world.set_clocks(LATE_TODAY + NOON)
    world.publish("2026-07-20", LATE_TODAY)
    return world


def _days(start: str, end: str) -> list[str]:
    first, last = date.fromisoformat(start), date.fromisoformat(end)
    return [(first + timedelta(days=n)).isoformat() for n in range((last - first).days + 1)]


def _of(sheet: Sheet, codes: Iterable[str]) -> Sheet:
    return {code: sheet[code] for code in codes}


def _never_none(client: "Driver", code: str, day: str) -> None:
    """A lie may end in an error that is honest, and never in "there is none"."""
    with pytest.raises((kzt_rates.FeedError, kzt_rates.BankUnavailable)):
        client.rate(code, on=day)
    with pytest.raises((kzt_rates.FeedError, kzt_rates.BankUnavailable)):
        client.rate(code, on=day, missing="previous")


# Old dates of the daily feed


def test_an_old_date_is_the_exports(late: "World") -> None:
    """The daily feed answers an old date with today's sheet: the export has the day's own."""
    truth = late.publish_dense("2022-03-01", "2022-03-31")
    late.bank.fail("another_sheet", None, feed="daily", date=LATE_TODAY)
    client = late.client()
    for code in ("USD", "EUR", "IRR", "HUF"):
        found = client.rate(code, on=OLD)
        value, nominal = truth[date.fromisoformat(OLD)][code]
        assert (found.value, found.nominal) == (Decimal(value), nominal)
        assert not found.provisional
    assert len(late.asked) == 1


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"by": "0.01"},
        {"code": "EUR", "by": "-0.01"},
        {"changes": "fitted"},
    ],
)
def test_todays_sheet_under_an_old_date(late: "World", options: Any) -> None:
    """Without the export, today's sheet of 48 codes under an old date is refused whole."""
    late.bank.fail("status", None, feed="export", status=403)
    client = late.client()
    client.sheet(LATE_TODAY)
    late.bank.fail("another_sheet", None, feed="daily", date=LATE_TODAY, **options)
    with pytest.raises(kzt_rates.FeedError, match="of another time"):
        client.rate("USD", on=OLD)
    assert late.rows("SELECT count(*) FROM figure WHERE day = ?", OLD) == [(0,)]
    with pytest.raises((kzt_rates.FeedError, kzt_rates.BankUnavailable)):
        client.sheet(OLD)


@pytest.mark.parametrize("codes", [("USD", "EUR", "CHF"), ("USD", "EUR", "CHF", "GBP", "RUB")])
def test_a_few_of_todays_codes_under_an_old_date(late: "World", codes: tuple[str, ...]) -> None:
    """So few codes prove nothing: they are given as provisional, and are asked again."""
    late.bank.fail("status", None, feed="export", status=403)
    client = late.client()
    client.sheet(LATE_TODAY)
    sheet = _of(late.figures[LATE_TODAY], codes)
    late.bank.fail("another_sheet", None, feed="daily", sheet=sheet)
    assert client.rate("USD", on=OLD).provisional
    assert not client.sheet(OLD).complete


@pytest.mark.parametrize("codes", [NINE, NINE[:3]])
def test_codes_of_another_time_prove_it(late: "World", codes: tuple[str, ...]) -> None:
    """With nothing known at all, three codes that began in 2026 prove a sheet of 2022 false."""
    late.bank.fail("status", None, feed="export", status=403)
    sheet = _of(late.figures[LATE_TODAY], ("USD", "EUR", *codes))
    late.bank.fail("another_sheet", None, feed="daily", sheet=sheet)
    with pytest.raises(kzt_rates.FeedError, match="another time"):
        late.client().rate("USD", on=OLD)


def test_another_old_days_sheet(world: "World") -> None:
    """A sheet of another old day is refused where that day is known."""
    world.publish_dense("2023-05-01", "2023-06-30")
    client = world.client()
    client.history("USD", start="2023-05-01", end="2023-05-20")
    client.sheet("2023-05-10")
    world.bank.fail("status", None, feed="export", status=403)
    world.bank.fail("another_sheet", None, feed="daily", date="2023-05-10")
    with pytest.raises(kzt_rates.FeedError, match="with the rates of 2023-05-10"):
        client.rate("EUR", on="2023-06-20")
    assert world.rows("SELECT count(*) FROM figure WHERE day = '2023-06-20'") == [(0,)]


def test_nothing_can_tell(world: "World") -> None:
    """An old sheet that nothing can be held against is given as provisional, and not for long."""
    world.publish_dense("2023-05-01", "2023-05-31")
    world.bank.fail("status", None, feed="export", status=403)
    client = world.client()
    assert client.rate("EUR", on="2023-05-10").provisional
    assert len(world.asked) == 2
    assert client.rate("USD", on="2023-05-10").provisional
    assert len(world.asked) == 2
    world.advance(days=1, seconds=1)
    assert client.rate("EUR", on="2023-05-10").provisional
    assert len(world.asked) == 4


# Short sheets


@pytest.mark.parametrize("keep", [1, 5, 39])
@pytest.mark.parametrize("with_archive", [False, True])
def test_a_short_sheet_is_no_word(late: "World", keep: int, *, with_archive: bool) -> None:
    """A sheet of a few codes keeps its figures, and says nothing of the others."""
    late.bank.fail("few_codes", None, keep=keep)  # of both feeds, and that proves no reform
    late.bank.fail("status", None, feed="export", status=403)
    archive = late.archive_of("2026-08-14", "2026-08-17") if with_archive else False
    client = late.client(archive=archive)
    assert client.rate("USD", on=LATE_TODAY).value == Decimal(late.figures[LATE_TODAY]["USD"][0])
    absent = sorted(late.figures[LATE_TODAY].keys() - client.sheet(LATE_TODAY).keys())
    assert len(absent) == 48 - keep
    for code in (absent[0], absent[-1]):
        _never_none(client, code, LATE_TODAY)
    sheet = client.sheet(LATE_TODAY)
    with pytest.raises(kzt_rates.RateNotFound) as caught:
        sheet[absent[0]]
    assert caught.value.reason != "none_published"
    assert sheet.complete is (keep >= 39)
    late.bank.heal()
    late.advance(minutes=11)
    for code in (absent[0], absent[-1]):
        value, _ = late.figures[LATE_TODAY][code]
        assert client.rate(code, on=LATE_TODAY).value == Decimal(value)


def test_one_lost_code_is_asked_of_the_export(world: "World") -> None:
    """A sheet that lost EUR alone: the export is asked for it, and has it."""
    world.bank.fail("lost_codes", None, feed="daily", codes=["EUR"])
    client = world.client()
    assert client.rate("USD", on=TODAY).value == Decimal("514.74")
    assert client.rate("EUR", on=TODAY).value == Decimal("599.36")
    assert world.asked == [TODAY, "export"]


def test_one_lost_code_that_nobody_has(world: "World") -> None:
    """Where no feed has a code that is expected, it is unknown, and not none."""
    world.bank.fail("lost_codes", None, codes=["EUR"])
    world.bank.fail("blank_cells", None, codes="EUR")
    client = world.client()
    _never_none(client, "EUR", TODAY)
    asked = len(world.asked)
    _never_none(client, "EUR", TODAY)
    assert len(world.asked) == asked
    world.bank.heal()
    world.advance(minutes=11)
    assert client.rate("EUR", on=TODAY).value == Decimal("599.36")


def test_a_code_that_lags_in_the_rss(world: "World") -> None:
    """A code whose item is a day behind is unknown for the newest date, and then asked for."""
    world.bank.fail("lagging_codes", None, codes="EUR", days=1)
    client = world.client()
    newest = client.latest()
    assert "EUR" not in newest
    with pytest.raises(kzt_rates.RateNotFound) as caught:
        newest["EUR"]
    assert caught.value.reason != "none_published"
    value, _ = world.figures[TOMORROW]["EUR"]
    assert client.rate("EUR", on=newest.date).value == Decimal(value)


# Strange figures


@pytest.mark.parametrize("factor", ["10", "0.1", "1.3"])
@pytest.mark.parametrize("code", ["USD", "EUR", "IRR", "KWD"])
@pytest.mark.parametrize("changes", ["kept", "empty", "fitted"])
def test_one_code_scaled(world: "World", code: str, factor: str, changes: str) -> None:
    """One code ten times too high is refused alone, with both figures; the others are given."""
    world.bank.withdraw(TOMORROW)
    client = world.client()
    client.sheet(YESTERDAY)
    world.bank.fail("scaled", None, feed="daily", codes=code, factor=factor, changes=changes)
    with pytest.raises(kzt_rates.FeedError) as caught:
        client.rate(code, on=TODAY)
    truth = world.figures[TODAY][code][0]
    assert truth in str(caught.value)
    sheet = client.sheet(TODAY)
    assert set(sheet.refused) == {code}
    with pytest.raises(kzt_rates.RateNotFound) as not_found:
        sheet[code]
    assert not_found.value.reason == "refused"
    assert {other: str(rate.value) for other, rate in sheet.items()} == {
        other: value for other, (value, _) in world.figures[TODAY].items() if other != code
    }
    # the sheet, and at most two more for a day with a strange figure
    assert len(world.asked[1:]) <= 3


def test_a_newest_sheet_of_two_days_later_is_no_witness(world: "World") -> None:
    """It says nothing of yesterday, although tomorrow's is out: the export is asked as well."""
    client = world.client()
    client.sheet("2025-12-08")
    world.bank.fail("scaled", None, feed="daily", codes="USD", factor="1.3", changes="empty")
    with pytest.raises(kzt_rates.FeedError, match=r"the range export says 508\.3 per 1"):
        client.rate("USD", on=YESTERDAY)
    assert world.asked[1:] == [YESTERDAY, "latest", "export"]


@pytest.mark.parametrize("changes", ["kept", "empty", "fitted"])
def test_two_codes_exchanged(world: "World", changes: str) -> None:
    """EUR under USD and USD under EUR: both are refused alone."""
    client = world.client()
    client.sheet(YESTERDAY)
    world.bank.fail("exchanged_codes", None, feed="daily", changes=changes)
    sheet = client.sheet(TODAY)
    assert set(sheet.refused) == {"USD", "EUR"}
    assert sheet["CHF"].value == Decimal(world.figures[TODAY]["CHF"][0])


@pytest.mark.parametrize("changes", ["kept", "empty", "fitted"])
def test_all_codes_scaled_with_an_archive_alone(late: "World", changes: str) -> None:
    """All codes ten times too high are none, with the packaged archive as the only past."""
    late.set_clocks("2026-11-28" + NOON)
    late.bank.publish("2026-11-28", late.figures[LATE_TODAY])
    late.bank.fail("scaled", None, feed="daily", changes=changes)
    archive = late.archive_of("2026-08-20", "2026-08-21")
    client = late.client(archive=archive)
    with pytest.raises(kzt_rates.FeedError, match="it moved by 900 %"):
        client.rate("USD", on="2026-11-28")
    assert late.rows("SELECT * FROM figure WHERE code = 'USD'") == []


@pytest.mark.parametrize(
    ("fault", "options", "code", "why"),
    [
        ("exchanged_numbers", {"codes": "USD"}, "USD", "1 per 458, but the bank quotes per 1, 10"),
        ("another_nominal", {"codes": "AMD", "nominal": "1"}, "AMD", "says 12.68 per 10"),
        ("another_nominal", {"codes": "AMD", "nominal": "999999999"}, "AMD", "quotes per 1, 10"),
        ("another_nominal", {"codes": "USD", "nominal": "100"}, "USD", "says 458.23 per 1"),
    ],
)
def test_strange_nominals_of_tomorrow(
    late: "World", fault: str, options: Any, code: str, why: str
) -> None:
    """After the last day that nominals were verified, another one needs a witness."""
    late.set_clocks("2026-08-22" + NOON)
    late.bank.publish("2026-08-22", late.figures[LATE_TODAY])
    client = late.client()
    client.sheet(LATE_TODAY)
    late.bank.fail(fault, None, feed="daily", **options)
    with pytest.raises(kzt_rates.FeedError) as caught:
        client.rate(code, on="2026-08-22")
    assert why in str(caught.value)
    sheet = client.sheet("2026-08-22")
    assert (set(sheet.refused), len(sheet), sheet.complete) == ({code}, 47, True)


def test_latest_of_eight_months_ago(world: "World") -> None:
    """A latest sheet of another season is refused."""
    world.publish("2025-09-08", "2025-09-20")
    world.bank.fail("stale_sheet", None, feed="latest", date="2025-09-10")
    with pytest.raises(kzt_rates.FeedError, match="2025-09-10"):
        world.client().latest()


# Controls: what is true however strange it looks


def test_a_float_in_the_morning(world: "World") -> None:
    """All codes moved by 30 % overnight: the RSS agrees, and one more request is all it takes."""
    world.bank.withdraw(TOMORROW)
    client = world.client()
    client.sheet(YESTERDAY)
    floated = world.scaled(YESTERDAY, 130)
    world.bank.publish(TODAY, floated)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = client.sheet(TODAY)
    assert (found.provisional, dict(found.refused)) == (False, {})
    assert found["USD"].value == Decimal(floated["USD"][0])
    assert world.asked == [YESTERDAY, TODAY, "latest"]


def test_a_float_in_the_evening(world: "World") -> None:
    """The RSS has tomorrow already: its figure less its change is today's."""
    client = world.client()
    client.sheet(YESTERDAY)
    floated = world.scaled(YESTERDAY, 130)
    world.bank.publish(TODAY, floated)
    world.bank.publish(TOMORROW, world.scaled(YESTERDAY, 132))
    world.set_clocks(f"{TODAY}T18:00+05:00")
    found = client.sheet(TODAY)
    assert (found.provisional, dict(found.refused)) == (False, {})
    assert found["EUR"].value == Decimal(floated["EUR"][0])
    assert world.asked == [YESTERDAY, TODAY, "latest"]


def test_a_float_asked_of_both_feeds_at_once(world: "World") -> None:
    """The daily feed needs the RSS and the RSS the daily feed: nobody waits for ever."""
    client = world.client()
    client.sheet(TODAY)
    floated = world.scaled(TODAY, 130)
    world.bank.publish(TOMORROW, floated)
    for calls in (
        [lambda c: c.sheet(TOMORROW)],
        [lambda c: c.sheet(TOMORROW), lambda c: c.latest()],
        [lambda c: c.latest(), lambda c: c.rate("USD", on=TOMORROW), lambda c: c.latest()],
    ):
        world.advance(minutes=11)
        for found in client.ask_all(*calls):
            assert not isinstance(found, Exception), found
        assert client.rate("USD", on=TOMORROW).value == Decimal(floated["USD"][0])


def test_a_49th_code(late: "World") -> None:
    """A code that this version does not know is given as published."""
    late.bank.fail("extra_code", None, code="XYZ", value="1.23", nominal="1", change="")
    client = late.client()
    sheet = client.sheet(LATE_TODAY)
    assert client.rate("XYZ", on=LATE_TODAY).value == Decimal("1.23")
    assert (len(sheet), sheet.complete, sheet.provisional) == (49, True, False)


def test_a_49th_code_that_is_lost(late: "World") -> None:
    """A code of no table that was there yesterday is not none today."""
    client = late.client()
    late.bank.publish(LATE_YESTERDAY, {**late.figures[LATE_YESTERDAY], "XYZ": "1.23"})
    client.sheet(LATE_YESTERDAY)
    _never_none(client, "XYZ", LATE_TODAY)


def test_a_reform_drops_ten_codes(late: "World") -> None:
    """Both feeds lack the same ten codes: the day is whole, after one more request."""
    kept = sorted(late.figures[LATE_TODAY])[10:]
    late.bank.publish(LATE_TODAY, _of(late.figures[LATE_TODAY], kept))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sheet = late.client().sheet(LATE_TODAY)
    assert (len(sheet), sheet.complete, sheet.provisional) == (38, True, False)
    assert late.asked == [LATE_TODAY, "latest"]


def test_a_holiday_of_six_days(world: "World") -> None:
    """Six equal sheets, as at Nauryz, are believed day by day."""
    for day in _days("2025-12-05", TODAY):
        world.bank.publish(day, world.figures["2025-12-05"])
    client = world.client()
    for day in _days("2025-12-05", TODAY):
        assert client.rate("USD", on=day).value == Decimal("499.65")
    assert len(world.asked) == 6


@pytest.mark.parametrize(("before", "day", "code"), [("2026-07-07", "2026-07-08", "IRR")])
def test_a_true_new_lot(world: "World", before: str, day: str, code: str) -> None:
    """The rial went from 1000 to 10 000 on 2026-07-08: given, and final."""
    world.set_clocks(day + NOON)
    world.publish("2026-07-01", day)
    client = world.client()
    client.sheet(before)
    found = client.rate(code, on=day)
    value, nominal = world.figures[day][code]
    assert (found.value, found.nominal, found.provisional) == (Decimal(value), nominal, False)


def test_a_true_fall(world: "World") -> None:
    """The rial lost 96 % on 2026-01-09: a witness agrees, and it is given."""
    world.set_clocks("2026-01-09" + NOON)
    world.publish("2026-01-06", "2026-01-09")
    days = [day for day in world.figures if "2026-01-05" < day <= "2026-01-09"]
    client = world.client()
    for day in days:
        if len(world.figures[day]) > 30:
            found = client.rate("IRR", on=day)
            assert found.value == Decimal(world.figures[day]["IRR"][0])
            assert not found.provisional


# What a first breaking found


@pytest.mark.parametrize("silence_first", [False, True])
def test_a_silence_of_one_feed_hides_no_draft_of_another(
    world: "World", *, silence_first: bool
) -> None:
    """The RSS has tomorrow and the daily feed not yet: its draft is given, and nothing carried."""
    world.bank.fail("no_rate", None, feed="daily", day=TOMORROW)
    client = world.client()
    client.sheet(TODAY)
    if silence_first:
        with pytest.raises(kzt_rates.RateNotFound):
            client.rate("USD", on=TOMORROW)
    assert str(client.latest().date) == TOMORROW
    for minutes in (0, 11, 11):
        world.advance(minutes=minutes)
        for missing in ("raise", "previous"):
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                found = client.rate("USD", on=TOMORROW, missing=missing)
            assert (str(found.effective_date), found.provisional) == (TOMORROW, True)
            assert len(caught) == (minutes > 0)
    with pytest.warns(kzt_rates.StaleRateWarning):
        assert not client.history("USD", start=TODAY, end=TOMORROW).missing


def test_a_draft_under_an_old_date_is_no_witness(late: "World") -> None:
    """Today's sheet, once given as provisional for an old date, does not refute today's own."""
    late.bank.fail("status", None, feed="export", status=403)
    late.bank.fail("another_sheet", None, feed="daily", date=LATE_TODAY, day="2026-07-25")
    client = late.client()
    assert client.rate("USD", on="2026-07-25").provisional
    assert client.rate("USD", on=LATE_TODAY).value == Decimal(late.figures[LATE_TODAY]["USD"][0])
    assert not client.sheet(LATE_TODAY).provisional


def test_a_refused_figure_of_an_unknown_code_is_never_none(late: "World") -> None:
    """A code of no table whose figure was refused is asked again, and never said to be none."""
    client = late.client()
    yesterday = {**late.figures[LATE_YESTERDAY], "XYZ": ("5.55", 3)}
    late.bank.publish(LATE_YESTERDAY, yesterday)
    late.bank.publish(LATE_TODAY, {**late.figures[LATE_TODAY], "XYZ": "5.56"})
    assert set(client.sheet(LATE_YESTERDAY).refused) == {"XYZ"}
    client.sheet(LATE_TODAY)
    for minutes in (0, 11):
        late.advance(minutes=minutes)
        _never_none(client, "XYZ", LATE_YESTERDAY)


@pytest.mark.parametrize("verb", ["rate", "sheet", "convert"])
def test_a_refresh_that_is_told_of_none(world: "World", verb: str) -> None:
    """A final figure that the bank does not give any more is not "none", nor stepped over."""
    client = world.client()
    client.sheet(TODAY)
    world.bank.fail("no_rate", None, feed="daily")
    arguments = {"rate": ("USD",), "convert": (1, "USD"), "sheet": ()}[verb]
    for missing in ("raise", "previous"):
        with pytest.raises(kzt_rates.RateNotFound, match="gave one before") as caught:
            getattr(client, verb)(*arguments, on=TODAY, missing=missing, refresh=True)
        assert caught.value.reason == "not_available_here"
    assert client.rate("USD", on=TODAY).value == Decimal("514.74")


def test_a_sheet_that_contradicts_the_export(world: "World") -> None:
    """A recent sheet that differs in most from final figures of the export is refused whole: the
    export is asked in its place."""
    world.set_clocks("2025-12-17T12:00+05:00")
    world.publish("2025-12-12", "2025-12-17")
    client = world.client()
    client.history("USD", start="2025-12-05", end="2025-12-09")
    for code in ("EUR", "CHF", "GBP"):
        client.history(code, start="2025-12-05", end="2025-12-09")
    world.bank.fail("another_sheet", None, feed="daily", date="2025-12-12", changes="empty")
    value, _ = world.figures["2025-12-09"]["CNY"]
    assert client.rate("CNY", on="2025-12-09").value == Decimal(value)
    assert world.rows("SELECT count(*) FROM figure WHERE feed = 'daily'") == [(0,)]


def test_a_contradiction_beside_a_refresh_of_the_day_before(world: "World") -> None:
    """Changes that contradict are refused also where somebody else asks for the day before."""
    client = world.client()
    client.sheet(YESTERDAY)
    world.bank.delay = 0.1
    world.bank.fail("wrong_changes", None, feed="daily", day=TODAY)
    answers = client.ask_all(
        lambda c: c.rate("USD", on=TODAY),
        lambda c: c.sheet(YESTERDAY, refresh=True),
    )
    assert isinstance(answers[0], kzt_rates.FeedError)
    assert not isinstance(answers[1], Exception)


def test_a_float_that_only_the_rss_has(world: "World") -> None:
    """Where nobody confirms tomorrow's float, it is an error and never yesterday's rate."""
    client = world.client()
    client.sheet(TODAY)
    world.bank.fail("no_rate", None, feed="daily", day=TOMORROW)
    world.bank.publish(TOMORROW, world.scaled(TODAY, 130))
    world.bank.withdraw("2025-12-12")
    with pytest.warns(kzt_rates.StaleRateWarning):
        assert str(client.latest().date) == TODAY
    for minutes in (0, 11, 11):
        world.advance(minutes=minutes)
        _never_none(client, "USD", TOMORROW)


@pytest.mark.parametrize("factor", ["10", "1.3"])
def test_a_refresh_of_a_lone_day_is_held_against_it(world: "World", factor: str) -> None:
    """With nothing known but the day itself, a refresh that moves a figure far needs a witness."""
    world.bank.withdraw(TOMORROW)
    client = world.client()
    client.sheet(TODAY)
    world.bank.fail("scaled", None, feed="daily", codes="EUR", factor=factor, changes="empty")
    with pytest.raises(kzt_rates.FeedError):
        client.rate("EUR", on=TODAY, refresh=True)
    assert client.rate("EUR", on=TODAY).value == Decimal("599.36")


def test_two_codes_of_which_one_contradicts(world: "World") -> None:
    """Of two codes one's change agrees with the day before: the other is strange."""
    world.bank.publish(YESTERDAY, _of(world.figures[YESTERDAY], ("USD", "EUR")))
    world.bank.publish(TODAY, _of(world.figures[TODAY], ("USD", "EUR")))
    world.bank.withdraw(TOMORROW)
    client = world.client()
    client.sheet(YESTERDAY)
    world.bank.fail("scaled", None, feed="daily", codes="EUR", factor="1.05")
    with pytest.raises(kzt_rates.FeedError):
        client.rate("EUR", on=TODAY)
    assert client.rate("USD", on=TODAY).value == Decimal("514.74")


def test_a_code_that_lags_beside_a_silent_daily_feed(world: "World") -> None:
    """The RSS has tomorrow without EUR, the daily feed has nothing yet: EUR is unknown."""
    world.bank.fail("lagging_codes", None, codes="EUR", days=1)
    world.bank.fail("no_rate", None, feed="daily", day=TOMORROW)
    client = world.client()
    client.sheet(TODAY)
    client.latest()
    for minutes in (0, 11):
        world.advance(minutes=minutes)
        _never_none(client, "EUR", TOMORROW)


def test_a_hole_of_the_daily_feed_is_no_word_on_its_own_codes(late: "World") -> None:
    """The daily feed alone has PKR: its silence of a day that has other rates is a hole."""
    day = "2026-08-12"
    late.bank.fail("no_rate", None, feed="daily", day=day)
    client = late.client()
    assert not client.rate("USD", on=day).provisional
    for minutes in (0, 11):
        late.advance(minutes=minutes)
        _never_none(client, "PKR", day)
    with pytest.raises(kzt_rates.FeedError):
        client.convert(1, "USD", "PKR", on=day, missing="previous")
    with pytest.raises(kzt_rates.FeedError):
        client.history("PKR", start=day, end=day)


def test_a_silence_takes_back_no_figure_that_another_feed_lists(world: "World") -> None:
    """Both feeds printed tomorrow, then the daily feed says none: the RSS' word stands."""
    client = world.client()
    client.latest()
    assert client.rate("USD", on=TOMORROW).provisional
    world.advance(minutes=11)
    assert client.rate("USD", on=TOMORROW).provisional
    world.bank.fail("no_rate", None, feed="daily", day=TOMORROW)
    world.advance(minutes=11)
    with pytest.warns(kzt_rates.StaleRateWarning):
        assert client.rate("USD", on=TOMORROW).value == Decimal("518.39")


def test_a_sheet_that_the_next_day_disproves(world: "World") -> None:
    """The changes of the day after, which is known, lead elsewhere than to the sheet that came."""
    client = world.client()
    client.sheet(TODAY)
    world.bank.fail("another_sheet", None, feed="daily", date="2025-12-06", day=YESTERDAY)
    with pytest.raises(kzt_rates.FeedError, match="the changes of 2025-12-10 contradict"):
        client.rate("USD", on=YESTERDAY)
    world.bank.heal()
    value, _ = world.figures[YESTERDAY]["USD"]
    assert client.rate("USD", on=YESTERDAY).value == Decimal(value)
