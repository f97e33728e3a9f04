import io
import zipfile
import zlib

import httpx
import pytest

from kzt_rates.testing import FAULTS, StandInBank
from kzt_rates.testing.http import EVERY_FEED

from .conftest import LATEST, Get, cells, daily, export

HEADER = ["Date", "USD_quant", "USD", "AMD_quant", "AMD"]
FIRST = ["04.12.2025", 1, 506.71, 10, 13.3]
SECOND = ["05.12.2025", 1, 505.53, 10, 13.25]
GOOD = [HEADER, FIRST, SECOND]
PATH = export("2025-12-04", "2025-12-05", "USD", "AMD")
HTML = "text/html; charset=UTF-8"
SHEET = "xl/worksheets/sheet1.xml"


def changed(bank: StandInBank, fault: str, **options: object) -> list[list[object]]:
    """Return the cells of an export that meets a fault."""
    bank.fail(fault, **options)  # type: ignore[arg-type]
    table = cells(httpx.get(bank.url + PATH, trust_env=False).content)
    assert bank.requests[-1].fault == fault
    return table


def part(body: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(body)) as package:
        return package.read(name)


def test_feeds_of_faults() -> None:
    """A fault is of the feeds it can happen to, and each of these has some way to show it."""
    assert FAULTS["timeout"].feeds == EVERY_FEED
    assert FAULTS["dtd"].feeds == ("daily", "latest", "main")
    assert FAULTS["bad_value"].feeds == ("daily", "latest", "main", "export")
    assert FAULTS["zip_bomb"].feeds == ("export",)
    for fault in FAULTS.values():
        if fault.wire is fault.answer is None:
            assert ("export" in fault.feeds) == (fault.export is not None)
            assert ("latest" in fault.feeds) == (fault.document is not None)


@pytest.mark.parametrize(
    "fault", [fault.name for fault in FAULTS.values() if "export" not in fault.feeds]
)
def test_faults_of_xml(bank: StandInBank, get: Get, fault: str) -> None:
    """A fault of XML cannot be asked of the export, and waits until XML is asked for."""
    with pytest.raises(ValueError, match=f"the fault '{fault}' is one of .*, not of export"):
        bank.fail(fault, feed="export")
    bank.fail(fault)
    assert cells(get(PATH)[1]) == GOOD
    get(daily("2025-12-05") if "daily" in FAULTS[fault].feeds else LATEST)
    assert [request.fault for request in bank.requests] == [None, fault]


@pytest.mark.parametrize(
    "fault", [fault.name for fault in FAULTS.values() if fault.feeds == ("export",)]
)
def test_faults_of_the_export(bank: StandInBank, get: Get, fault: str) -> None:
    """A fault of the export waits for one, and a web page in its place stays a page."""
    with pytest.raises(ValueError, match="is one of the feeds export, not of daily"):
        bank.fail(fault, feed="daily")
    bank.publish("2025-12-06", {"USD": "507.2"})  # a Saturday
    path = export("2025-12-04", "2025-12-06", "USD", "AMD")
    bank.fail(fault, times=2)
    assert get(LATEST)[0].getheader("Content-Type") == "text/xml; charset=UTF-8"
    assert get(export("2015-12-05", "2025-12-05", "USD"))[0].getheader("Content-Type") == HTML
    assert get(path)[1] != httpx.get(bank.url + path, trust_env=False).content
    assert [request.fault for request in bank.requests] == [None, fault, fault, None]


def test_chosen_by_a_day_within(bank: StandInBank, get: Get) -> None:
    """`day` chooses the exports whose range has it, and the daily feed's own requests."""
    bank.fail("html", times=None, day="2025-12-05")
    paths = (export("2025-12-01", "2025-12-04", "USD"), PATH, daily("2025-12-05"), LATEST)
    for path in paths:
        get(path)
    assert [request.fault for request in bank.requests] == [None, "html", "html", None]
    bank.heal()
    bank.fail("html", day="2025-12-05", feed="export")
    assert get(daily("2025-12-05"))[0].getheader("Content-Type") != HTML
    assert get(PATH)[0].getheader("Content-Type") == HTML


def test_network_and_http(bank: StandInBank, get: Get) -> None:
    """The export meets what any feed can: statuses, other dates, a body cut short, other bytes."""
    bank.fail("status", status=502, feed="export")
    assert get(PATH)[0].status == 502
    bank.fail("no_date_header", feed="export")
    assert get(PATH)[0].getheader("Date") is None
    bank.fail("redirect_here", feed="export")
    followed = httpx.get(bank.url + PATH, follow_redirects=True, trust_env=False)
    assert cells(followed.content) == GOOD
    bank.fail("empty", feed="export")
    assert get(PATH)[1] == b""
    bank.answer_with(b"PK", feed="export")
    assert get(PATH)[1] == b"PK"


def test_oversized(bank: StandInBank, get: Get) -> None:
    """A good workbook is sixteen mebibytes, or as much as told, for a part that nobody needs."""
    for options, size in (({}, 16 << 20), ({"size": 1 << 20}, 1 << 20)):
        bank.fail("oversized", **options)  # type: ignore[arg-type]
        body = get(PATH)[1]
        assert len(body) == size
        assert cells(body) == GOOD


def test_truncated_zip(bank: StandInBank, get: Get) -> None:
    """Half a workbook comes, whole as far as HTTP knows."""
    whole = get(PATH)[1]
    bank.fail("truncated_zip")
    response, body = get(PATH)
    assert body == whole[: len(whole) // 2]
    assert response.getheader("Content-Length") == str(len(body))
    assert not zipfile.is_zipfile(io.BytesIO(body))


def test_zip_bomb(bank: StandInBank, get: Get) -> None:
    """A few hundred kilobytes hold a sheet of hundreds of mebibytes, and say so truly."""
    bank.fail("zip_bomb")
    bank.fail("zip_bomb", size=3 << 20)
    body = get(PATH)[1]
    assert len(body) < 1 << 20
    with zipfile.ZipFile(io.BytesIO(body)) as package:
        assert package.getinfo(SHEET).file_size > 300 << 20
    body = get(PATH)[1]
    assert len(part(body, SHEET)) > 3 << 20
    assert cells(body) == GOOD
    # who reads from the front sees no other zip than who begins at the directory
    start = body.index(SHEET.encode())
    inside = zlib.decompressobj(-zlib.MAX_WBITS).decompress(body[start + len(SHEET) :])
    assert inside == part(body, SHEET)
    sizes = [int.from_bytes(body[start + n : start + n + 4], "little") for n in (-16, -8)]
    assert sizes == [zlib.crc32(inside), len(inside)]
    assert body[start - 22] == zipfile.ZIP_DEFLATED


def test_wrong_columns(bank: StandInBank) -> None:
    """The last pair, or that of a code, bears the name of another; the figures stay."""
    assert changed(bank, "wrong_columns") == [[*HEADER[:3], "EGP_quant", "EGP"], FIRST, SECOND]
    renamed = changed(bank, "wrong_columns", code="USD", text="EUR")
    assert renamed[0] == ["Date", "EUR_quant", "EUR", "AMD_quant", "AMD"]


def test_bad_code(bank: StandInBank) -> None:
    """The header writes a code otherwise."""
    assert changed(bank, "bad_code")[0] == ["Date", "Usd_quant", "Usd", "AMD_quant", "AMD"]
    assert changed(bank, "bad_code", code="AMD", text="")[0][3] == "_quant"


def test_missing_column(bank: StandInBank) -> None:
    """A pair is missing; where the code was not asked for, nothing is."""
    assert changed(bank, "missing_column")[1] == [FIRST[0], *FIRST[3:]]
    assert changed(bank, "missing_column", code="AMD")[0] == HEADER[:3]
    assert changed(bank, "missing_column", code="EUR") == GOOD


def test_another_range(bank: StandInBank, get: Get) -> None:
    """The rows are those asked for under other dates: the ones before, or as told."""
    table = changed(bank, "another_range")
    assert table[1:] == [["02.12.2025", *FIRST[1:]], ["03.12.2025", *SECOND[1:]]]
    told = changed(bank, "another_range", date="2025-12-05")
    assert [row[0] for row in told] == ["Date", "05.12.2025", "06.12.2025"]
    bank.fail("another_range")
    assert len(cells(get(export("2026-12-04", "2026-12-05", "USD"))[1])) == 1


def test_todays_rates(bank: StandInBank, get: Get) -> None:
    """Every row has the newest rates that are not tomorrow's."""
    bank.publish("2025-12-06", {"USD": "507.2"})
    table = changed(bank, "todays_rates")
    assert table == [HEADER, ["04.12.2025", *SECOND[1:]], SECOND]
    for day in ("2025-12-04", "2025-12-05"):
        bank.withdraw(day)
    bank.fail("todays_rates")
    blank = [None] * 4
    assert cells(get(PATH)[1])[1:] == [["04.12.2025", *blank], ["05.12.2025", *blank]]


@pytest.mark.parametrize(
    ("value", "shown"),
    [("-1", -1), ("0", 0), ("1e5", "1e5"), ("nan", "nan"), ("<b>", "<b>"), (None, None)],
)
def test_bad_value(bank: StandInBank, value: str | None, shown: object) -> None:
    """A value is another number, a text, or blank; the others stay."""
    assert changed(bank, "bad_value", value=value) == [
        HEADER,
        [*FIRST[:2], shown, 10, 13.3],
        SECOND,
    ]
    told = changed(bank, "bad_value", value=value, code="AMD", date="2025-12-05")
    assert told == [HEADER, FIRST, [*SECOND[:4], shown]]


def test_bad_cell_among_blanks(bank: StandInBank, get: Get) -> None:
    """The first row with a rate of the code is meant, or the first where there is none."""
    path = export("2025-12-03", "2025-12-05", "USD", "BYN")
    bank.fail("bad_value")
    bank.fail("bad_value", code="BYN")
    bank.fail("bad_value", value="")
    assert [row[2] for row in cells(get(path)[1])] == ["USD", None, -1, 505.53]
    assert [row[4] for row in cells(get(path)[1])] == ["BYN", -1, None, None]
    body = get(path)[1]
    assert b'<c r="C3" t="s">' in part(body, SHEET)  # an empty text is not a blank


@pytest.mark.parametrize(
    ("nominal", "shown"), [("0", 0), ("1.5", 1.5), ("ten", "ten"), (None, None)]
)
def test_bad_nominal(bank: StandInBank, nominal: str | None, shown: object) -> None:
    """A nominal is another number, a text, or blank; the others stay."""
    table = changed(bank, "bad_nominal", nominal=nominal, code="AMD")
    assert table == [HEADER, [*FIRST[:3], shown, 13.3], SECOND]


def test_no_date(bank: StandInBank) -> None:
    """A row with figures has no date."""
    assert changed(bank, "no_date") == [HEADER, [None, *FIRST[1:]], SECOND]
    assert changed(bank, "no_date", date="2025-12-05")[2][0] is None


def test_no_items(bank: StandInBank) -> None:
    """There is a header, and no row."""
    assert changed(bank, "no_items") == [HEADER]
