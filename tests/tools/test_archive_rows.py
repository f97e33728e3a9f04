"""The archive's text: what is a row, what differs, and what the two make together."""

from pathlib import Path

import pytest
from archive_rows import Row, differing, merged, plain, read_rows, report, text_of, write

CSV = Path(__file__).parents[2] / "data" / "official_rates.csv"
HEADER = "date,currency,value,nominal,source\n"
USD = Row("2025-12-05", "USD", "499.65", 1, "rate-watcher")
AMD = Row("2025-12-05", "AMD", "13.14", 10, "rate-watcher")
LVL = Row("2013-12-31", "LVL", "300.96", 1, "rates-all-2016")


def keyed(*rows: Row) -> dict:
    return {row.key: row for row in rows}


@pytest.mark.parametrize(
    ("published", "written"),
    [("74.80", "74.8"), ("3.00", "3"), ("100", "100"), ("0.40", "0.4"), ("4.704", "4.704")],
)
def test_values_are_written_without_trailing_zeros(published, written):
    """2013's 74.80 is 74.8 in the file, and 100 stays a hundred."""
    assert plain(published) == written


def test_the_file_is_read_and_written_to_the_byte():
    """The project's own file is in order, and comes out as it went in."""
    assert text_of(read_rows(str(CSV)).values()) == CSV.read_bytes()


@pytest.mark.parametrize(
    "line",
    [
        "2025-12-05,USD,499.65,1",
        "2025-12-05,USD,499.65,1,a,b",
        "2025-12-05,USD,499.65,1,",
        "05.12.2025,USD,499.65,1,a",
        "20251205,USD,499.65,1,a",
        "2025-13-05,USD,499.65,1,a",
        "2025-12-05,usd,499.65,1,a",
        "2025-12-05,USD,499.650,1,a",
        "2025-12-05,USD,0499.65,1,a",
        "2025-12-05,USD,499.,1,a",
        "2025-12-05,USD,.5,1,a",
        "2025-12-05,USD,5e2,1,a",
        "2025-12-05,USD,-499.65,1,a",
        "2025-12-05,USD,٤٩٩,1,a",
        "2025-12-05,USD,0,1,a",
        "2025-12-05,USD,NaN,1,a",
        "2025-12-05,USD,499.65,0,a",
        "2025-12-05,USD,499.65,1.0,a",
        "2025-12-05,USD,499.65,,a",
        '2025-12-05,"USD",499.65,1,a',
        "",
    ],
)
def test_what_is_no_row_is_named(tmp_path, line):
    """A file that a person has spoiled is not rebuilt, and the line is named."""
    file = tmp_path / "rates.csv"
    file.write_text(f"{HEADER}2025-12-04,USD,500.1,1,a\n{line}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"line 3: .*is no row of the archive"):
        read_rows(str(file))


@pytest.mark.parametrize("line", ["2025-12-04,USD,500.1,1,b", "2025-12-04,EUR,580,1,a"])
def test_rows_out_of_order_are_named(tmp_path, line):
    """A row that comes twice, with whatever figure, or before its turn is not skipped over."""
    file = tmp_path / "rates.csv"
    file.write_text(f"{HEADER}2025-12-04,USD,500.1,1,a\n{line}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"line 3: .*out of order"):
        read_rows(str(file))


def test_another_header_is_named(tmp_path):
    """Columns in another order are not read as if they were these."""
    file = tmp_path / "rates.csv"
    file.write_text("date,currency,nominal,value,source\n", encoding="utf-8")
    with pytest.raises(ValueError, match="line 1"):
        read_rows(str(file))


def test_equal_figures_do_not_differ_however_written():
    """74.80 is 74.8, whichever source it has."""
    one, other = USD._replace(value="74.80"), USD._replace(value="74.8", source="export")
    assert differing(keyed(one), keyed(other)) == []


@pytest.mark.parametrize("change", [{"value": "499.66"}, {"nominal": 10}, {"value": "4996.5"}])
def test_another_value_and_another_nominal_differ(change):
    """Either is another figure; 4996.5 per 10 would be another, too."""
    other = USD._replace(source="export", **change)
    assert differing(keyed(AMD, USD), keyed(AMD, other)) == [(USD, other)]


def test_the_same_rate_for_another_nominal_differs():
    """4996.5 per 10 is the price of a dollar as well, and not what was published."""
    other = USD._replace(value="4996.5", nominal=10)
    assert differing(keyed(USD), keyed(other)) == [(USD, other)]


def test_rows_that_are_here_stay_and_new_ones_take_their_places():
    """A row keeps its source though the bank has it too; what only the file has stays."""
    bank = keyed(USD._replace(source="export"), AMD._replace(source="export"))
    changes = merged(keyed(LVL, USD), bank, lambda row: False)
    assert changes.rows == [LVL, AMD._replace(source="export"), USD]
    assert changes.added == [AMD._replace(source="export")]
    assert (changes.gone, changes.unasked) == ([], [LVL])


def test_what_the_bank_has_no_longer_is_told_from_what_it_was_not_asked_for():
    """Only a row that the bank was asked for can be gone from it."""
    changes = merged(keyed(LVL, USD), {}, lambda row: row.currency == "USD")
    assert (changes.rows, changes.added) == ([LVL, USD], [])
    assert (changes.gone, changes.unasked) == ([USD], [LVL])


def test_report_names_currencies_and_spans():
    """Rows are counted by currency and source, with their first and last day."""
    later = USD._replace(date="2025-12-09", source="export")
    bank = keyed(USD._replace(source="export"), later, AMD)
    changes = merged(keyed(LVL), bank, lambda row: True)
    assert report(changes) == [
        "3 rows added, 4 in all.",
        "",
        "- AMD: 1 row, 2025-12-05 (rate-watcher)",
        "- USD: 2 rows, 2025-12-05 to 2025-12-09 (export)",
        "",
        "1 row that the bank no longer has, and that stay:",
        "",
        "- LVL: 1 row, 2013-12-31 (rates-all-2016)",
    ]


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path):
    """Where it cannot be put in place, the old file and nothing else is there."""
    place = tmp_path / "rates.csv"
    place.mkdir()
    (place / "something").touch()
    with pytest.raises(OSError, match=r"rates\.csv"):
        write(str(place), b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["rates.csv"]
    write(str(tmp_path / "other.csv"), b"new")
    assert (tmp_path / "other.csv").read_bytes() == b"new"
