"""The range export: what is asked, and what is made of the answer."""

import csv
import datetime as dt
import io
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kzt_rates.currency import FACTS
from kzt_rates.errors import FeedError
from kzt_rates.feed import (
    MAX_EXPORT_BYTES,
    export,
    export_codes,
    export_id,
    export_path,
    longest_export_end,
)
from kzt_rates.figures import Received

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
DATA = Path(__file__).parents[2] / "data" / "official_rates.csv"
OLD = dt.date(2013, 4, 24)
CAME = Received(dt.datetime(2026, 8, 21, 7, tzinfo=dt.timezone.utc), dt.date(2026, 8, 21))
HEADER = ("Date", "USD_quant", "USD")
USD = ("24.04.2013", 1, 151.09)  # the bank's figure of 2013-04-24


def cell_xml(cell: object) -> str:
    if cell is None:
        return "<c/>"
    if isinstance(cell, bytes):
        return cell.decode()
    if isinstance(cell, str):
        return f'<c t="inlineStr"><is><t>{escape(cell)}</t></is></c>'
    return f"<c><v>{cell!r}</v></c>"


def xlsx(*rows: tuple) -> bytes:
    """Write rows: a text, a number, `None` for a blank, or a cell's XML as bytes."""
    inside = "".join(f"<row>{''.join(map(cell_xml, row))}</row>" for row in rows)
    related = f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r" Type="{OFFICE}/'
    contents = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
        "_rels/.rels": f'{related}officeDocument" Target="xl/book.xml"/></Relationships>',
        "xl/_rels/book.xml.rels": f'{related}worksheet" Target="sheet.xml"/></Relationships>',
        "xl/book.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet r:id="r"/>'
        "</sheets></workbook>",
        "xl/sheet.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{inside}</sheetData></worksheet>',
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in contents.items():
            package.writestr(name, content)
    return file.getvalue()


def read(*rows: tuple, codes=("USD",), start=OLD, end=OLD) -> list:
    return export.read(xlsx(*rows), codes, start, end, CAME)


def figures(days: list) -> dict:
    return {
        day.date.isoformat(): {code: (f.value, f.nominal) for code, f in day.figures.items()}
        for day in days
    }


def test_the_days_of_2013_come_with_the_nominals_of_their_time():
    """HUF, UZS and the Belarusian rouble were quoted per 1 then, whatever the daily feed says."""
    header = ("Date", "HUF_quant", "HUF", "UZS_quant", "UZS", "BYN_quant", "BYN", *HEADER[1:])
    row = ("24.04.2013", 1, 0.65, 1, 0.07, 1, 0.02, *USD[1:])
    (day,) = read(header, row, codes=["HUF", "UZS", "BYR", "USD"])
    assert figures([day]) == {
        "2013-04-24": {
            "HUF": ("0.65", 1), "UZS": ("0.07", 1), "USD": ("151.09", 1), "BYR": ("0.02", 1),
        }
    }  # fmt: skip
    dollar = day.figures["USD"]
    assert (dollar.feed, dollar.change, dollar.name) == ("export", None, None)
    assert (day.complete, day.refused) == (False, {})


@pytest.mark.parametrize(
    ("code", "column", "day", "stored"),
    [
        ("BYR", "BYN", "2016-07-01", "BYR"),
        ("BYN", "BYN", "2016-07-01", "BYR"),
        ("BYR", "BYN", "2016-07-02", "BYN"),
        ("RUB", "RUB", "1997-12-31", "RUR"),
        ("RUR", "RUR", "1997-12-31", "RUR"),
        ("RUR", "RUB", "1998-01-01", "RUB"),
        ("RUB", "RUR", "1998-01-01", "RUB"),
        ("TRY", "TRY", "2005-01-06", "TRY"),
    ],
)
def test_a_figure_has_the_code_of_its_day(code, column, day, stored):
    """The export knows one Belarusian and one Russian rouble; there were two of each."""
    on = dt.date.fromisoformat(day)
    nominal = 100 if stored == "BYR" else 1
    row = (f"{day[8:]}.{day[5:7]}.{day[:4]}", nominal, 2.5)
    days = read(("Date", f"{column}_quant", column), row, codes=[code], start=on, end=on)
    assert figures(days) == {day: {stored: ("2.5", nominal)}}


def test_a_turkish_figure_of_before_the_new_lira_is_refused_alone():
    """It cannot be told from the old lira, a million of which were one new."""
    start = dt.date(2005, 1, 5)
    days = read(
        ("Date", "TRY_quant", "TRY", *HEADER[1:]),
        ("05.01.2005", 1, 97.5, 1, 130.5),
        ("06.01.2005", 1, 96.5, None, None),
        codes=["TRY", "USD"], start=start, end=dt.date(2005, 1, 6),
    )  # fmt: skip
    assert figures(days) == {
        "2005-01-05": {"USD": ("130.5", 1)}, "2005-01-06": {"TRY": ("96.5", 1)},
    }  # fmt: skip
    assert [list(day.refused) for day in days] == [["TRY"], []]
    assert "97.5 per 1" in days[0].refused["TRY"].reason


def test_a_day_with_nothing_but_a_refusal_is_still_told():
    """Who asked for the lira learns why there is none."""
    on = dt.date(2004, 1, 1)
    (day,) = read(
        ("Date", "TRY_quant", "TRY"), ("01.01.2004", 1, 97.5), codes=["TRY"], start=on, end=on
    )
    assert (day.figures, list(day.refused)) == ({}, ["TRY"])


@pytest.mark.parametrize(
    ("column", "day", "nominal", "code", "why"),
    [
        ("UAH", "31.08.1996", 1, "UAH", "the hryvnia began on 1996-09-02"),
        ("BYN", "31.12.1999", 1, "BYR", "BYR was the unit from 2000-01-01"),
        # a thousand are of the old rouble, whatever the day
        ("RUB", "01.01.1998", 1000, "RUB", "the rouble was redenominated on 1998-01-01"),
        ("USD", "24.04.2013", 999, "USD", "1, 10, 100 and so on"),
        ("USD", "24.04.2013", 999_999_999, "USD", "1, 10, 100 and so on"),
    ],
)
def test_a_figure_of_another_unit_or_lot_is_refused_alone(column, day, nominal, code, why):
    """Before a unit existed, or for a lot that the bank never quotes, the rest of a row stays."""
    header = ("Date", "CHF_quant", "CHF", f"{column}_quant", column)
    on = dt.date(*map(int, reversed(day.split("."))))
    row = (day, 1, 75.5, nominal, 2.5)
    (found,) = read(header, row, codes=["CHF", column], start=on, end=on)
    assert figures([found]) == {str(on): {"CHF": ("75.5", 1)}}
    ((refused, refusal),) = found.refused.items()
    assert refused == code
    assert f"2.5 per {nominal}" in refusal.reason
    assert why in refusal.reason


@pytest.mark.parametrize(
    ("nominal", "value", "printed"),
    [
        (1, 151.09, ("151.09", 1)),
        ("1", "151.09", ("151.09", 1)),
        (b"<c><v>1.0</v></c>", b"<c><v>151.09000000000000341</v></c>", ("151.09", 1)),
        (b"<c><v>1E1</v></c>", b"<c><v>1.5109E2</v></c>", ("151.09", 10)),
        (1000.0, 3.0, ("3", 1000)),
        (1, 74.80, ("74.8", 1)),
        ("1", "74.80", ("74.80", 1)),
        (1, 4.704, ("4.704", 1)),
        (10000, 7e-05, ("0.00007", 10000)),
    ],
)
def test_a_figure_has_the_digits_of_the_bank(nominal, value, printed):
    """Of a text its own, of a number the fewest that mean it."""
    # the day before the first whole sheet on record: from then on another lot is refused alone
    on = dt.date(2013, 4, 23)
    found = read(HEADER, ("23.04.2013", nominal, value), start=on, end=on)
    assert figures(found) == {"2013-04-23": {"USD": printed}}


@pytest.mark.parametrize(
    "value",
    [0, 0.0, -1.5, "0", "0.00", "-1", "+1", "", " 1", "1 ", "1,5", "1.", ".5", "1e5", "1E5", "nan",
     "１", "٣", "1_0", "1|1", "1;2", ";", "9" * 16, "n/a", 1e15, 1e300, 0.1 + 0.2, 1e-11, None,
     b'<c t="b"><v>1</v></c>', b'<c t="e"><v>#N/A</v></c>', b"<c><f>A1</f><v>1</v></c>",
     b'<c t="d"><v>2013-04-24</v></c>', b"<c><v>1e999</v></c>"],
)  # fmt: skip
def test_a_value_is_plain_digits_above_zero(value):
    """Any other value, or none beside its nominal, refuses the export."""
    with pytest.raises(FeedError):
        read(HEADER, ("24.04.2013", 1, value))


@pytest.mark.parametrize(
    "nominal", [0, -1, 1.5, "0", "1.0", "1e2", "ten", "１", " 1", 1e9, None,
                b'<c t="b"><v>1</v></c>', b'<c t="e"><v>#REF!</v></c>', b"<c><f>1</f></c>"],
)  # fmt: skip
def test_a_nominal_is_a_whole_number_above_zero(nominal):
    """Any other nominal, or none beside its value, refuses the export."""
    with pytest.raises(FeedError):
        read(HEADER, ("24.04.2013", nominal, 151.09))


@pytest.mark.parametrize(
    "written", ["24.04.2013", 41388, 41388.0, b'<c t="d"><v>2013-04-24T00:00:00</v></c>']
)
def test_a_date_may_be_a_text_or_excel_s(written):
    """41388 days after 1899-12-30 is 2013-04-24."""
    assert dt.date(1899, 12, 30) + dt.timedelta(41388) == OLD
    assert list(figures(read(HEADER, (written, 1, 151.09)))) == ["2013-04-24"]


@pytest.mark.parametrize(
    "written",
    [None, "", " ", "2013-04-24", "24.04.13", "24/04/2013", "4.24.2013", "31.04.2013",
     "24.04.2013 ", "24.04.2013 00:00", "Итого", 41388.5, 0, -1, 1e300, 20130424, "041388",
     b'<c t="b"><v>1</v></c>', b'<c t="d"><v>2013-04-24T12:00:00</v></c>'],
)  # fmt: skip
def test_any_other_date_refuses_the_export(written):
    """A row of figures belongs to a date that cannot be mistaken."""
    with pytest.raises(FeedError):
        read(HEADER, (written, 1, 151.09))


@pytest.mark.parametrize("day", ["23.04.2013", "25.04.2013", "24.04.2014", 41387, 1])
def test_a_date_that_was_not_asked_for_refuses_the_export(day):
    """The bank answered another question."""
    with pytest.raises(FeedError):
        read(HEADER, USD, (day, 1, 151.09))


def test_rows_come_in_any_order_with_gaps_and_blanks():
    """Days come out in order; a row of a date without figures is a day, one without a date none."""
    days = read(
        (None, None, None),
        (*HEADER, "EUR", "EUR_quant"),
        ("30.04.2013", 1, 151.3, None, None),
        (None, None),
        ("24.04.2013", 1, 151.09, 196.13, 1),
        ("27.04.2013",),
        ("28.04.2013", None, None, "", None),
        (),
        codes=["USD", "EUR"], end=dt.date(2013, 4, 30),
    )  # fmt: skip
    assert figures(days) == {
        "2013-04-24": {"USD": ("151.09", 1), "EUR": ("196.13", 1)},
        "2013-04-27": {},
        "2013-04-28": {},
        "2013-04-30": {"USD": ("151.3", 1)},
    }
    assert all(day.final and not day.complete for day in days)
    assert read(HEADER) == []


@pytest.mark.parametrize("heading", ["Date", "DATE", " date ", "Дата", "ДАТА"])
def test_the_date_column_may_be_written_in_other_ways(heading):
    """Case, blanks around it, and Russian change nothing."""
    assert len(read((heading, *HEADER[1:]), USD)) == 1


@pytest.mark.parametrize(
    "header",
    [
        (),
        ("Date",),
        ("Date", "USD"),
        ("Date", "USD_quant"),
        ("Date", "USD_quant", "EUR"),
        ("Date", "EUR_quant", "EUR"),
        ("Date", "usd_quant", "usd"),
        ("Date", "USD_quant", "USD "),
        ("Date", "USD_quant", "USD_quant"),
        ("Date", "USD", "USD"),
        ("Date", "USD_quant", "USD", "EUR_quant", "EUR"),
        ("Date", "USD_quant", "USD", "USD_quant", "USD"),
        ("Date", "USD_quant", "USD", "comment"),
        ("Date", "USD_quant", None, "USD"),
        ("Date", 1, 2),
        ("Day", "USD_quant", "USD"),
        ("Дата курса", "USD_quant", "USD"),
        (None, "USD_quant", "USD"),
        (41388, "USD_quant", "USD"),
        ("USD_quant", "USD", "Date"),
        ("Официальные курсы",),
        ("24.04.2013", 1, 151.09),
    ],
)
def test_a_header_of_other_columns_refuses_the_export(header):
    """A date, and a nominal and a value of each currency that was asked for: no more, no less."""
    with pytest.raises(FeedError):
        read(header, USD)


def test_a_column_that_is_there_twice_is_named():
    """The refusal says which."""
    with pytest.raises(FeedError, match="the column USD twice"):
        read(("Date", "USD", "USD"), USD)


def test_both_codes_of_the_rouble_in_one_header_are_refused():
    """RUR is RUB there, so that one of them is there twice."""
    row = ("24.04.2013", 1, 4.76, 1, 4.76)
    with pytest.raises(FeedError):
        read(("Date", "RUB_quant", "RUB", "RUR_quant", "RUR"), row, codes=["RUB", "RUR"])


@pytest.mark.parametrize(
    "rows",
    [
        (USD, USD),
        (USD, (41388, 1, 151.09)),
        (USD, (None, 1, 151.09)),
        ((*USD, 1),),
        (USD, *[()] * 100, USD),
    ],
)
def test_rows_that_contradict_or_exceed_refuse_the_export(rows):
    """A date twice, figures of no date, more columns or rows than can be."""
    with pytest.raises(FeedError):
        read(HEADER, *rows)


@pytest.mark.parametrize(
    "body", [b"", b"<!DOCTYPE html><html><body>Error</body></html>", b"PK\3\4"]
)
def test_a_refusal_shows_what_came(body):
    """HTML with 200 is how the bank says that something is wrong."""
    with pytest.raises(FeedError) as caught:
        export.read(body, ["USD"], OLD, OLD, CAME)
    assert caught.value.excerpt == {b"": "b''", b"PK\3\4": "PK"}.get(body, body.decode())


def test_a_body_beyond_the_bound_is_not_looked_into():
    """A true export is fifteen times smaller."""
    with pytest.raises(FeedError, match="more than 8388608 bytes"):
        export.read(b"PK\3\4" + bytes(MAX_EXPORT_BYTES), ["USD"], OLD, OLD, CAME)


def test_the_ids_are_those_of_the_form():
    """A few compared by hand, each once; those of the past share an id, others have none."""
    ids = {code: facts.export_id for code, facts in FACTS.items() if facts.export_id}
    assert len(set(ids.values())) == 39
    known = {"AUD": 1, "USD": 5, "EUR": 6, "CNY": 8, "RUB": 16, "XDR": 17, "SGD": 18, "JPY": 26,
             "BYN": 38, "TRY": 41, "MXN": 54, "BYR": 38, "RUR": 16}  # fmt: skip
    assert {code: export_id(code) for code in known} == known
    none = ["TRL", "EEK", "LVL", "LTL", "KZT", "usd", "EGP", "IDR", "ILS", "MNT", "OMR", "PKR",
            "QAR", "RON", "VND"]  # fmt: skip
    assert [code for code in none if export_id(code) is not None] == []
    assert set(export_codes()) == set(ids)
    assert (ids["BYR"], ids["RUR"]) == (ids["BYN"], ids["RUB"])


def test_a_question_names_each_id_once_in_order():
    """The same question is written in the same way, whatever the order and the codes."""
    start, end = dt.date(2014, 1, 1), dt.date(2017, 12, 31)
    asked = export_path(["BYR", "USD", "BYN", "AUD"], start, end)
    assert asked == (
        "/ru/exchangerates/ezhednevnye-oficialnye-rynochnye-kursy-valyut/excel"
        "?beginDate=01.01.2014&endDate=31.12.2017&rates[]=1&rates[]=5&rates[]=38"
    )
    assert export_path(("AUD", "BYN", "USD"), start, end) == asked


@pytest.mark.parametrize(
    ("codes", "start", "end"),
    [
        ([], "2016-01-01", "2016-01-01"),
        (["USD", "EEK"], "2016-01-01", "2016-01-01"),
        (["usd"], "2016-01-01", "2016-01-01"),
        (["USD"], "2016-01-02", "2016-01-01"),
        (["USD"], "2016-01-01", "2020-01-01"),
        (["USD"], "2016-02-29", "2020-02-29"),
        (["USD"], "2017-03-01", "2021-03-01"),
        (["USD"], "2096-02-29", "2100-03-01"),
    ],
)
def test_a_question_that_cannot_be_asked_is_a_value_error(codes, start, end):
    """No code, one without an id, an end before the start, more than four years."""
    with pytest.raises(ValueError, match=r"."):
        export_path(codes, dt.date.fromisoformat(start), dt.date.fromisoformat(end))


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("1993-11-15", "1997-11-14"),
        ("2016-01-01", "2019-12-31"),
        ("2016-02-29", "2020-02-28"),
        ("2096-02-29", "2100-02-28"),
        ("9998-01-01", "9999-12-31"),
    ],
)
def test_four_years_are_the_longest_question(start, end):
    """Up to the day before the same date four years on."""
    longest = longest_export_end(dt.date.fromisoformat(start))
    assert longest == dt.date.fromisoformat(end)
    assert export_path(["USD"], dt.date.fromisoformat(start), longest)


def figures_on_record(start: str, end: str) -> "dict[str, dict[str, tuple[str, int]]]":
    found: dict[str, dict[str, tuple[str, int]]] = {}
    with DATA.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if start <= row["date"] <= end and export_id(row["currency"]):
                figure = (row["value"], int(row["nominal"]))
                found.setdefault(row["date"], {})[row["currency"]] = figure
    return found


@pytest.mark.parametrize("kind", ["numbers", "texts", "dates"])
def test_a_year_of_the_bank_written_by_openpyxl_comes_back_to_the_digit(kind):
    """All figures on record from the summer of 2025 on, as another program writes them."""
    known = figures_on_record("2025-07-01", "2026-07-07")
    codes = sorted({code for rates in known.values() for code in rates})
    assert len(codes) == 39
    assert len(known) > 250
    book = openpyxl.Workbook(write_only=kind == "dates")
    page = book.create_sheet() if kind == "dates" else book.active
    page.append(["Date", *(name for code in codes for name in (f"{code}_quant", code))])
    for day, rates in known.items():
        on = dt.date.fromisoformat(day)
        row = [on if kind == "dates" else on.strftime("%d.%m.%Y")]
        for code in codes:
            value, nominal = rates.get(code, (None, None))
            if value is not None and kind == "numbers":
                value = float(value)
            row += [nominal, value]
        page.append(row)
    file = io.BytesIO()
    book.save(file)
    book.close()
    days = export.read(file.getvalue(), codes, dt.date(2025, 7, 1), dt.date(2026, 7, 7), CAME)
    assert figures(days) == known


@settings(max_examples=200)
@given(st.decimals("0.0001", "99999999", places=4), st.booleans())
def test_a_number_however_written_is_the_value_that_was_published(value, has_exponent):
    """Any value of the bank's size survives being a double, with all its digits or an exponent."""
    written = f"{value:E}" if has_exponent else f"{float(value):.17g}"
    (day,) = read(HEADER, ("24.04.2013", 1, f"<c><v>{written}</v></c>".encode()))
    assert day.figures["USD"].value == f"{value.normalize():f}"


@settings(max_examples=100)
@given(
    st.lists(
        st.lists(
            st.sampled_from(["Date", "USD_quant", "USD", "24.04.2013", "1", 1, 151.09, None, ""]),
            max_size=4,
        ).map(tuple),
        max_size=4,
    )
)
def test_any_rows_are_days_of_the_question_or_a_feed_error(rows):
    """Whatever is in which cell, nothing is made up."""
    try:
        days = read(*rows)
    except FeedError:
        return
    for day in days:
        assert day.date == OLD
        assert {(f.value, f.nominal) for f in day.figures.values()} <= {("151.09", 1), ("1", 1)}
