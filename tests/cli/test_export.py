"""`export`: the rates of many currencies as one long table."""

import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kzt_rates.testing import SettableClock, StandInBank

Figures = dict[str, dict[str, tuple[str, int]]]
WEEK = "export --start 2025-12-01 --end 2025-12-05"


def per_unit(figures: Figures, day: str, code: str) -> Decimal:
    value, nominal = figures[day][code]
    return Decimal(value) / nominal


def table(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def test_csv(run: Any, bank: StandInBank, figures: Figures) -> None:
    """A row is a day, a currency and the tenge for one of its units, by currency and day."""
    said = run(f"{WEEK} --currency USD amd")
    assert (said.status, said.err) == (0, "")
    head, *rows = table(said.out)
    assert head == ["date", "currency", "rate"]
    days = [f"2025-12-0{day}" for day in range(1, 6)]
    assert [row[:2] for row in rows] == [[day, code] for code in ("AMD", "USD") for day in days]
    assert all(Decimal(rate) == per_unit(figures, day, code) for day, code, rate in rows)


def test_one_question_for_all(run: Any, bank: StandInBank, clock: SettableClock) -> None:
    """Without --currency it has all of the range export, for one question, and then for none."""
    clock.set("2026-03-05T12:00+05:00")
    said = run(WEEK)
    assert len(bank.requests) == 1
    assert len({row[1] for row in table(said.out)[1:]}) == 39
    bank.forget()
    assert run(f"{WEEK} --offline") == said
    assert bank.requests == ()


def test_what_is_known(run: Any, figures: Figures) -> None:
    """--missing known is the whole archive, offline, with every figure of the record."""
    line = "export --start 1993-11-15 --end 2026-08-21 --missing known"
    for codes in ((), ("USD", "EUR", "KGS")):
        said = run(f"{line} --currency {' '.join(codes)}" if codes else line)
        found = {(day, code): Decimal(rate) for day, code, rate in table(said.out)[1:]}
        assert found == {
            (day, code): per_unit(figures, day, code)
            for day, rates in figures.items()
            for code in codes or rates
            if code in rates
        }


def test_a_draft_past_its_time_is_not_known(
    run: Any, bank: StandInBank, clock: SettableClock
) -> None:
    """--missing known has tomorrow's draft while it is young, and not once it may be another."""
    assert run("convert 100 USD --on 2025-12-06").status == 0
    line = "export --start 2025-12-01 --end 2025-12-06 --currency USD --missing known"
    assert table(run(line).out)[1:] == [["2025-12-06", "USD", "504.49"]]
    bank.correct("2025-12-06", {"USD": "505.00"})
    clock.set("2025-12-20T12:00+05:00")
    said = run(line)
    assert (said.status, said.out) == (3, "")


@pytest.mark.extras
def test_files(run: Any, tmp_path: Path) -> None:
    """CSV, JSON and Parquet have the same rows, figures exact; the ending is the format."""
    import pyarrow.parquet as pq

    files = {form: tmp_path / f"rates.{form}" for form in ("csv", "json", "parquet")}
    line = "export --start 2016-01-01 --end 2016-01-31 --currency USD --offline"
    for file in files.values():
        assert run(f"{line} --output", str(file)) == (0, "", "")
    text = files["csv"].read_text(encoding="utf-8")
    assert text == run(line).out
    rows = [(day, code, Decimal(rate)) for day, code, rate in table(text)[1:]]
    assert len(rows) == 31
    document = json.loads(files["json"].read_text(encoding="utf-8"))
    assert [(row["date"], row["currency"], Decimal(row["rate"])) for row in document] == rows
    kept = pq.read_table(files["parquet"]).to_pylist()
    assert [(str(row["date"]), row["currency"], row["rate"]) for row in kept] == rows


def test_days_without_a_rate(run: Any, bank: StandInBank) -> None:
    """They are skipped, raised, or carried with the day whose rate it is."""
    bank.withdraw("2025-12-03")
    line = f"{WEEK} --currency USD"
    assert [row[0][-2:] for row in table(run(line).out)[1:]] == ["01", "02", "04", "05"]
    assert run(f"{line} --missing raise").status == 3
    head, *rows = table(run(f"{line} --missing previous").out)
    assert head == ["date", "currency", "rate", "effective_date"]
    assert [row[3] for row in rows if row[0] != row[3]] == ["2025-12-02"]


def test_a_day_that_stays_unknown_is_no_gap(
    run: Any, bank: StandInBank, clock: SettableClock
) -> None:
    """A day that the bank's answer lost is an error, and nothing is written."""
    clock.set("2026-01-10T12:00+05:00")
    bank.fail("lost_rows", times=None, start="2025-12-05", end="2025-12-05")
    bank.fail("html", times=None, feed="daily")
    said = run("export --start 2025-12-01 --end 2025-12-06 --currency USD")
    assert (said.status, said.out) == (5, "")


@pytest.mark.parametrize(
    ("line", "status", "why"),
    [
        ("export", 2, "give --start DATE"),
        ("export --last 3m", 2, "export has no --last; give --start DATE"),
        ("export --start 2025-12-05 --end 2025-12-04", 2, "ends before it starts"),
        ("export --start 2030-01-01", 2, "--start 2030-01-01 is in the future"),
        ("export --start 2025-12-05 --format table", 2, "--format is csv, json or parquet"),
        ("export --start 2025-12-05 --format parquet", 2, "needs --output FILE"),
        ("export --start 2025-12-05 --output x.xlsx", 2, "cannot write .xlsx files"),
        ("export --start 2025-12-05 --output no/x.csv", 1, "--output no/x.csv: there is no folder"),
        ("export --start 2025-12-05 --currency KZT", 2, "rates are in tenge"),
        ("export --start 2025-12-05 --currency USX", 3, "unknown currency 'USX'"),
        ("export --start 2025-12-05 --currency USX --missing known", 3, "unknown currency 'USX'"),
        ("export --start 2025-12-05 --currency BYR --missing known", 3, "is known here"),
        ("export --start 2025-11-30 --end 2025-12-01 --offline", 4, "offline is on"),
    ],
)
def test_errors(run: Any, clock: SettableClock, line: str, status: int, why: str) -> None:
    """What cannot be exported is one line and its status."""
    said = run(line)
    assert (said.status, said.out, said.err.count("\n")) == (status, "", 1)
    assert why in said.err
