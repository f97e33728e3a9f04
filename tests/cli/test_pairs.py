"""`convert --pairs`: the rows of a file, each at the rate of its own date."""

import csv
import io
from decimal import Context, Decimal
from pathlib import Path
from typing import Any

import pytest

from kzt_rates.testing import SettableClock, StandInBank

Figures = dict[str, dict[str, tuple[str, int]]]
HEAD = "invoice,amount,base,date,quote\n"


@pytest.fixture
def convert(run: Any, tmp_path: Path) -> Any:
    """Convert a file with some text, or some bytes."""

    def convert_text(text: str | bytes, *options: str) -> Any:
        file = tmp_path / "rows.csv"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return run("convert --pairs", str(file), *options)

    return convert_text


def rows(text: str, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(text), delimiter=delimiter))


def test_rows_come_back_with_three_columns(convert: Any, figures: Figures) -> None:
    """Each row is as it was, followed by the amount converted, the rate, and its effective date."""
    said = convert(
        HEAD + "A-1,100,USD,2025-12-05,\n"
        '"A, 2",12.50,eur,05.12.2025,KZT\nA-3,1000,USD,2025-12-05,EUR\nA-4,7,KZT,2025-12-05,KZT\n'
    )
    assert (said.status, said.err) == (0, "")
    usd, eur = (Decimal(figures["2025-12-05"][code][0]) for code in ("USD", "EUR"))
    cross = Context(prec=28).divide(usd, eur)
    thousand = str(cross.scaleb(3))
    assert rows(said.out) == [
        [*HEAD.strip().split(","), "converted", "rate", "effective_date"],
        ["A-1", "100", "USD", "2025-12-05", "", "49965", str(usd), "2025-12-05"],
        ["A, 2", "12.50", "eur", "05.12.2025", "KZT", "7286.125", str(eur), "2025-12-05"],
        ["A-3", "1000", "USD", "2025-12-05", "EUR", thousand, str(cross), "2025-12-05"],
        ["A-4", "7", "KZT", "2025-12-05", "KZT", "7", "1", "2025-12-05"],
    ]


def test_a_row_is_what_convert_says(convert: Any, run: Any) -> None:
    """A row has the figures that `convert` gives for its amount and date, to the digit."""
    said = convert("12.345,USD,2025-12-05,EUR\n-3,KZT,2016-01-04,USD\n", "--places", "2")
    for row, line in zip(
        rows(said.out),
        ("12.345 USD EUR --on 2025-12-05", "-3 KZT USD --on 2016-01-04"),
        strict=True,
    ):
        alone = rows(run(f"convert {line} --places 2 --format csv").out)[1]
        assert row[4:6] == alone[3:5]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_without_a_head_and_with_other_delimiters(convert: Any, delimiter: str) -> None:
    """Without a head the columns are amount, base, date and quote; the delimiter is the file's."""
    text = "100,USD,2025-12-05,EUR\r\n5,EUR,2025-12-05\r\n".replace(",", delimiter)
    said = convert("\ufeff" + text, "--places", "2")
    assert (said.status, said.err) == (0, "")
    assert [row[4::2] for row in rows(said.out, delimiter)] == [
        ["85.72", "2025-12-05"],
        ["2914.45", "2025-12-05"],
    ]


def test_delimiter_of_quoted_cells(convert: Any) -> None:
    """What stands between quotes is text, and no delimiter of the file."""
    said = convert('"amount";"base";"date";"note, or two, or\nthree"\n100;USD;2025-12-05;a\n')
    assert (said.status, said.err) == (0, "")
    assert said.out.endswith("\n100;USD;2025-12-05;a;49965;499.65;2025-12-05\n")
    said = convert('"1,250,000";USD;2025-12-05\n')
    assert "invalid amount '1,250,000'" in said.err


def test_breaks_within_a_cell(convert: Any) -> None:
    """A cell with a break of lines of any system comes back as one cell."""
    notes = ["a\rb", "a\nb", "a\r\nb"]
    text = "".join(f'"{note}",1,USD,2025-12-05\n' for note in notes)
    said = convert(f"note,amount,base,date\n{text}")
    assert (said.status, said.err) == (0, "")
    read = list(csv.reader(io.StringIO(said.out, newline="")))
    assert [(len(row), row[0]) for row in read[1:]] == [(7, note) for note in notes]


def test_stdin(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dash reads the rows from stdin."""

    class Stdin:
        buffer = io.BytesIO(b"100,USD,2025-12-05\n")

    monkeypatch.setattr("sys.stdin", Stdin())
    said = run("convert --pairs -")
    assert said == (0, "100,USD,2025-12-05,49965,499.65,2025-12-05\n", "")
    monkeypatch.setattr("sys.stdin", None)
    assert run("convert --pairs -").status == 2


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("1 000,USD,2025-12-05", "invalid amount '1 000': write 1250 or 1250.50"),
        ("USD,1,2025-12-05", "invalid amount 'USD'"),
        ("1,USX,2025-12-05", "unknown currency 'USX'"),
        ("1,,2025-12-05", "unknown currency ''"),
        ("1,USD,5.12.25", "a date is written 2025-12-05 or 05.12.2025, not '5.12.25'"),
        ("1,USD", "a date is written 2025-12-05 or 05.12.2025, not ''"),
        ("1,USD,2025-12-05,EUR,more", "it has 5 cells, and there are 3 columns"),
        ("1,BYR,2025-12-05", "BYR"),
        ("1,USD,2030-01-01", "2030-01-01"),
        ('1,USD,"2025-12-05', "it is no row of CSV"),
    ],
)
def test_a_bad_row(convert: Any, clock: SettableClock, row: str, why: str) -> None:
    """A bad row ends it with its number and status 3; the rows before are written, none after."""
    said = convert(f"5,EUR,2025-12-05\n\n{row}\n7,EUR,2025-12-05\n")
    assert said.status == 3
    assert said.out == "5,EUR,2025-12-05,2914.45,582.89,2025-12-05\n"
    assert said.err.startswith("kzt-rates: row 3 of ")
    assert why in said.err
    assert said.err.count("\n") == 1


def test_a_row_that_needs_a_bank_out_of_reach(convert: Any) -> None:
    """Where the bank would be needed and offline is on, the status is 4, with the row's number."""
    said = convert("5,EUR,2025-12-05\n5,EUR,2025-11-30\n", "--offline")
    assert (said.status, said.out.count("\n")) == (4, 1)
    assert "row 2 of" in said.err
    assert "offline is on" in said.err


@pytest.mark.parametrize(
    ("head", "why"),
    [
        ("amount,base", "the first row lacks date; it names amount and base"),
        ("date,quote,x", "the first row lacks amount and base"),
        ("amount,base,date,base", "the head has a column base too many"),
        ("amount,base,date,rate", "the head has a column rate too many"),
    ],
)
def test_a_bad_head(convert: Any, head: str, why: str) -> None:
    """A head that lacks a column, or has one that is to be added, is a bad row, too."""
    said = convert(f"{head}\n1,USD,2025-12-05\n")
    assert (said.status, said.out) == (3, "")
    assert "row 1 of" in said.err
    assert why in said.err


def test_few_questions(convert: Any, bank: StandInBank, clock: SettableClock) -> None:
    """Rows of many days share one question, asked before the first of them."""
    clock.set("2026-03-05T12:00+05:00")
    text = "".join(f"1,{code},2025-12-0{day}\n" for day in range(1, 7) for code in ("USD", "EUR"))
    said = convert(text)
    assert (said.status, said.err) == (0, "")
    assert said.out.count("\n") == 12
    assert len(bank.requests) == 1
    assert {*bank.requests[0].codes} == {"USD", "EUR"}


def test_missing_previous(convert: Any, bank: StandInBank, figures: Figures) -> None:
    """With --missing previous a day without a rate has that of the day before, and says so."""
    bank.withdraw("2025-12-04")
    assert convert("1,USD,2025-12-04\n").status == 3
    said = convert("1,USD,2025-12-04\n", "--missing", "previous")
    usd = figures["2025-12-03"]["USD"][0]
    assert rows(said.out) == [["1", "USD", "2025-12-04", usd, usd, "2025-12-03"]]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["1", "USD"], "give --pairs FILE or AMOUNT BASE, not both"),
        (["--on", "2025-12-05"], "--pairs takes no --on: each row has its date"),
        (["--format", "json"], "--pairs writes csv, not json"),
        (["--exact"], "--pairs takes no --exact"),
        (["--language", "ru"], "--pairs takes no --language"),
    ],
)
def test_what_does_not_go_together(convert: Any, words: list[str], why: str) -> None:
    """What says nothing about a file is a usage error beside it."""
    said = convert("1,USD,2025-12-05\n", *words)
    assert (said.status, said.out) == (2, "")
    assert why in said.err


def test_files_that_cannot_be_read(run: Any, convert: Any, tmp_path: Path) -> None:
    """A file that is not there, not text or empty is one line, with its name."""
    for name, status, why in (
        ("missing.csv", 1, "no such file"),
        (".", 1, "is a directory"),
    ):
        said = run("convert --pairs", str(tmp_path / name))
        assert (said.status, said.out) == (status, "")
        assert said.err.startswith("kzt-rates: --pairs ")
        assert why in said.err
    for encoding in ("utf-16", "utf-16-le", "utf-16-be"):
        said = convert("amount,base,date\n1,USD,2025-12-05\n".encode(encoding))
        assert (said.status, said.out) == (1, "")
        assert "it is not UTF-8" in said.err
    assert (convert("\n \n").status, convert("").status) == (2, 2)
    assert convert("amount,base,date\n").out == "amount,base,date,converted,rate,effective_date\n"
