"""The stand-in bank's answers that are well-formed and wrong."""

from datetime import date
from typing import Any

import httpx
import pytest
from lxml import etree

from kzt_rates.testing import FAULTS, Fault, SettableClock, Sheet, StandInBank

from .conftest import LATEST, Get, cells, daily, export

LEGAL = ("bare_items", "padded_figures", "leading_blanks")
LIES = [fault for fault in FAULTS.values() if fault.lie]
OF_SHEETS = [
    fault for fault in FAULTS.values() if (fault.lie and fault.document) or fault.name in LEGAL
]
MAIN = "/rss/rates.xml"
DAILY = daily("2025-12-05")
EXPORT = export("2025-12-04", "2025-12-05", "USD", "EUR", "AMD")
HEADER = ["Date", "USD_quant", "USD", "EUR_quant", "EUR", "AMD_quant", "AMD"]
FIRST = ["04.12.2025", 1, 506.71, 1, 590.52, 10, 13.3]
SECOND = ["05.12.2025", 1, 505.53, 1, 590.52, 10, 13.25]

Told = dict[str, tuple[str | None, ...]]

TRUE: Told = {
    "USD": ("05.12.2025", "505.53", "1", "-1.18"),
    "EUR": ("05.12.2025", "590.52", "1", "0.00"),
    "AMD": ("05.12.2025", "13.25", "10", "-0.05"),
    "RUB": ("05.12.2025", "6.61", "1", "+0.06"),
}


def told(body: bytes) -> Told:
    """Return date, value, nominal and change by code, without those of dead currencies."""
    root = etree.fromstring(body)
    day = root.findtext("date")
    return {
        item.findtext("title") or "": (
            item.findtext("pubDate", day),
            *(item.findtext(tag) for tag in ("description", "quant", "change")),
        )
        for item in root.iter("item")
        if item.findtext("title") not in ("TRL", "EEK", "LVL")
    }


def lie(bank: StandInBank, path: str, fault: str, **options: Any) -> Told:
    """Return what an answer of the XML feeds says that meets a fault."""
    bank.fail(fault, **options)
    body = httpx.get(bank.url + path, trust_env=False).content
    assert bank.requests[-1].fault == fault
    return told(body)


def table(bank: StandInBank, fault: str, path: str = EXPORT, **options: Any) -> list[list[object]]:
    """Return the cells of an export that meets a fault."""
    bank.fail(fault, **options)
    rows = cells(httpx.get(bank.url + path, trust_env=False).content)
    assert bank.requests[-1].fault == fault
    return rows


def dated(day: str, figures: Told) -> Told:
    return {code: (day, *rest[1:]) for code, rest in figures.items()}


def test_the_truth(get: Get) -> None:
    """Without a fault all is as published."""
    assert told(get(DAILY)[1]) == told(get(LATEST)[1]) == TRUE
    assert cells(get(EXPORT)[1]) == [HEADER, FIRST, SECOND]


def test_another_sheet(bank: StandInBank) -> None:
    """Another day's figures come under the date asked for, today's unless told."""
    assert lie(bank, daily("2022-02-23"), "another_sheet") == dated("23.02.2022", TRUE)
    old = {
        "USD": ("05.12.2025", "506.71", "1", ""),
        "EUR": ("05.12.2025", "590.52", "1", ""),
        "AMD": ("05.12.2025", "13.3", "10", ""),
        "RUB": ("05.12.2025", "6.55", "1", ""),
    }
    for path in (DAILY, LATEST):
        assert lie(bank, path, "another_sheet", date="2025-12-04") == old
    assert list(lie(bank, MAIN, "another_sheet", date="2025-12-04")) == ["RUB", "EUR", "USD"]
    assert lie(bank, DAILY, "another_sheet", date="2001-01-01") == {}
    assert lie(bank, DAILY, "another_sheet", days=1) == old
    assert lie(bank, daily("2025-12-07"), "another_sheet", days=2) == dated("07.12.2025", TRUE)


def test_another_sheet_in_the_rss_leaves_dead_currencies(bank: StandInBank, get: Get) -> None:
    """The items of dead currencies stay, in their places."""
    titles = [item.findtext("title") for item in etree.fromstring(get(LATEST)[1]).iter("item")]
    bank.fail("another_sheet", date="2025-12-04")
    lied = [item.findtext("title") for item in etree.fromstring(get(LATEST)[1]).iter("item")]
    assert lied == titles
    assert "LVL" in titles


def test_part_of_another_sheet(bank: StandInBank) -> None:
    """Only some codes of it come, the dollar among a number of them; one may be off."""
    assert set(lie(bank, DAILY, "another_sheet", codes=["EUR", "RUB"])) == {"EUR", "RUB"}
    assert set(lie(bank, DAILY, "another_sheet", keep=2)) == {"AMD", "USD"}
    off = lie(bank, daily("2022-02-23"), "another_sheet", by="0.01")
    assert off["USD"] == ("23.02.2022", "505.54", "1", "-1.18")
    assert off["EUR"] == dated("23.02.2022", TRUE)["EUR"]
    assert lie(bank, DAILY, "another_sheet", code="AMD", by="-0.25")["AMD"][1] == "13"


def test_a_sheet_of_ones_own(bank: StandInBank) -> None:
    """Any figures can come in place of the published, which stay for the other feeds."""
    own: Sheet = {"USD": "1.5", "VND": ("20.61", 1000, "+0.01")}
    assert lie(bank, DAILY, "another_sheet", sheet=own) == {
        "USD": ("05.12.2025", "1.5", "1", ""),
        "VND": ("05.12.2025", "20.61", "1000", "+0.01"),
    }
    fitted = lie(bank, LATEST, "another_sheet", sheet=own, changes="fitted")
    assert (fitted["USD"][3], fitted["VND"][3]) == ("-505.21", "")


def test_changes(bank: StandInBank, capfd: pytest.CaptureFixture[str]) -> None:
    """A lie leaves the changes, makes them fit the day before, or has none."""
    shown = {
        how: lie(bank, DAILY, "scaled", codes="USD", changes=how)
        for how in ("kept", "fitted", "empty")
    }
    assert [lines["USD"][3] for lines in shown.values()] == ["-1.18", "+4548.59", ""]
    assert {lines["EUR"] for lines in shown.values()} == {TRUE["EUR"]}
    with pytest.raises(httpx.RemoteProtocolError):
        lie(bank, DAILY, "scaled", changes="fit")
    assert "changes are one of kept, fitted, empty, not 'fit'" in capfd.readouterr().err


def test_stale_sheet(bank: StandInBank) -> None:
    """A former sheet comes under its own date, that of the day before unless told."""
    bank.publish("2025-04-05", {"USD": "504.8", "EUR": "557.6"})
    old = {"USD": ("05.04.2025", "504.8", "1", ""), "EUR": ("05.04.2025", "557.6", "1", "")}
    for path in (DAILY, LATEST, MAIN):
        before = lie(bank, path, "stale_sheet")
        assert before["USD"] == ("04.12.2025", "506.71", "1", "")
        assert lie(bank, path, "stale_sheet", date="2025-06-01") == old
    assert lie(bank, DAILY, "stale_sheet", date="2001-01-01") == {}


def test_lost_codes(bank: StandInBank) -> None:
    """Codes are missing, the rest is as it was."""
    for path in (DAILY, LATEST):
        lost = lie(bank, path, "lost_codes")
        assert lost == {code: line for code, line in TRUE.items() if code != "EUR"}
    assert set(lie(bank, DAILY, "lost_codes", codes=["USD", "AMD"])) == {"EUR", "RUB"}


def test_extra_code(bank: StandInBank) -> None:
    """A code more comes, which nobody knows, or as told."""
    for path in (DAILY, LATEST):
        more = lie(bank, path, "extra_code")
        assert more == {**TRUE, "XYZ": ("05.12.2025", "1.23", "1", "")}
    more = lie(bank, DAILY, "extra_code", code="ALL", value="6.1", nominal="10", change="+0.10")
    assert more["ALL"] == ("05.12.2025", "6.1", "10", "+0.10")
    assert lie(bank, daily("2025-12-07"), "extra_code") == {}


def test_lagging_codes(bank: StandInBank) -> None:
    """Some items of the RSS have yesterday's figure and date, or older ones."""
    lagging = lie(bank, LATEST, "lagging_codes")
    assert lagging == {**TRUE, "USD": ("04.12.2025", "506.71", "1", "")}
    older = lie(bank, LATEST, "lagging_codes", codes=["EUR", "RUB"], days=3)
    assert [older[code][:2] for code in ("USD", "EUR", "RUB")] == [
        ("05.12.2025", "505.53"),
        ("02.12.2025", "590.52"),
        ("02.12.2025", "6.61"),
    ]
    with pytest.raises(ValueError, match="is one of the feeds latest, main, not of daily"):
        bank.fail("lagging_codes", feed="daily")


def test_scaled(bank: StandInBank) -> None:
    """All values are ten times as large, or those of some codes times any factor."""
    for path in (DAILY, LATEST):
        values = {code: line[1] for code, line in lie(bank, path, "scaled").items()}
        assert values == {"USD": "5055.3", "EUR": "5905.2", "AMD": "132.5", "RUB": "66.1"}
        tenth = lie(bank, path, "scaled", codes=["RUB"], factor="0.1")
        assert tenth == {**TRUE, "RUB": ("05.12.2025", "0.66", "1", "+0.06")}
    bank.publish("2025-12-05", {"USD": "0.04", "EUR": "4.704"})
    least = lie(bank, DAILY, "scaled", factor="0.1")
    assert (least["USD"][1], least["EUR"][1]) == ("0.01", "0.47")


def test_dead_currencies_are_left_alone(bank: StandInBank, get: Get) -> None:
    """What the RSS keeps of currencies that are gone is no part of the sheet that lies."""
    bank.fail("scaled")
    items = etree.fromstring(get(LATEST)[1]).iter("item")
    values = {item.findtext("title"): item.findtext("description") for item in items}
    assert (values["LVL"], values["TRL"], values["USD"]) == ("300.96", "0.1", "5055.3")


def test_scaled_rows(bank: StandInBank) -> None:
    """The export's values are scaled too, in all rows or in some."""
    assert table(bank, "scaled")[1] == ["04.12.2025", 1, 5067.1, 1, 5905.2, 10, 133]
    assert table(bank, "scaled", codes="AMD", factor="0.1", start="2025-12-05") == [
        HEADER,
        FIRST,
        [*SECOND[:6], 1.33],
    ]


def test_exchanged_codes(bank: StandInBank) -> None:
    """Two codes have each other's figures, which change along with them."""
    for path in (DAILY, LATEST):
        assert lie(bank, path, "exchanged_codes") == {
            **TRUE,
            "EUR": TRUE["USD"],
            "USD": TRUE["EUR"],
        }
    fitted = lie(bank, DAILY, "exchanged_codes", codes=("AMD", "RUB"), changes="fitted")
    assert fitted["AMD"] == ("05.12.2025", "6.61", "1", "-6.69")
    assert fitted["RUB"] == ("05.12.2025", "13.25", "10", "+6.70")
    assert lie(bank, DAILY, "exchanged_codes", codes=("AMD", "VND")) == TRUE


def test_exchanged_columns(bank: StandInBank) -> None:
    """In the export the columns of two codes change places under their headings."""
    assert table(bank, "exchanged_codes")[1] == ["04.12.2025", 1, 590.52, 1, 506.71, 10, 13.3]
    amd = table(bank, "exchanged_codes", codes=("AMD", "USD"))
    assert amd == [HEADER, ["04.12.2025", 10, 13.3, 1, 590.52, 1, 506.71],
                   ["05.12.2025", 10, 13.25, 1, 590.52, 1, 505.53]]  # fmt: skip
    assert table(bank, "exchanged_codes", codes=("AMD", "BYN"))[1:] == [FIRST, SECOND]


def test_exchanged_numbers(bank: StandInBank) -> None:
    """The nominal stands for the value, and the value, in whole tenge, for the nominal."""
    for path in (DAILY, LATEST):
        lines = lie(bank, path, "exchanged_numbers")
        assert lines == {**TRUE, "USD": ("05.12.2025", "1", "505", "-1.18")}
    lines = lie(bank, DAILY, "exchanged_numbers", codes=["AMD"], changes="fitted")
    assert lines["AMD"] == ("05.12.2025", "10", "13", "-3.30")
    assert table(bank, "exchanged_numbers", date="2025-12-05") == [
        HEADER,
        FIRST,
        ["05.12.2025", 505, 1, *SECOND[3:]],
    ]


def test_another_nominal(bank: StandInBank) -> None:
    """The values are given for another nominal, in the export in every row."""
    for path in (DAILY, LATEST):
        lines = lie(bank, path, "another_nominal", codes="AMD", nominal="1")
        assert lines == {**TRUE, "AMD": ("05.12.2025", "13.25", "1", "-0.05")}
    assert lie(bank, DAILY, "another_nominal")["USD"][2] == "100"
    assert table(bank, "another_nominal", codes=["AMD"], nominal="999999999") == [
        HEADER,
        [*FIRST[:5], 999999999, 13.3],
        [*SECOND[:5], 999999999, 13.25],
    ]


def test_wrong_change_of_one(bank: StandInBank) -> None:
    """One code's change contradicts its value, is empty or is missing."""
    for change in ("+0.01", "", None):
        lines = lie(bank, DAILY, "wrong_changes", codes=["USD"], change=change)
        assert lines == {**TRUE, "USD": (*TRUE["USD"][:3], change)}


def test_bare_items(bank: StandInBank, get: Get) -> None:
    """Names, indexes and changes are missing or empty, all or some of them."""

    def children() -> set[tuple[str, ...]]:
        items = etree.fromstring(get(DAILY)[1]).iter("item")
        return {tuple(f"{e.tag}{'' if e.text else '-'}" for e in item) for item in items}

    bank.fail("bare_items")
    assert children() == {("title", "description", "quant")}
    bank.fail("bare_items", text="")
    assert children() == {("fullname-", "title", "description", "quant", "index-", "change-")}
    bank.fail("bare_items", elements=["index"])
    assert children() == {("fullname", "title", "description", "quant", "change")}


def test_padded_figures(bank: StandInBank) -> None:
    """Blanks stand around the figures."""
    for path in (DAILY, LATEST):
        lines = lie(bank, path, "padded_figures")
        assert lines["AMD"] == ("05.12.2025", " 13.25 ", " 10 ", " -0.05 ")
        lines = lie(bank, path, "padded_figures", text="\n\t")
        assert lines["AMD"][1] == "\n\t13.25\n\t"


@pytest.mark.parametrize("path", [DAILY, LATEST, MAIN])
def test_leading_blanks(bank: StandInBank, get: Get, path: str) -> None:
    """Empty lines stand before a declaration, and the rest is as it was."""
    right = told(get(path)[1])
    bank.fail("leading_blanks")
    bank.fail("leading_blanks", text=" \r\n")
    for blanks in (b"\n\n", b" \r\n"):
        body = get(path)[1]
        assert body.startswith(blanks + b"<?xml version=")
        assert told(body.lstrip()) == right


@pytest.fixture
def long(bank: StandInBank) -> str:
    """A question for the eleven days from Sunday, 30 November, to Wednesday."""
    for day in range(1, 11):
        bank.publish(date(2025, 12, day), {"USD": f"500.{day:02}", "EUR": f"590.{day:02}"})
    return export("2025-11-30", "2025-12-10", "USD")


def days_in(rows: list[list[object]]) -> list[int]:
    return [int(str(row[0])[:2]) for row in rows[1:]]


def test_cut_off(bank: StandInBank, long: str) -> None:
    """Only the first rows come, or only the last, one or as many as told."""
    assert days_in(table(bank, "first_rows", long)) == [30]
    assert days_in(table(bank, "first_rows", long, keep=3)) == [30, 1, 2]
    assert days_in(table(bank, "last_rows", long)) == [10]
    assert days_in(table(bank, "last_rows", long, keep=2)) == [9, 10]
    for keep in (11, 500):
        assert len(table(bank, "last_rows", long, keep=keep)) == 12
        assert len(table(bank, "first_rows", long, keep=keep)) == 12
    assert len(table(bank, "last_rows", long, keep=0)) == 1


def test_lost_rows(bank: StandInBank, long: str) -> None:
    """A gap is in the middle, or where told."""
    assert days_in(table(bank, "lost_rows", long)) == [30, 1, 2, 7, 8, 9, 10]
    rows = table(bank, "lost_rows", long, start="2025-12-02", end="2025-12-08")
    assert days_in(rows) == [30, 1, 9, 10]
    assert len(days_in(table(bank, "lost_rows", long, date="2025-12-02"))) == 10
    assert days_in(table(bank, "lost_rows", long, start="2025-12-02")) == [30, 1]


def test_no_weekends(bank: StandInBank, long: str) -> None:
    """No Saturday and no Sunday has a row, everywhere or in a time."""
    assert days_in(table(bank, "no_weekends", long)) == [1, 2, 3, 4, 5, 8, 9, 10]
    assert days_in(table(bank, "no_weekends", long, end="2025-12-06"))[:6] == [1, 2, 3, 4, 5, 7]


def test_blank_cells(bank: StandInBank) -> None:
    """A code's cells are blank, nominal and value, in all rows or in some."""
    blank = [FIRST[0], None, None, *FIRST[3:]]
    assert table(bank, "blank_cells")[1:] == [blank, [SECOND[0], None, None, *SECOND[3:]]]
    assert table(bank, "blank_cells", end="2025-12-04")[1:] == [blank, SECOND]
    rows = table(bank, "blank_cells", codes=["EUR", "AMD"], date="2025-12-05")
    assert rows[1:] == [FIRST, [*SECOND[:3], None, None, None, None]]


def test_late_rows(bank: StandInBank, long: str) -> None:
    """Every row has the figures of the day before or of another, from outside the range too."""
    rows = table(bank, "late_rows", export("2025-12-02", "2025-12-04", "USD", "EUR"))
    assert rows == [
        HEADER[:5],
        ["02.12.2025", 1, 500.01, 1, 590.01],
        ["03.12.2025", 1, 500.02, 1, 590.02],
        ["04.12.2025", 1, 500.03, 1, 590.03],
    ]
    early = table(bank, "late_rows", long, days=-2)
    assert early[1] == ["30.11.2025", 1, 500.02]
    assert early[-2:] == [["09.12.2025", None, None], ["10.12.2025", None, None]]
    assert len(table(bank, "late_rows", export("2026-01-01", "2026-01-02", "USD"))) == 1


def test_units_that_were_not_yet() -> None:
    """What is published under a code before its unit existed is in each feed as published."""
    world: dict[str, Sheet] = {
        "1996-08-20": {"USD": "67.9", "UAH": ("0.04", 1)},
        "1998-01-01": {"USD": "75.55", "RUB": ("12.7", 1000)},
        "2015-01-10": {"USD": "183.5", "BYN": ("1.3", 100)},
    }
    clock = SettableClock("1996-08-20T12:00+06:00")
    with StandInBank(world, clock=clock, archive_start="1993-11-15") as bank:
        got = httpx.get(bank.url + daily("1998-01-01"), trust_env=False).content
        assert told(got)["RUB"] == ("01.01.1998", "12.7", "1000", "")
        book = httpx.get(bank.url + export("2015-01-10", "2015-01-10", "BYN"), trust_env=False)
    assert cells(book.content)[1] == ["10.01.2015", 100, 1.3]


@pytest.mark.parametrize("fault", OF_SHEETS, ids=lambda fault: fault.name)
def test_lies_as_often_as_told(bank: StandInBank, get: Get, fault: Fault) -> None:
    """A lie is told as often as queued, to the feed that is chosen, and then the truth."""
    path = DAILY if "daily" in fault.feeds else LATEST
    true, other = get(path)[1], get(MAIN)[1]
    bank.fail(fault.name, 2, feed="daily" if "daily" in fault.feeds else "latest")
    said = [get(path)[1] for path in (MAIN, path, MAIN, path, path)]
    assert (said[0], said[2], said[4]) == (other, other, true)
    assert said[1] == said[3]
    # today's sheet is no lie on its own day
    assert (said[1] == true) is (fault.name == "another_sheet")


@pytest.mark.parametrize(
    "fault", [fault for fault in LIES if "export" in fault.feeds],
    ids=lambda fault: fault.name,
)  # fmt: skip
def test_export_lies_about_a_day(bank: StandInBank, get: Get, long: str, fault: Fault) -> None:
    """An export that has a day in its range meets the lie queued for that day."""
    whole = export("2025-11-30", "2025-12-10", "USD", "EUR")
    true = get(whole)[1], get(EXPORT)[1]
    bank.fail(fault.name, day="2025-12-08", feed="export")
    assert get(EXPORT)[1] == true[1]
    assert get(whole)[1] != true[0]
    assert get(whole)[1] == true[0]
