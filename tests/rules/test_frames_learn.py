"""Frames and the bank: few questions, the rules of every other verb, and nothing stale."""

import datetime as dt
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

import kzt_rates
from kzt_rates.frames import convert
from kzt_rates.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from conftest import World

CODES = ("USD", "EUR", "CNY", "RUB", "GBP")
TODAY, TOMORROW = dt.date(2025, 12, 10), dt.date(2025, 12, 11)
Dense = Mapping[dt.date, Mapping[str, tuple[str, int]]]


@pytest.fixture
def kind() -> str:
    """Frames are converted by the client for threads."""
    return "sync"


def days(start: dt.date, count: int, step: int = 1) -> list[dt.date]:
    return [start + dt.timedelta(step * number) for number in range(count)]


def each(dates: "list[dt.date]", *codes: str) -> pl.DataFrame:
    """Return one unit of each currency on each day."""
    rows = [(1, code, day) for day in dates for code in codes]
    return pl.DataFrame(rows, ["amount", "currency", "date"], orient="row")


def values(frame: pl.DataFrame, **options: Any) -> list[Any]:
    return convert(frame, **options)["converted"].to_list()


def published(sheets: Dense, frame: pl.DataFrame) -> list[float]:
    """Return the tenge per unit that the bank has for each row; values have a few decimals."""
    rows = frame.select("date", "currency").iter_rows()
    found = (sheets[day][code] for day, code in rows)
    return [float(value) / nominal for value, nominal in found]


@pytest.fixture
def client(world: "World") -> Iterator[kzt_rates.Client]:
    """A client that knows nothing yet."""
    return world.client().client


def test_one_day_is_one_question(world, client, figures):
    """The daily feed is asked once for all currencies of a day."""
    found = values(each([dt.date(2025, 12, 5)], *CODES), client=client)
    assert found == [float(figures["2025-12-05"][code][0]) for code in CODES]
    assert world.questions == ["2025-12-05"]


def test_a_year_is_one_question(world, client):
    """300 days that lie apart, of five currencies: one question to the export."""
    sheets = world.publish_dense("2024-01-01", "2024-12-31", *CODES)
    frame = each(days(dt.date(2024, 1, 3), 300), *CODES)
    assert values(frame, client=client) == pytest.approx(published(sheets, frame), rel=1e-15)
    assert world.questions == ["2023-12-24..2024-11-07 CNY EUR GBP RUB USD"]


@pytest.mark.parametrize("missing", ["raise", "null", "previous"])
@pytest.mark.parametrize("keep", [1, 100])
def test_a_cut_export_never_turns_into_daily_requests(world, client, missing, keep):
    """What an export lacks twice is an error, though the daily feed would have each day of it."""
    world.publish_dense("2022-12-01", "2024-12-31", "USD")
    world.bank.fail("first_rows", None, feed="export", keep=keep)
    frame = each(days(dt.date(2023, 1, 3), 300), "USD")
    for _ in range(2):
        with pytest.raises(kzt_rates.FeedError, match="no row of 2023"):
            convert(frame, client=client, missing=missing)
        assert world.questions[0] == "2022-12-24..2023-11-08 USD"
        assert world.asked == ["export"] * 2


def test_a_quarter_of_a_century_is_seven_questions(world, client):
    """Four years a question, however few days of them are wanted."""
    sheets = world.publish_dense("2000-01-01", "2024-12-31", "USD")
    frame = each(days(dt.date(2000, 1, 1), 300, step=30), "USD")
    assert values(frame, client=client) == pytest.approx(published(sheets, frame), rel=1e-15)
    assert len(world.questions) <= 7
    assert all(".." in question for question in world.questions)


def test_what_is_known_is_not_asked_for(world, client):
    """A second conversion asks nothing, nor does another client of the same cache, nor a plan."""
    world.publish_dense("2024-01-01", "2024-12-31", *CODES)
    frame = each(days(dt.date(2024, 2, 1), 50, step=5), *CODES)
    first = convert(frame, client=client)
    world.bank.forget()
    assert convert(frame, client=client).equals(first)
    assert convert(frame.lazy(), client=client).collect().equals(first)
    assert convert(frame.head(7), client=world.client().client).equals(first.head(7))
    assert convert(frame, client=world.client(offline=True).client).equals(first)
    assert world.questions == []


def test_only_what_is_not_known_is_asked_for(world, client):
    """Of days partly known, those between that are not, in one question."""
    world.publish_dense("2024-01-01", "2024-12-31", *CODES)
    values(each(days(dt.date(2024, 3, 1), 60), "USD", "EUR"), client=client)
    world.bank.forget()
    values(each(days(dt.date(2024, 2, 1), 120), "USD", "EUR"), client=client)
    assert world.questions == ["2024-01-22..2024-06-09 EUR USD"]


def test_days_of_codes_that_the_export_has_not_are_asked_for_alone(world, client):
    """Two days of a currency of 2026 are two questions, and not one for each day between."""
    world.set_clocks("2026-11-20T12:00+05:00")
    sheets = world.publish_dense("2026-07-08", "2026-11-20")
    frame = each([dt.date(2026, 7, 10), dt.date(2026, 11, 1)], "VND")
    assert values(frame, client=client) == pytest.approx(published(sheets, frame))
    assert sorted(world.questions) == ["2026-07-10", "2026-11-01"]
    world.bank.forget()
    frame = pl.concat([each([dt.date(2026, 8, 1)], "VND"), each([dt.date(2026, 9, 29)], "USD")])
    assert values(frame, client=client) == pytest.approx(published(sheets, frame))
    assert len(world.questions) <= 2


def test_days_ahead_are_asked_for_alone(world, client):
    """Today and a day two weeks ahead are two questions."""
    frame = each([TODAY, TODAY + dt.timedelta(14)], "USD")
    found = values(frame, client=client, missing="null")
    assert found[0] == float(world.figures["2025-12-10"]["USD"][0])
    assert found[1] is None
    assert len(world.questions) <= 2


def test_nothing_is_asked_for_rows_that_need_nothing(world, client):
    """Nulls, equal currencies, the tenge in itself, unknown codes: no question."""
    frame = each([TODAY, TOMORROW, None], "USD", "KZT", "ZZZ")  # type: ignore[list-item]
    frame = frame.with_columns(amount=pl.when(pl.col("currency") == "USD").then(None).otherwise(1))
    found = values(frame, client=client, missing="null")
    assert found == [None, 1.0, None, None, 1.0, None, None, None, None]
    same = values(each([TODAY], "USD"), to="USD", client=client)
    assert same == [1.0]
    values(frame.clear(), client=client)
    assert world.questions == []


def test_a_currency_is_not_asked_for_out_of_its_life(world, client):
    """No question can tell a rate of the old Belarusian rouble of today, or a day of 1900."""
    frame = each([dt.date(2025, 11, 1), dt.date(2025, 11, 20), dt.date(1900, 1, 1)], "BYR")
    assert values(frame, client=client, missing="null") == [None] * 3
    assert world.questions == []


def test_a_hole(world, client):
    """A day that no feed has: an error, null, or the day before; asked for once."""
    hole = dt.date(2025, 11, 5)
    world.reopen(daily_holes=[hole], export_holes=[hole])
    client = world.client().client
    sheets = world.publish_dense("2025-10-01", "2025-11-30", "USD", "EUR")
    frame = each([hole - dt.timedelta(1), hole, hole + dt.timedelta(1)], "USD")
    before, _, after = (float(sheets[day]["USD"][0]) for day in frame["date"])
    with pytest.raises(
        kzt_rates.RateNotFound, match=r"row 1: .*USD for 2025-11-05.*published none"
    ):
        convert(frame, client=client)
    asked = len(world.questions)
    assert values(frame, client=client, missing="null") == [before, None, after]
    assert values(frame, client=client, missing="previous") == [before, before, after]
    lazy = convert(frame.lazy(), client=client, missing="previous").collect()
    assert lazy["converted"].to_list() == [before, before, after]
    assert len(world.questions) == asked <= 3


def test_previous_goes_over_unknown_days_only_by_asking(world, client):
    """A day is stepped over once it is known to have none, as `rate` does."""
    hole = dt.date(2025, 11, 5)
    sheets = world.publish_dense("2025-10-01", "2025-11-30", "USD", "EUR")
    world.bank.withdraw(hole)
    before = float(sheets[hole - dt.timedelta(1)]["USD"][0])
    assert values(each([hole], "USD"), client=client, missing="previous") == [before]
    assert world.asked == ["export", str(hole)]
    offline = world.client(cache=str(world.cache.with_name("other.sqlite")), offline=True).client
    with pytest.raises(kzt_rates.Offline):
        convert(each([hole], "USD"), client=offline, missing="previous")


def test_previous_does_not_go_over_a_day_without_a_row(world):
    """A row that is not there does not tell that there is none, also where no sheet is."""
    hole = dt.date(2025, 11, 5)
    world.reopen(daily_holes=[hole], export_holes=[hole])
    world.publish_dense("2025-10-01", "2025-11-30", "USD", "EUR")
    with pytest.raises(kzt_rates.FeedError, match="no row of 2025-11-05"):
        convert(each([hole], "USD"), client=world.client().client, missing="previous")


def test_both_legs_come_from_one_day(world):
    """Where only one currency of a pair is missing, both are of the day before."""
    day, before = dt.date(2025, 11, 10), dt.date(2025, 11, 9)
    world.reopen(daily_holes=[day])
    client = world.client().client
    sheets = world.publish_dense("2025-11-01", "2025-11-30", "USD", "EUR")
    world.bank.publish(day, {"USD": "999", "CNY": "70"})
    frame = each([day, before], "EUR")
    rate = client.rate("EUR", "USD", on=day, missing="previous")
    assert rate.effective_date == before
    euro, dollar = (float(sheets[before][code][0]) for code in ("EUR", "USD"))
    for given in (frame, frame.lazy()):
        found = convert(given, to="USD", client=client, missing="previous").lazy().collect()
        assert found["converted"].to_list() == [pytest.approx(euro / dollar, rel=1e-15)] * 2
    assert values(each([day], "USD"), client=client) == [999.0]


@pytest.mark.parametrize("missing", ["raise", "null", "previous"])
def test_a_refused_figure_is_an_error(world, missing):
    """A figure that was not believed is never a missing rate."""
    day = dt.date(2025, 12, 8)
    world.reopen(current_nominals={"UZS": 1}, export_holes=[day])
    client = world.client().client
    with pytest.raises(kzt_rates.FeedError, match="UZS"):
        convert(each([day], "USD", "UZS"), client=client, missing=missing)
    with pytest.raises(kzt_rates.FeedError, match="UZS"):
        convert(each([day, dt.date(2025, 12, 9)], "USD", "UZS"), client=client, missing=missing)
    with pytest.raises(kzt_rates.FeedError, match="UZS"):
        client.rate("UZS", on=day)
    assert values(each([day], "USD"), client=client) == [504.49]


def test_a_draft_is_given_and_never_remembered(world, client):
    """Tomorrow's rate is that of the bank's last word, as `rate` has it."""
    frame = each([TODAY, TOMORROW], "USD")
    today, first = values(frame, client=client)
    assert first == float(world.figures["2025-12-11"]["USD"][0])
    assert client.rate("USD", on=TOMORROW).provisional
    world.bank.publish(TOMORROW, world.scaled("2025-12-11", 105))
    world.bank.forget()
    assert values(frame, client=client) == [today, first]  # ten minutes are not over
    assert world.questions == []
    world.advance(minutes=11)
    past = convert(frame.lazy(), client=client, missing="null").collect()["converted"]
    assert past.to_list() == [today, None]  # a plan asks nobody, and the draft is past its time
    mended = values(frame, client=client)
    assert mended == [today, pytest.approx(1.05 * first)]
    assert mended[1] == float(client.rate("USD", on=TOMORROW).per_unit)
    assert world.questions == ["2025-12-11"]
    plan = convert(frame.lazy(), client=client)
    assert plan.collect()["converted"].to_list() == mended


def test_an_old_draft_when_the_bank_is_down(world, client):
    """It is given with a warning, as by `rate`; an unknown day beside it is an error."""
    frame = each([TOMORROW], "USD")
    known = values(frame, client=client)
    world.advance(minutes=11)
    world.bank.stop()
    with pytest.warns(kzt_rates.StaleRateWarning, match="2025-12-11"):
        assert values(frame, client=client) == known
    with pytest.raises(kzt_rates.BankUnavailable):
        convert(each([dt.date(2025, 12, 8), TOMORROW], "USD"), client=client, missing="null")


@pytest.mark.parametrize("missing", ["raise", "null", "previous"])
@pytest.mark.parametrize("dates", [[TODAY], days(dt.date(2025, 12, 4), 3), days(TODAY, 90, -4)])
def test_trouble_with_the_bank_is_never_a_missing_rate(world, client, missing, dates):
    """A bank that cannot be reached, answers nonsense or may not be asked: an error of its own."""
    world.publish_dense("2024-12-01", "2025-12-03", "USD")
    frame = each(dates, "USD")
    world.bank.fail("status", None, status=503)
    with pytest.raises(kzt_rates.BankUnavailable):
        convert(frame, client=client, missing=missing)
    world.bank.heal()
    world.bank.answer_with(b"<html>maintenance</html>", times=None)
    with pytest.raises(kzt_rates.FeedError):
        convert(frame, client=client, missing=missing)
    with pytest.raises(kzt_rates.Offline):
        convert(frame, client=world.client(offline=True).client, missing=missing)
    world.bank.heal()
    assert None not in values(frame, client=client, missing=missing)


def test_what_others_write_is_seen(world, client):
    """What another client has learned into the same file is not asked for again."""
    world.publish_dense("2024-01-01", "2024-12-31", *CODES)
    values(each([dt.date(2024, 5, 5)], "USD", "EUR"), client=client)
    world.client().client.sync("2024-01-01", "2024-12-31", currencies=["USD", "EUR"])
    world.bank.forget()
    found = values(each(days(dt.date(2024, 1, 1), 366), "USD", "EUR"), client=client)
    assert None not in found
    assert world.questions == []


def test_a_correction_is_seen(world, client):
    """A figure that the bank corrected and this client learned is the next conversion's."""
    frame = each([dt.date(2025, 12, 8)], "USD")
    before = values(frame, client=client)
    world.bank.publish("2025-12-08", world.scaled("2025-12-08", 200))
    assert values(frame, client=client) == before
    client.rate("USD", on="2025-12-08", refresh=True)
    assert values(frame, client=client) == [2 * before[0]]
    plan = convert(frame.lazy(), client=client)
    assert plan.collect()["converted"].to_list() == [2 * before[0]]


def test_a_correction_by_another_client_is_seen(world, client):
    """The file is the same; what is remembered of it is not older than it."""
    frame = each([dt.date(2025, 12, 8)], "USD")
    before = values(frame, client=client)
    world.bank.publish("2025-12-08", world.scaled("2025-12-08", 200))
    world.client().client.rate("USD", on="2025-12-08", refresh=True)
    assert values(frame, client=client) == [2 * before[0]]


def test_a_correction_learned_on_the_way_holds_for_the_whole_frame(world, client):
    """The sheet of the 9th tells that the 8th was corrected: the frame has one 8th, the new one."""
    frame = each([dt.date(2025, 12, 8), dt.date(2025, 12, 9)], "USD")
    old = values(frame.head(1), client=client)
    for day in ("2025-12-08", "2025-12-09"):
        world.bank.publish(day, world.scaled(day, 200))
    found = values(frame, client=client)
    assert values(frame, client=client) == found
    assert found[0] == float(client.rate("USD", on="2025-12-08").per_unit) == 2 * old[0]


def test_two_clients_do_not_share(world, client):
    """Each has what its own store has; a client without any remembers for itself."""
    frame = each([dt.date(2025, 12, 8)], "USD")
    first = values(frame, client=client)
    world.bank.publish("2025-12-08", world.scaled("2025-12-08", 200))
    other = world.client(cache=False).client
    assert values(frame, client=other) == [2 * first[0]]
    assert values(frame, client=client) == first
    world.bank.forget()
    assert values(frame, client=other) == [2 * first[0]]
    assert world.questions == []


def test_a_closed_client(world, client):
    """It converts nothing more, whatever it remembered."""
    frame = each([dt.date(2025, 12, 8)], "USD")
    values(frame, client=client)
    client.close()
    for given in (frame, frame.lazy(), frame.clear()):
        with pytest.raises(RuntimeError, match="closed"):
            convert(given, client=client)


def test_threads(world, client):
    """Many threads get the same results; those that want the same share a question."""
    sheets = world.publish_dense("2024-01-01", "2024-12-31", *CODES)
    frames = [each(days(dt.date(2024, 1, 1), 100), *CODES)] * 8
    for number in range(8):
        with ThreadPoolExecutor(8) as threads:
            found = list(threads.map(lambda frame: values(frame, client=client), frames))
        for frame, result in zip(frames, found, strict=True):
            assert result == pytest.approx(published(sheets, frame), rel=1e-15)
        if not number:
            assert len(world.questions) == 1
        frames = [each(days(dt.date(2024, 2, 1 + step), 90 + number), *CODES) for step in range(8)]


def test_a_client_without_a_store(world):
    """What is learned is remembered for as long as the client lives."""
    client = world.client(cache=False).client
    sheets = world.publish_dense("2024-01-01", "2024-12-31", *CODES)
    frame = each(days(dt.date(2024, 1, 3), 100), *CODES)
    for _ in range(2):
        assert values(frame, client=client) == pytest.approx(published(sheets, frame), rel=1e-15)
    assert len(world.questions) == 1


def test_a_plan_asks_nobody(world, client):
    """A lazy frame is converted by what the store knows; a day that it does not is named."""
    frame = each([TODAY], "USD")
    assert convert(frame.lazy(), client=client, missing="null").collect()["converted"][0] is None
    with pytest.raises((kzt_rates.RateNotFound, pl.exceptions.ComputeError), match="sync it first"):
        convert(frame.lazy(), client=client).collect()
    assert world.questions == []


def test_a_range_of_a_plan_reaches_back_for_what_is_carried(world, client):
    """The first day of `between` may be answered by the day before, as `rate` does."""
    hole = dt.date(2025, 11, 5)
    sheets = world.publish_dense("2025-10-01", "2025-11-30", "USD", "EUR")
    world.bank.withdraw(hole)
    frame = each([hole], "USD")
    expected = values(frame, client=client, missing="previous")
    assert expected == [float(sheets[hole - dt.timedelta(1)]["USD"][0])]
    plan = convert(frame.lazy(), client=client, missing="previous", between=(hole, hole))
    assert plan.collect()["converted"].to_list() == expected


class Unstamped(SqliteStore):
    """A store of somebody's own that cannot say whether it was written to."""

    def stamp(self) -> None:
        return None


def test_a_store_that_has_no_stamp(world, client):
    """It is asked anew for each conversion, and is otherwise as good as another."""
    sheets = world.publish_dense("2024-01-01", "2024-12-31", *CODES)
    own = world.client(cache=Unstamped(str(world.cache.with_name("own.sqlite")))).client
    day = each([dt.date(2025, 12, 5)], "USD")
    frame = each(days(dt.date(2024, 1, 3), 30), "USD", "EUR")
    for _ in range(2):
        assert values(day, client=own) == [499.65]
        assert values(frame, client=own) == pytest.approx(published(sheets, frame), rel=1e-15)
        assert values(each([TOMORROW], "USD"), client=own) == values(
            each([TOMORROW], "USD"), client=client
        )
        unknown = pl.concat([day, each([dt.date(2025, 12, 5)], "ZZZ", "BYR")])
        assert values(unknown, client=own, missing="null") == [499.65, None, None]


def test_threads_that_make_tables_of_many_pairs(world, client):
    """More pairs at once than tables are kept for: each thread still has its own."""
    world.publish_dense("2024-01-01", "2024-01-31", *CODES)
    client.sync("2024-01-01", "2024-01-31", currencies=CODES)
    frame = each(days(dt.date(2024, 1, 1), 31), *CODES)
    expected = {code: values(frame, to=code, client=client) for code in CODES}
    with ThreadPoolExecutor(8) as threads:
        wanted = [*CODES] * 40
        found = threads.map(lambda code: values(frame, to=code, client=client), wanted)
        assert all(rates == expected[code] for code, rates in zip(wanted, found, strict=True))


def test_a_plan_sees_what_was_synced_since(world, client):
    """The table that lazy frames are joined with is kept only until somebody writes."""
    sheets = world.publish_dense("2024-01-01", "2024-01-31", "USD")
    client.sync("2024-01-01", "2024-01-05", currencies="USD")
    # ten days behind what was asked for came along
    frame = each(days(dt.date(2024, 1, 15), 2), "USD")
    for _ in range(2):
        early = convert(frame.lazy(), client=client, missing="null").collect()["converted"]
        assert early.null_count() == 1
    client.sync("2024-01-16", "2024-01-18", currencies="USD")
    found = convert(frame.lazy(), client=client).collect()["converted"].to_list()
    assert found == pytest.approx(published(sheets, frame), rel=1e-15)
