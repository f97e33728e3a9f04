"""Every line of the rules on receiving an answer has a fault of the stand-in that produces it.

What is done then is tested line by line under `rules`; here it is one look at each: a fault that
nobody would notice proves nothing. It is 2026-09-05, a fortnight after the archive's end.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import kzt_rates
from kzt_rates.testing import FAULTS, SettableClock, StandInBank
from kzt_rates.testing.sheets import filled_sheets

TODAY, YESTERDAY, TOMORROW = "2026-09-05", "2026-09-04", "2026-09-06"
# a Saturday that the archive lacks, old by now: the export is asked for it
SATURDAY, SUNDAY = "2026-08-15", "2026-08-16"

# the rule, the fault and its options
WHOLE: list[tuple[str, str, dict[str, Any]]] = [
    ("HTML", "html", {}),
    ("broken XML", "truncated_xml", {}),
    ("oversized XML", "oversized", {}),
    ("a DTD", "dtd", {}),
    ("an entity", "external_entity", {}),
    ("another root", "other_root", {}),
    ("an error in the place of rates", "error_element", {}),
    ("no date", "no_date", {}),
    ("a blink", "blink", {}),
    ("a code twice", "duplicate_code", {}),
    ("not three capitals", "bad_code", {}),
    ("no USD", "no_usd", {}),
    *(("no plain value", "bad_value", {"value": v}) for v in ("0", "1,5", "1e3", "٣", "", None)),
    *(("no whole nominal", "bad_nominal", {"nominal": n}) for n in ("0", "1.5", "", None)),
    ("another time's sheet: a day on record", "another_sheet", {"date": "2026-08-20"}),
    ("... with changes that fit", "another_sheet", {"date": "2026-08-20", "changes": "fitted"}),
    ("changes contradict", "wrong_changes", {}),
]
OF_THE_DAILY_FEED = [("another date than asked for", "another_date", {})]
OF_THE_LATEST_SHEET: list[tuple[str, str, dict[str, Any]]] = [
    ("no items where a sheet must be", "no_items", {}),
    ("dated beyond T+14", "far_future", {}),
    ("dated before T-14", "another_date", {"date": "2026-08-10"}),
    ("an older sheet under its own date", "stale_sheet", {"date": "2026-08-10"}),
]
OF_THE_EXPORT: list[tuple[str, str, dict[str, Any]]] = [
    ("no workbook", "html", {}),
    ("half a workbook", "truncated_zip", {}),
    ("rows a day late", "late_rows", {}),
    ("columns under another heading", "exchanged_codes", {}),
    ("... of a code not asked for", "wrong_columns", {}),
    ("times ten", "scaled", {"codes": "USD"}),
    ("today's rates in every row", "todays_rates", {}),
    ("another range", "another_range", {}),
    ("a nominal that is no power of ten", "another_nominal", {"nominal": "3"}),
    ("absent rows", "lost_rows", {"start": SATURDAY, "end": SUNDAY}),
    ("no row but the first", "first_rows", {}),
    ("no row but the last", "last_rows", {}),
    ("no weekends", "no_weekends", {}),
    ("no rows", "no_items", {}),
    ("a blank where a rate was quoted", "blank_cells", {"start": SATURDAY, "end": SUNDAY}),
]
ALONE: list[tuple[str, str, str, dict[str, Any]]] = [
    ("another nominal than the table's", "IRR", "another_nominal", {"nominal": "1000"}),
    ("a nominal that is no power of ten", "EUR", "another_nominal", {"nominal": "3"}),
    ("moved by more than a tenth", "EUR", "scaled", {"factor": "1.2", "changes": "fitted"}),
    ("moved by more than a half", "TRY", "scaled", {"factor": 3, "changes": "empty"}),
    ("nominal and value exchanged", "KRW", "exchanged_numbers", {}),
]
TOLERATED: list[tuple[str, str, dict[str, Any]]] = [
    ("an empty or absent change, index, fullname", "bare_items", {}),
    ("... with no text in them", "bare_items", {"text": ""}),
    ("blanks around a figure", "padded_figures", {}),
    ("blank lines before the declaration", "leading_blanks", {}),
    ("a change that contradicts, though a witness agrees", "wrong_changes", {"codes": "USD"}),
    ("a code that the table does not know", "extra_code", {}),
    ("few codes: no whole sheet", "few_codes", {}),
    ("a code is lost", "lost_codes", {}),
]
UNSETTLED: list[tuple[str, str, dict[str, Any]]] = [
    ("no readable Date", "no_date_header", {}),
    ("a Date that is none", "date_header", {"text": "today"}),
    ("a Date of the day before", "date_header", {}),
]
Ask = tuple[StandInBank, "kzt_rates.Client"]


def _ids(rows: list[Any]) -> list[str]:
    return [" ".join(map(str, (*row[:-1], *row[-1].values()))) for row in rows]


def rules(rows: list[Any]) -> pytest.MarkDecorator:
    names = (
        ("rule", "fault", "options") if len(rows[0]) == 3 else ("rule", "code", "fault", "options")
    )
    return pytest.mark.parametrize(names, rows, ids=_ids(rows))


@pytest.fixture(scope="module")
def serving() -> Iterator[StandInBank]:
    sheets = filled_sheets(date(2026, 7, 20), date(2026, 9, 6))
    with StandInBank(sheets, clock=SettableClock(f"{TODAY}T12:00+05:00")) as bank:
        yield bank


@pytest.fixture
def asked(serving: StandInBank, tmp_path: Path) -> Iterator[Ask]:
    """The bank, and a client that knows the archive and the day before."""
    serving.reset()
    clock = SettableClock(f"{TODAY}T12:00+05:00")
    with kzt_rates.Client(
        serving.url, str(tmp_path / "c.sqlite"), retries=0, clock=clock
    ) as client:
        client.sheet(YESTERDAY)
        yield serving, client


def met(bank: StandInBank) -> set[str | None]:
    return {request.fault for request in bank.requests}


@rules([*WHOLE, *OF_THE_DAILY_FEED])
def test_a_sheet_is_refused(asked: Ask, rule: str, fault: str, options: dict[str, Any]) -> None:
    """The daily feed's answer is refused whole."""
    bank, client = asked
    bank.fail(fault, None, feed="daily", day=TODAY, **options)
    with pytest.raises(kzt_rates.FeedError):
        client.rate("USD")
    assert fault in met(bank)


@rules([*WHOLE, *OF_THE_LATEST_SHEET])
def test_a_latest_sheet_is_refused(
    asked: Ask, rule: str, fault: str, options: dict[str, Any]
) -> None:
    """The newest sheet is refused whole."""
    bank, client = asked
    client.sheet(TODAY)
    bank.fail(fault, None, feed="latest", **options)
    with pytest.warns(kzt_rates.StaleRateWarning):
        assert str(client.latest().date) == TODAY
    assert fault in met(bank)


@rules(OF_THE_EXPORT)
def test_an_export_is_refused(asked: Ask, rule: str, fault: str, options: dict[str, Any]) -> None:
    """The rates of two days that the archive lacks are not known."""
    bank, client = asked
    bank.fail(fault, None, feed="export", **options)
    with pytest.raises(kzt_rates.FeedError):
        client.history("EUR", "USD", start=SATURDAY, end=SUNDAY)
    assert fault in met(bank)


@rules(ALONE)
def test_a_figure_is_refused_alone(
    asked: Ask, rule: str, code: str, fault: str, options: dict[str, Any]
) -> None:
    """The strange figure is named, and the rest of the sheet is there."""
    bank, client = asked
    bank.fail(fault, None, feed="daily", day=TODAY, codes=code, **options)
    sheet = client.sheet()
    assert set(sheet.refused) == {code}
    assert len(sheet) == 47
    with pytest.raises(kzt_rates.FeedError, match=code):
        client.rate(code)


def published_value(sheets: dict[date, Any], code: str) -> str:
    (sheet,) = sheets.values()
    return str(sheet[code].value)


@rules(TOLERATED)
def test_a_sheet_is_read(asked: Ask, rule: str, fault: str, options: dict[str, Any]) -> None:
    """The dollar is believed."""
    bank, client = asked
    bank.fail(fault, None, feed="daily", day=TODAY, **options)
    true = published_value(filled_sheets(date(2026, 9, 5), date(2026, 9, 5)), "USD")
    assert str(client.rate("USD").value) == true
    assert fault in met(bank)


@rules(UNSETTLED)
def test_a_sheet_is_not_final(asked: Ask, rule: str, fault: str, options: dict[str, Any]) -> None:
    """Today's rate stays provisional."""
    bank, client = asked
    bank.fail(fault, None, feed="daily", day=TODAY, **options)
    assert client.rate("USD").provisional


def test_no_rate_is_a_silence(asked: Ask) -> None:
    """An envelope with an info says that there is none."""
    bank, client = asked
    bank.fail("no_rate", None, day=TOMORROW)
    with pytest.raises(kzt_rates.RateNotFound) as caught:
        client.rate("USD", on=TOMORROW)
    assert caught.value.reason == "none_published"


def test_todays_codes_in_a_sheet_of_2022(asked: Ask) -> None:
    """Where the export cannot be had, the daily feed's lie about an old day is refused."""
    bank, client = asked
    bank.fail("html", None, feed="export")
    bank.fail("another_sheet", None, feed="daily", day="2022-03-13", date=TODAY)
    with pytest.raises(kzt_rates.FeedError):
        client.rate("VND", on="2022-03-13")


def test_a_code_that_lags_behind(asked: Ask) -> None:
    """A code of an older date is unknown for the newest one, not none."""
    bank, client = asked
    bank.fail("lagging_codes", None, feed="latest", codes="EUR")
    assert "EUR" not in client.latest()
    assert "lagging_codes" in met(bank)


def test_a_figure_before_its_unit(asked: Ask) -> None:
    """The roubles of Belarus were others in 2016: a figure under BYN is not believed then."""
    bank, client = asked
    bank.publish("2015-08-20", {"USD": "188.38", "BYN": "187.2"})
    bank.fail("html", None, feed="export")
    with pytest.raises(kzt_rates.KztRatesError):
        client.rate("BYN", on="2015-08-20")
    bank.withdraw("2015-08-20")


def test_no_fault_is_left_out_without_a_reason() -> None:
    """The faults that are not here are the network's and HTTP's, and the sizes of hostile bytes."""
    of_rows = (*WHOLE, *OF_THE_DAILY_FEED, *OF_THE_LATEST_SHEET, *OF_THE_EXPORT, *TOLERATED)
    here = {row[1] for row in (*of_rows, *UNSETTLED)} | {row[2] for row in ALONE}
    here |= {"no_rate", "lagging_codes"}
    elsewhere = {
        *("refuse", "reset", "timeout", "slow", "stall", "drip", "drip_headers", "endless"),
        *("truncated_transfer", "status", "redirect_elsewhere", "redirect_here", "redirect_loop"),
        *("empty", "gzip_bomb", "zip_bomb", "unknown_encoding", "billion_laughs"),
        *("utf8_as_cp1251", "cp1251_as_utf8", "missing_column"),
    }
    assert here | elsewhere == set(FAULTS)
    assert not here & elsewhere
