import csv
import io
import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from kzt_rates.testing import StandInBank

Figures = dict[str, dict[str, tuple[str, int]]]
YEAR = "history USD --start 2016-01-01 --end 2016-12-31 --offline"
COMMANDS = [YEAR, "sheet 2025-12-05", "latest"]


def check_one_line(said: Any, status: int, *parts: str) -> None:
    assert (said.status, said.out, said.err.count("\n")) == (status, "", 1)
    for part in parts:
        assert part in said.err


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("form", ["table", "json", "csv"])
def test_as_on_stdout(
    run: Any, request: pytest.FixtureRequest, tmp_path: Path, command: str, form: str
) -> None:
    """A file has what would be on stdout, to the byte, and stdout has nothing."""
    if command != YEAR:
        request.getfixturevalue("bank")
        run(command)  # what comes next is of the cache
    shown = run(f"{command} --format {form}")
    file = tmp_path / "folder" / "answer"
    file.parent.mkdir()
    for _ in range(2):  # the second time over the first
        assert run(f"{command} --format {form} --output", str(file)) == (0, "", "")
        assert file.read_bytes().decode() == shown.out
    assert len(shown.out.splitlines()) > 39
    assert list(file.parent.iterdir()) == [file]


def test_history_reads_back(run: Any, tmp_path: Path, figures: Figures) -> None:
    """CSV, JSON and Parquet of a year read back are the bank's figures, no digit changed."""
    expected = [
        (day, Decimal(rates["USD"][0])) for day, rates in figures.items() if day[:4] == "2016"
    ]
    for form in ("csv", "json", "parquet"):
        assert run(f"{YEAR} --format {form} --output", str(tmp_path / form)) == (0, "", "")
    rows = csv.reader(io.StringIO((tmp_path / "csv").read_text(encoding="utf-8")))
    assert next(rows) == ["date", "rate"]
    assert [(day, Decimal(rate)) for day, rate in rows] == expected
    document = json.loads((tmp_path / "json").read_text(encoding="utf-8"))
    assert [(row["date"], Decimal(row["rate"])) for row in document["rates"]] == expected
    table = pq.read_table(tmp_path / "parquet").to_pylist()
    assert [(str(row["date"]), row["rate"]) for row in table] == expected


def test_sheet_in_parquet(run: Any, bank: StandInBank, figures: Figures, tmp_path: Path) -> None:
    """A sheet in Parquet has the bank's digits, its date, and that it is provisional."""
    for command in ("sheet 2025-12-06", "latest"):
        file = tmp_path / "sheet.parquet"
        assert run(f"{command} --format parquet --output", str(file)) == (0, "", "")
        rows = pq.read_table(file).to_pylist()
        assert {str(row["date"]) for row in rows} == {"2025-12-06"}
        assert all(row["provisional"] for row in rows)
        assert {row["currency"]: (row["value"], row["nominal"]) for row in rows} == {
            code: (Decimal(value), nominal)
            for code, (value, nominal) in figures["2025-12-06"].items()
        }


@pytest.mark.parametrize("command", COMMANDS)
def test_the_ending_is_the_format(
    run: Any, request: pytest.FixtureRequest, tmp_path: Path, command: str
) -> None:
    """Without --format a file's ending, in any case, is the format of what is written."""
    if command != YEAR:
        request.getfixturevalue("bank")
        run(command)
    for form, ending in (("csv", "csv"), ("json", "JSON"), ("parquet", "parquet")):
        chosen, by_ending = tmp_path / "chosen", tmp_path / f"usd.2.{ending}"
        assert run(f"{command} --format {form} --output", str(chosen)) == (0, "", "")
        assert run(f"{command} --output", str(by_ending)) == (0, "", "")
        assert by_ending.read_bytes() == chosen.read_bytes()
    assert run(f"{command} --format table --output", str(tmp_path / "usd.txt")) == (0, "", "")
    assert (tmp_path / "usd.txt").read_text("utf-8") == run(command).out


@pytest.mark.parametrize("command", ["history USD --last 3d", "sheet", "latest"])
@pytest.mark.parametrize(
    ("file", "options", "part"),
    [
        ("usd.xlsx", "", "cannot write .xlsx files; use .csv, .json or .parquet"),
        ("usd.csv.gz", "", "cannot write .gz files"),
        ("usd.xlsx", " --format csv", "cannot write .xlsx files"),
        ("usd.csv", " --format json", "the ending .csv contradicts --format json"),
        ("usd.CSV", " --format table", "contradicts --format table"),
        ("usd.json", " --format parquet", "contradicts --format parquet"),
        ("usd.txt", " --format csv", "contradicts --format csv"),
        ("usd.txt", "", "unknown format; use a file .csv, .json or .parquet, or add --format"),
        ("usd", "", "unknown format"),
        (".csv", "", "unknown format"),
    ],
)
def test_a_wrong_ending(
    run: Any, bank: StandInBank, tmp_path: Path, command: str, file: str, options: str, part: str
) -> None:
    """An ending that contradicts the format or that has no writer is wrong usage, unasked."""
    said = run(f"{command}{options} --output", str(tmp_path / file))
    check_one_line(said, 2, file, part)
    assert bank.requests == ()
    assert list(tmp_path.iterdir()) == []


def test_a_picture_is_no_answer(run: Any, bank: StandInBank, tmp_path: Path) -> None:
    """Where --output names a picture, the option for pictures is named."""
    said = run("history USD --last 3d --output", str(tmp_path / "usd.png"))
    check_one_line(said, 2, "a picture needs --plot FILE")
    check_one_line(run("sheet --output", str(tmp_path / "usd.png")), 2, "cannot write .png files")
    assert bank.requests == ()


@pytest.mark.parametrize("command", ["history USD --last 3d", "sheet", "latest"])
def test_no_folder_is_noticed_first(
    run: Any, bank: StandInBank, tmp_path: Path, command: str
) -> None:
    """Where there is no folder for the file, the bank is not asked in vain."""
    check_one_line(run(f"{command} --output", str(tmp_path / "no" / "a.csv")), 1, "a.csv")
    assert bank.requests == ()


@pytest.mark.parametrize("command", ["history USD --last 3d", "sheet", "latest"])
@pytest.mark.parametrize("options", ["--format parquet", "--output -", "--format csv --output -"])
def test_wrong_usage(run: Any, bank: StandInBank, command: str, options: str) -> None:
    """Parquet without a file, or a file that is none, is wrong usage; the bank is not asked."""
    check_one_line(run(f"{command} {options}"), 2, "--output")
    assert bank.requests == ()


def test_dates_are_still_checked(run: Any, tmp_path: Path) -> None:
    """A range that ends before it starts is wrong usage with a file, too."""
    line = "history USD --start 2025-12-05 --end 2025-12-01 --output"
    check_one_line(run(line, str(tmp_path / "a.csv")), 2, "ends before it starts")


@pytest.mark.parametrize(
    "command", ["ticker 2025-12-05", "convert 1 USD", "currencies", "cache info"]
)
def test_other_commands(run: Any, command: str) -> None:
    """Other commands say that they do not know the option."""
    check_one_line(run(f"{command} --output a.csv"), 2, "--output")


@pytest.mark.parametrize("form", ["table", "json", "csv", "parquet"])
def test_places_that_cannot_be(run: Any, tmp_path: Path, form: str) -> None:
    """A directory that is not there, or a directory, is status 1 and one line with its name."""
    for place in (tmp_path / "no" / "file", tmp_path):
        check_one_line(run(f"{YEAR} --format {form} --output", str(place)), 1, str(place))
    assert list(tmp_path.iterdir()) == []


def test_no_answer_leaves_the_file(run: Any, bank: StandInBank, tmp_path: Path) -> None:
    """Where there is nothing to write, what was there before stays."""
    file = tmp_path / "usd.csv"
    file.write_text("old")
    bank.withdraw("2025-12-03")
    line = "history USD --start 2025-12-03 --end 2025-12-03 --format csv --output"
    check_one_line(run(line, str(file)), 3, "no official rate")
    bank.fail("status", times=None, status=404)
    check_one_line(run("sheet 2025-12-04 --output", str(file)), 4, "404")
    assert file.read_text() == "old"


@pytest.mark.parametrize("command", ["history USD --last 3d", "sheet", "latest"])
def test_without_pyarrow(
    run: Any, bank: StandInBank, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str
) -> None:
    """Where the extra is missing, the line to type is said before the bank is asked."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    said = run(f"{command} --format parquet --output", str(tmp_path / "a"))
    check_one_line(said, 1, "kzt-rates: this needs pyarrow", "'pyarrow>=18'")
    assert bank.requests == ()
    assert run(f"{command} --format csv --output", str(tmp_path / "a")).status == 0


def test_letters_are_utf_8(start: Any, bank: StandInBank, tmp_path: Path) -> None:
    """A file is UTF-8 whatever the terminal's encoding: nothing is escaped or replaced in it."""
    file = tmp_path / "sheet"
    for options, name in (("--format json", "доллар США"), ("--format table --language kk", "АҚШ")):
        line = f"sheet 2025-12-05 {options} --output {file}"
        process = start(line, PYTHONIOENCODING="ascii")
        assert process.communicate(timeout=60) == (b"", b"")
        assert name in file.read_bytes().decode()


def test_stdout_as_a_file_goes_on_where_it_is(tmp_path: Path) -> None:
    """`--output /dev/stdout >> log` adds to the log, as without it."""
    log = tmp_path / "log.txt"
    log.write_text("before\n", encoding="utf-8")
    code = "import sys, kzt_rates.cli; sys.exit(kzt_rates.cli.main())"
    command = "history USD --start 2015-08-20 --end 2015-08-21 --format csv --output /dev/stdout"
    with log.open("ab") as stream:
        env = {**os.environ, "KZT_RATES_OFFLINE": "1", "KZT_RATES_CACHE": "off"}
        arguments = [sys.executable, "-c", code, *command.split()]
        subprocess.run(arguments, stdout=stream, env=env, check=True)
    assert log.read_text("utf-8") == "before\ndate,rate\n2015-08-20,188.38\n2015-08-21,255.26\n"


def test_a_picture_and_an_answer_need_two_files(run: Any, tmp_path: Path) -> None:
    """One of them would be lost."""
    file = str(tmp_path / "usd.png")
    said = run("history USD --last 3d --plot", file, "--output", file)
    assert said.status == 2
    assert "name the same file" in said.err
