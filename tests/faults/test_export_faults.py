"""What the range export can do wrong, over both clients: an answer is kept whole or not at all."""

import tracemalloc
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

import kzt_rates
from kzt_rates.testing import FAULTS

from .odd_workbooks import ODD_WORKBOOKS

if TYPE_CHECKING:
    from conftest import Dense, Driver, World

START, END, TODAY = "2015-08-01", "2015-08-31", "2025-12-10"
# ten days beyond both ends
MARGIN_START, MARGIN_END = "2015-07-22", "2015-09-10"
CODES = ["AUD", "CAD", "CHF", "CNY", "EUR", "GBP", "HUF", "JPY", "KGS", "RUB", "USD", "UZS"]
MEBIBYTE = 1 << 20

NETWORK: list[tuple[str, dict[str, Any]]] = [
    ("refuse", {}),
    ("reset", {}),
    ("timeout", {}),
    ("slow", {"seconds": 5}),
    ("stall", {}),
    ("drip", {}),
    ("drip_headers", {}),
    ("truncated_transfer", {}),
    ("status", {}),
    ("redirect_elsewhere", {}),
    ("redirect_loop", {}),
]
NOT_BELIEVED: list[tuple[str, dict[str, Any]]] = [
    ("html", {}),
    ("empty", {}),
    ("endless", {}),
    ("oversized", {}),
    ("gzip_bomb", {}),
    ("unknown_encoding", {}),
    ("truncated_zip", {}),
    ("zip_bomb", {}),
    ("macros", {}),
    ("no_date", {}),
    ("no_date", {"date": END}),
    ("bad_date", {}),
    ("bad_date", {"text": "2015-08-01"}),
    ("bad_date", {"text": "01.08.15"}),
    ("bad_date", {"date": END, "text": "01.08.2015"}),
    ("another_range", {}),
    ("another_range", {"date": "2015-08-02"}),
    ("duplicate_row", {}),
    ("duplicate_row", {"date": END, "value": "1.5"}),
    ("bad_code", {}),
    ("wrong_columns", {}),
    ("missing_column", {}),
    ("lone_quant", {}),
    ("duplicate_column", {}),
    ("other_sheet", {}),
    ("two_sheets", {}),
    ("dates_of_1904", {}),
    ("formula_cells", {}),
    ("error_cells", {}),
    ("todays_rates", {}),
    *(
        ("bad_value", {"value": value, "date": END})
        for value in ("-1", "0", "0.00", "1e3", "NaN", "1,5", "inf", "512.53 ₸", None)
    ),
    *(
        ("bad_nominal", {"nominal": nominal, "date": END})
        for nominal in ("0", "-10", "1.5", "1e1", "ten", None)
    ),
]
HARMLESS: list[tuple[str, dict[str, Any]]] = [
    ("redirect_here", {}),
    ("no_date_header", {}),
    ("date_header", {}),
    ("shuffled_columns", {}),
    ("shuffled_rows", {}),
    ("empty_rows", {}),
    ("text_numbers", {}),
]
SILENT = [("no_items", {})]


def _ids(cases: list[tuple[str, dict[str, Any]]]) -> list[str]:
    return ["-".join((name, *map(str, options.values()))) for name, options in cases]


def _known(world: "World") -> "tuple[Dense, list[str]]":
    """Publish a month, and keep part of it and today's sheet; return the rates and the cache.

    The dollar is known until the 25th: a question reaches ten days beyond what is wanted.
    """
    rates = world.publish_dense(START, END, *CODES)
    client = world.client()
    client.sheet(TODAY)
    client.sync(START, "2015-08-15", currencies=["USD"])
    world.bank.forget()
    return rates, world.dump()


def _sync(client: "Driver") -> Any:
    return client.sync(START, END, currencies=CODES)


def test_every_fault_has_its_place() -> None:
    """Each fault of the stand-in bank's export is among these tests, but for well-formed lies."""
    here = {name for name, _ in (*NETWORK, *NOT_BELIEVED, *HARMLESS, *SILENT)}
    of_the_export = {fault.name for fault in FAULTS.values() if "export" in fault.feeds}
    assert here == (of_the_export | set(ODD_WORKBOOKS)) - {
        fault.name for fault in FAULTS.values() if fault.lie
    }


@pytest.mark.parametrize(("fault", "options"), NOT_BELIEVED, ids=_ids(NOT_BELIEVED))
def test_not_believed(world: "World", fault: str, options: dict[str, Any]) -> None:
    """`FeedError` with url and excerpt, asked once; the cache is as it was."""
    _, before = _known(world)
    world.bank.fail(ODD_WORKBOOKS.get(fault, fault), times=None, **options)
    with pytest.raises(kzt_rates.FeedError) as caught:
        _sync(world.client(retries=3))
    error = caught.value
    assert type(error) is kzt_rates.FeedError
    assert error.url.startswith(f"{world.bank.url}/ru/exchangerates/")
    assert "beginDate=22.07.2015&endDate=10.09.2015" in error.url
    assert len(error.excerpt) <= 200
    assert world.questions == [f"{MARGIN_START}..{MARGIN_END} 12 codes"]
    assert world.dump() == before
    offline = world.client(offline=True)
    assert offline.rate("USD", on=START).value > 0
    with pytest.raises(kzt_rates.Offline):
        offline.history("EUR", start=START, end=END)


@pytest.mark.parametrize("fault", ["oversized", "endless", "gzip_bomb", "zip_bomb"])
def test_bounded_memory(world: "World", fault: str) -> None:
    """However long an answer is, or unpacks to, little of it is ever held."""
    world.publish_dense(START, END, "USD")
    client = world.client()
    client.rate("USD", on=TODAY)
    world.bank.fail(ODD_WORKBOOKS.get(fault, fault), times=2)
    for _ in range(2):  # the bank makes its bomb once, which is not what is measured
        tracemalloc.start()
        try:
            with pytest.raises(kzt_rates.FeedError):
                client.history("USD", start=START, end=END)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < 64 * MEBIBYTE  # the bank's own share is in it


@pytest.mark.parametrize("verb", ["rate", "sheet"])
@pytest.mark.parametrize(
    "fault", ["html", "truncated_zip", "no_date", "lone_quant", "todays_rates"]
)
def test_a_day_is_not_believed(world: "World", fault: str, verb: str) -> None:
    """So for a single day, also when the caller would have been content with an earlier one."""
    _, before = _known(world)
    world.bank.fail(ODD_WORKBOOKS.get(fault, fault), times=None, feed="export")
    client = world.client()
    call = {"rate": ("EUR",), "sheet": ()}[verb]
    with pytest.raises(kzt_rates.FeedError):
        getattr(client, verb)(*call, on=END, missing="previous")
    assert world.asked == ["export"]
    assert world.dump() == before


@pytest.mark.parametrize(("fault", "options"), NETWORK, ids=_ids(NETWORK))
def test_a_bad_network(world: "World", fault: str, options: dict[str, Any]) -> None:
    """`BankUnavailable`, and the cache is as it was; in a better moment the rest is learned."""
    rates, before = _known(world)
    client = world.client(timeout=0.3)
    world.bank.fail(ODD_WORKBOOKS.get(fault, fault), **options)
    if fault == "redirect_elsewhere":
        world.bank.fail(ODD_WORKBOOKS.get(fault, fault), **options)
    with pytest.raises(kzt_rates.BankUnavailable) as caught:
        _sync(client)
    assert caught.value.url.startswith(world.bank.url)
    assert world.dump() == before
    world.bank.heal()
    report = _sync(world.client())
    assert report.rates == 31 * 12 - 25  # the dollar of 25 days was known
    kept = world.rows("SELECT day, code, value, nominal FROM figure WHERE day < '2016'")
    assert {(day, code): (value, nominal) for day, code, value, nominal in kept} == {
        (str(day), code): rate for day, sheet in rates.items() for code, rate in sheet.items()
    }


@pytest.mark.parametrize(("fault", "options"), HARMLESS, ids=_ids(HARMLESS))
def test_harmless(world: "World", fault: str, options: dict[str, Any]) -> None:
    """What only looks strange is read all the same, every figure under its code and day."""
    rates, _ = _known(world)
    world.bank.fail(ODD_WORKBOOKS.get(fault, fault), times=None, **options)
    client = world.client()
    assert _sync(client).rates == 31 * 12 - 25
    for code in CODES:
        series = client.history(code, start=START, end=END)
        assert [(day, value) for day, value in series] == [
            (day, Decimal(sheet[code][0]) / sheet[code][1]) for day, sheet in rates.items()
        ]


@pytest.mark.parametrize("style", [("text", "text"), ("serial", "number"), ("serial", "float")])
def test_styles(world: "World", style: tuple[str, str]) -> None:
    """Dates as Excel's numbers, and numbers as doubles in all their digits, are what they mean."""
    world.reopen(export_dates=style[0], export_numbers=style[1])
    rates, _ = _known(world)
    _sync(world.client())
    kept = world.rows("SELECT day, code, value, nominal FROM figure WHERE day < '2016'")
    assert len(kept) == 31 * 12
    for day, code, value, nominal in kept:
        true, true_nominal = rates[date.fromisoformat(day)][code]
        assert (Decimal(value), nominal) == (Decimal(true), true_nominal)


def test_an_export_without_rows(world: "World") -> None:
    """A workbook of headings alone is asked for again, and says of nothing that it is none."""
    _, before = _known(world)
    world.bank.fail("no_items", times=None, feed="export")
    client = world.client(retries=1)
    with pytest.raises(kzt_rates.FeedError, match="no rows"):
        _sync(client)
    assert world.asked == ["export"] * 2
    assert world.dump() == before
    assert client.rate("USD", on=START).value > 0
    with pytest.raises(kzt_rates.FeedError, match="no row of 2015-08-01"):
        client.rate("EUR", on=START)


@pytest.mark.parametrize(("codes", "believed"), [(9, True), (10, False)])
def test_rates_as_of_today(world: "World", codes: int, *, believed: bool) -> None:
    """An old row that equals a stored sheet of today in ten codes is today's; in nine it may be."""
    # the yen at 3.3 has too few digits to count
    chosen = [code for code in CODES if code not in ("JPY", "USD")][:codes]
    client = world.client()
    client.sheet(TODAY)
    before = world.dump()
    world.bank.publish(END, {code: world.figures[TODAY][code] for code in chosen})
    if believed:
        assert client.sync(END, END, currencies=chosen).rates == 9
    else:
        with pytest.raises(kzt_rates.FeedError, match=TODAY):
            client.sync(END, END, currencies=chosen)
        assert world.dump() == before


@pytest.mark.parametrize("codes", [["USD"], ["EUR", "GBP"]])
def test_todays_rates_beside_known_ones(world: "World", codes: list[str]) -> None:
    """Where the dollar of the days around is known, today's rates contradict it, few as they be."""
    _, before = _known(world)
    world.bank.fail("todays_rates", feed="export")
    with pytest.raises(kzt_rates.FeedError, match="contradicts 5 of 5 figures"):
        world.client().sync(END, END, currencies=codes)
    # the margins reach back to the 21st, and the dollar is known until the 25th
    assert world.questions == [f"2015-08-21..{MARGIN_END} {' '.join(sorted({*codes, 'USD'}))}"]
    assert world.dump() == before


@pytest.mark.parametrize(("codes", "days"), [(["USD", "EUR", "CHF", "CNY"], 3), (["USD"], 12)])
def test_todays_rates_over_days(world: "World", codes: list[str], days: int) -> None:
    """Ten equal figures of a few codes, over some days, are today's rates as well."""
    world.publish_dense(START, END, *CODES)
    client = world.client()
    client.sheet(TODAY)
    before = world.dump()
    start = date(2015, 8, 31 - days + 1)
    world.bank.fail("todays_rates", feed="export")
    with pytest.raises(kzt_rates.FeedError, match=TODAY):
        client.sync(start, END, currencies=codes)
    assert world.dump() == before
    # ten days of August before them come along
    assert client.sync(start, END, currencies=codes).rates == (10 + days) * len(codes)


def test_a_good_range_with_one_bad_question(world: "World") -> None:
    """Of several questions the one that is refused takes nothing away from those before it."""
    rates = world.publish_dense("2008-01-01", "2015-12-31", "USD")
    world.bank.fail("bad_value", day="2015-06-01", value="-1", date="2015-06-01")
    client = world.client()
    with pytest.raises(kzt_rates.FeedError, match="2015-06-01"):
        client.history("USD", start="2008-01-01", end="2015-12-31")
    # four years from ten days before the range on
    assert world.rows("SELECT min(day), max(day), count(*) FROM figure") == [
        ("2008-01-01", "2011-12-21", 1451)
    ]
    assert len(client.history("USD", start="2008-01-01", end="2015-12-31")) == len(rates)
    # the last ten days of eight years are a third question, which was not reached at first
    assert len(world.asked) == 4
