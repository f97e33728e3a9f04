"""What once went wrong, or nearly: each is a way to a wrong number, or to a hang."""

import datetime as dt
import os
import threading
import time
from decimal import Decimal
from zoneinfo import ZoneInfo

import httpx
import pytest

import kzt_rates
from kzt_rates.core import Memo
from kzt_rates.errors import FeedError, StoreUnavailable
from kzt_rates.feed import xml
from kzt_rates.figures import Day, Figure, Received
from kzt_rates.store.layers import Layers
from kzt_rates.store.merge import with_sheet
from kzt_rates.store.sqlite import MEMORY, SqliteStore
from kzt_rates.testing import SettableClock, StandInBank, archive_sheets

DAY = dt.date(2025, 12, 5)
UTC = dt.timezone.utc
CAME = Received(dt.datetime(2025, 12, 5, 7, tzinfo=UTC), DAY)


@pytest.fixture
def bank():
    days = archive_sheets(DAY - dt.timedelta(3), DAY + dt.timedelta(1))
    with StandInBank(days, clock=SettableClock("2025-12-05T12:00+05:00")) as bank:
        yield bank


@pytest.fixture
def client(bank):
    clock = SettableClock("2025-12-05T12:00+05:00")
    with kzt_rates.Client(bank.url, archive=False, clock=clock, retries=0) as client:
        yield client


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no FIFOs here")
def test_a_dtd_elsewhere_is_not_opened(tmp_path):
    """A sheet that points to a file for its DTD is refused without opening it."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)  # who opens it waits for a writer that never comes
    body = f'<!DOCTYPE rates SYSTEM "{fifo}"><rates><date>05.12.2025</date></rates>'.encode()
    outcome: list[Exception] = []

    def read() -> None:
        try:
            xml.read_daily(body, DAY, CAME)
        except FeedError as error:
            outcome.append(error)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    thread.join(60)
    assert len(outcome) == 1


@pytest.mark.parametrize(
    "document",
    [
        "<rates><date>05.12.2025</date>{usd}<ITEM>{eur}</ITEM></rates>",
        "<rates><date>05.12.2025</date>{usd}<more><item>{eur}</item></more></rates>",
        "<rates><date>05.12.2025<b/>6</date>{usd}</rates>",
    ],
)
@pytest.mark.system
def test_items_elsewhere_do_not_vanish(document):
    """A sheet whose items are not all where they should be is not taken for complete."""
    figure = "<title>{}</title><description>1</description><quant>1</quant>"
    body = document.format(usd=f"<item>{figure.format('USD')}</item>", eur=figure.format("EUR"))
    with pytest.raises(FeedError):
        xml.read_daily(body.encode(), DAY, CAME)


def test_equal_instants_of_two_days_are_told_apart():
    """In the hour that Kyzylorda had twice, equal datetimes lie on two days of Kazakhstan."""
    first = dt.datetime(2018, 12, 20, 23, 30, tzinfo=ZoneInfo("Asia/Qyzylorda"))
    second = first.replace(fold=1)
    assert first == second
    with kzt_rates.Client(offline=True) as client:
        for on in (first, second, first):
            assert client.convert(1, "USD", on=on) == client.rate("USD", on=on).value
        assert client.convert(1, "USD", on=first) != client.convert(1, "USD", on=second)


@pytest.mark.parametrize("on", [DAY, "2025-12-05", "05.12.2025"])
def test_a_warm_conversion_follows_a_correction(bank, client, on):
    """After the bank corrects or loses a figure, `convert` gives what `rate` gives."""
    rates = dict(archive_sheets(DAY, DAY)[DAY])
    assert client.convert(10, "AMD", on=on) == Decimal("13.14")  # 13.14 per 10
    bank.publish(DAY, {**rates, "AMD": ("14", 10)})
    client.rate("AMD", on=DAY, refresh=True)
    assert client.convert(10, "AMD", on=on) == 14
    del rates["AMD"]
    bank.publish(DAY, rates)
    # a sheet that lacks a code which is expected is no word: what was final stays
    with pytest.raises(kzt_rates.FeedError, match="lacks it"):
        client.rate("AMD", on=DAY, refresh=True)
    assert client.convert(10, "AMD", on=on) == client.rate("AMD", on=DAY).convert(10) == 14


def test_a_ratio_that_was_corrected_meanwhile_is_not_remembered():
    """What was looked up before a correction does not enter the memo after it."""
    memo = Memo()
    before = memo.corrections()
    memo.correct()
    memo.remember("key", kzt_rates.arithmetic.Ratio(1, 1), before)
    assert memo == {}


def test_a_late_copy_does_not_change_a_final_figure(bank, client):
    """A latest sheet with yesterday's `Date`, as of a proxy, leaves final figures alone."""
    bank.withdraw(DAY + dt.timedelta(1))
    final = client.rate("USD", on=DAY)
    bank.publish(DAY, {**archive_sheets(DAY, DAY)[DAY], "USD": "501"})
    bank.fail("date_header", skew=dt.timedelta(days=-1))
    assert client.latest()["USD"].value == final.value
    assert client.rate("USD", on=DAY) == final


@pytest.mark.parametrize("refresh", [False, True])
def test_a_late_copy_that_is_equal_leaves_the_sheet_final(bank, client, refresh):
    """What a sheet with yesterday's `Date` only repeats is as final as it was, at once."""
    bank.withdraw(DAY + dt.timedelta(1))
    client.sheet(DAY)
    bank.fail("date_header", skew=dt.timedelta(days=-1))
    assert not client.latest(refresh=refresh).provisional
    assert not client.sheet(DAY).provisional


def test_what_the_spare_store_had_to_keep_is_corrected_too(monkeypatch):
    """After the cache could not be written for a while, its later corrections are believed."""
    cache = SqliteStore(MEMORY)
    layers = Layers(None, cache)
    now = dt.datetime(2025, 12, 5, tzinfo=UTC)

    def learn(value: str) -> None:
        figures = {"USD": Figure(value, 1, feed="daily", final=True, fetched_at=now)}
        sheet = Day(DAY, figures, complete=True, final=True, fetched_at=now)
        layers.change([DAY], lambda days: [with_sheet(days[0], sheet, "daily", refresh=True)])

    def known() -> str:
        return layers.read([DAY])[0].figures["USD"].value

    with monkeypatch.context() as patch:

        def locked(*_: object) -> None:
            raise StoreUnavailable("locked")

        patch.setattr(cache, "change", locked)
        learn("500")
    assert known() == "500"
    learn("501")
    assert known() == "501"
    layers.close()


def test_a_day_before_of_a_few_codes_does_not_prove_a_contradiction_wrong(bank, client):
    """Asked again, the day before must agree with the changes, not merely have too few codes."""
    before = DAY - dt.timedelta(1)
    known = client.sheet(before)
    bank.publish(before, {"USD": "508.2", "EUR": "590"})
    bank.fail("wrong_changes", day=DAY)
    with pytest.raises(kzt_rates.FeedError, match="contradict"):
        client.sheet(DAY)
    assert client.sheet(before) == known


def test_closing_does_not_leave_others_waiting(bank):
    """A thread that is between two attempts when the client is closed gets an error, soon."""
    clock = SettableClock("2025-12-05T12:00+05:00")
    client = kzt_rates.Client(bank.url, cache=False, archive=False, clock=clock)
    bank.fail("status", times=None, status=503, retry_after=1)
    errors: list[Exception] = []

    def work() -> None:
        try:
            client.rate("USD", on=DAY)
        except Exception as error:  # noqa: BLE001
            errors.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    while not bank.requests:
        time.sleep(0.01)
    client.close()
    thread.join(60)
    assert [type(error) for error in errors] == [kzt_rates.BankUnavailable]


def test_a_stand_ins_figures_never_answer_for_the_banks(bank, monkeypatch, tmp_path):
    """By default another bank than the real one has a cache of its own."""
    monkeypatch.delenv("KZT_RATES_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    day = dt.date(2020, 5, 5)
    bank.publish(day, {"USD": "1.00"})
    with kzt_rates.Client(bank.url, retries=0) as client:
        assert client.convert(1, "USD", on=day) == 1
    with kzt_rates.Client(offline=True) as client, pytest.raises(kzt_rates.Offline):
        client.convert(1, "USD", on=day)
    assert len(list(tmp_path.rglob("cache-127.0.0.1_*.sqlite"))) == 1


@pytest.mark.parametrize("code", ["uſd", "ıdr", "ＵＳＤ"])
def test_letters_that_only_look_like_a_code(code):
    """Text that Python's capitals would turn into a code is none."""
    with kzt_rates.Client(offline=True) as client:
        with pytest.raises(kzt_rates.UnknownCurrency):
            client.convert(1, code, on=DAY)
        assert code not in client.sheet(DAY)


@pytest.mark.parametrize(
    "change",
    [
        {"nominal": 2**4000},
        {"value": "1E+99999"},
        {"value": "1E-99999"},
        {
            "legs": [
                {"base": "USD", "quote": "EUR", "value": 1, "nominal": 1, "effective_date": DAY}
            ]
        },
    ],
)
def test_a_rate_made_to_hurt_is_refused(change):
    """No rate of JSON makes the arithmetic slow or takes euros for tenge."""
    fields = {"base": "USD", "quote": "KZT", "value": "1", "nominal": 1, "effective_date": DAY}
    with pytest.raises(ValueError, match="validation"):
        kzt_rates.Rate.model_validate({**fields, **change})


def test_an_identity_by_hand_is_what_it_says():
    """A rate's figures agree with each other, whatever somebody made them."""
    rate = kzt_rates.Rate(base="USD", quote="USD", value=5, nominal=1, effective_date=DAY)
    assert rate.per_unit == rate.convert(1) == 5


@pytest.mark.system
def test_odd_redirects_and_addresses_are_told():
    """A redirect to nowhere is `BankUnavailable`; a base URL that is none, `ValueError`."""
    transport = httpx.MockTransport(
        lambda _: httpx.Response(302, headers={"location": "http://[x"})
    )
    with kzt_rates.Client(transport=transport, cache=False, retries=0) as client:
        with pytest.raises(kzt_rates.BankUnavailable) as caught:
            client.latest()
        assert caught.value.status == 302
    for url in ("http://[::1", "http://x:99999", "http:///x", "x"):
        with pytest.raises(ValueError, match="base URL"):
            kzt_rates.Client(url)


def test_every_refusal_carries_an_excerpt(bank, client):
    """Whatever was refused, the error shows the URL and how the answer begins."""
    long_ago = archive_sheets("2025-08-01", "2025-08-31")
    for day, rates in long_ago.items():
        bank.publish(day, rates)
    faults = {
        "html": {},
        "gzip_bomb": {},
        "far_future": {},
        "stale_sheet": {"date": max(long_ago)},
    }
    for fault, options in faults.items():
        bank.reset()
        client.sheet(DAY)
        bank.fail(fault, **options)
        with pytest.raises(kzt_rates.FeedError) as caught:
            client._run(kzt_rates.plans.asking.ask_latest(client._core.terms, refresh=True))
        assert caught.value.url == f"{bank.url}/rss/rates_all.xml"
        assert caught.value.excerpt
        assert caught.value.excerpt.isprintable()


def test_a_draft_changes_nothing_that_the_archive_has(bank):
    """By a clock in the past the packaged archive knows tomorrow, and it is final."""
    clock = SettableClock("2025-12-05T12:00+05:00")
    bank.publish(DAY + dt.timedelta(1), {**archive_sheets(DAY, DAY)[DAY], "USD": "1.00"})
    with kzt_rates.Client(bank.url, cache=False, clock=clock, retries=0) as client:
        with pytest.warns(kzt_rates.StaleRateWarning, match="contradicts 38 of 39"):
            client.latest()
        rate = client.rate("USD", on=DAY + dt.timedelta(1))
    assert (rate.value, rate.provisional) == (Decimal("504.49"), False)
