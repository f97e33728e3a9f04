"""The packaged archive: every figure of the CSV, digit for digit, the same on every build."""

import csv
import datetime as dt
import hashlib
import os
import sqlite3
from collections.abc import Iterable
from functools import cache
from itertools import groupby
from pathlib import Path

import pytest

import kzt_rates
from kzt_rates.settings import packaged_path
from kzt_rates.store.contents import build_archive

CSV = Path(__file__).parents[2] / "data" / "official_rates.csv"
SHARED = Path(__file__).parents[3] / "shared" / "data" / "official_rates.csv"
FROM_THE_BANK = {"export", "daily"}  # what a rebuild adds: the archive grows by these alone

# Of more rows than these each so-and-so-many-th is asked for; all are read by SQL.
MOST_QUESTIONS = 25_000


@cache
def rows() -> tuple[dict[str, str], ...]:
    with CSV.open(encoding="utf-8", newline="") as lines:
        return tuple(csv.DictReader(lines))


def collected_rows() -> list[dict[str, str]]:
    return [row for row in rows() if row["source"] not in FROM_THE_BANK]


def codes_by_day(some: Iterable[dict[str, str]]) -> dict[str, frozenset[str]]:
    return {
        day: frozenset(row["currency"] for row in group)
        for day, group in groupby(some, key=lambda row: row["date"])
    }


def figure_of(row: dict[str, str]) -> tuple[str, str, str, int]:
    return row["date"], row["currency"], row["value"], int(row["nominal"])


def whole_sizes(path: str) -> list[int]:
    """Return how many codes each day has that an archive calls complete."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        query = "SELECT count(*) FROM day JOIN figure USING (day) GROUP BY day"
        return [size for (size,) in connection.execute(query)]
    finally:
        connection.close()


def test_every_row_comes_back_from_rate_digit_for_digit():
    """Value and nominal as published, of the very day."""
    asked = rows()[:: 1 + len(rows()) // MOST_QUESTIONS]
    with kzt_rates.Client(offline=True, cache=False) as client:
        for row in asked:
            rate = client.rate(row["currency"], on=row["date"])
            assert (str(rate.value), str(rate.nominal)) == (row["value"], row["nominal"])
            assert rate.effective_date.isoformat() == row["date"]
            assert not rate.carried
            assert not rate.provisional
    assert len(asked) > min(len(rows()), MOST_QUESTIONS) // 2


def test_the_packaged_archive_has_the_rows_of_the_csv_and_no_other():
    """An editable install goes stale when the CSV changes; installing again builds it anew."""
    connection = sqlite3.connect(f"file:{packaged_path()}?mode=ro", uri=True)
    try:
        query = "SELECT day, code, value, nominal FROM figure WHERE final ORDER BY day, code"
        packaged = connection.execute(query).fetchall()
        (count,) = connection.execute("SELECT count(*) FROM figure").fetchone()
    finally:
        connection.close()
    assert count == len(rows())
    # not compared in the assertion: pytest would explain 20,000 rows for minutes
    same = packaged == [figure_of(row) for row in rows()]
    assert same, "pip install -e . builds the archive anew"


def test_the_packaged_archive_is_the_one_that_the_csv_gives(tmp_path):
    """Its days, codes and notes, too, are those of a build of today."""
    fresh = tmp_path / "fresh.sqlite"
    build_archive(str(CSV), str(fresh))
    same = dump(Path(packaged_path())) == dump(fresh)
    assert same, "pip install -e . builds the archive anew"


def test_the_same_csv_gives_the_same_bytes(tmp_path):
    """Two builds on one machine are equal to the byte."""
    source = collected(tmp_path)
    digests = set()
    for name in ("one", "two"):
        build_archive(source, str(tmp_path / name))
        digests.add(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    assert len(digests) == 1


def test_an_archive_that_is_read_is_built_anew_beside_its_reader(tmp_path):
    """Who has it open reads on in the old one, and nothing else is left in the folder."""
    source, path = collected(tmp_path), tmp_path / "archive" / "archive.sqlite"
    path.parent.mkdir()
    build_archive(source, str(path))
    before = path.read_bytes()
    with path.open("rb") as reader:
        if os.name != "nt":  # Windows lets nobody replace what is open
            build_archive(source, str(path))
        assert reader.read() == before
    assert os.listdir(path.parent) == ["archive.sqlite"]
    bad = tmp_path / "bad.csv"
    bad.write_text("date,currency,value,nominal,source\n2025-12-05,USD,499.65,one,x\n")
    with pytest.raises(ValueError, match="one"):
        build_archive(str(bad), str(path))
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == ["archive.sqlite"]


def test_of_the_collected_days_whole_sheets_are_complete(tmp_path):
    """1 day of 34 codes, 208 of 39 and 33 of 48 are complete, no other."""
    build_archive(collected(tmp_path), str(tmp_path / "slice.sqlite"))
    sizes = whole_sizes(str(tmp_path / "slice.sqlite"))
    assert {size: sizes.count(size) for size in sizes} == {34: 1, 39: 208, 48: 33}


def test_a_day_of_the_packaged_archive_is_complete_when_it_has_all_codes_of_its_time():
    """34 on 2013-04-24, 39 from 2016-04-18 on, 48 from 2026-07-08 on: those of a collected sheet.

    No other day before that is: the litas was quoted then, and no rebuild can bring it.
    """
    found, sheets = codes_by_day(rows()), codes_by_day(collected_rows())
    connection = sqlite3.connect(f"file:{packaged_path()}?mode=ro", uri=True)
    complete = {day for (day,) in connection.execute("SELECT day FROM day")}
    connection.close()
    expected = set()
    for start, end, count in (
        ("2013-04-24", "2013-04-24", 34),
        ("2016-04-18", "2016-07-01", 39),
        ("2016-07-02", "2026-07-07", 39),
        ("2026-07-08", "9999-12-31", 48),
    ):
        (whole,) = {
            codes for day, codes in sheets.items() if start <= day <= end and len(codes) == count
        }
        expected |= {day for day, codes in found.items() if start <= day <= end and codes >= whole}
    assert complete == expected


@pytest.mark.skipif(not SHARED.exists(), reason="the collected figures are not here")
def test_the_collected_figures_are_all_in_the_projects():
    """No figure was lost or changed on its way into the project, and no source either."""
    lines = CSV.read_text(encoding="utf-8").splitlines()
    before = SHARED.read_text(encoding="utf-8").splitlines()
    assert lines[0] == before[0]
    assert not set(before) - set(lines)
    added = {line.rpartition(",")[2] for line in set(lines) - set(before)}
    assert added <= FROM_THE_BANK


def test_days_of_the_archive_are_sheets():
    """A complete day comes back as a sheet of the archive, without the bank."""
    with kzt_rates.Client(offline=True, cache=False) as client:
        sheet = client.sheet("2026-07-08")
        assert (sheet.source, sheet.complete, len(sheet), sheet.fetched_at) == (
            "archive", True, 48, None,
        )  # fmt: skip
        assert (str(sheet["IRR"].value), sheet["IRR"].nominal) == ("3.43", 10000)
        partly = client.sheet(dt.date(2016, 5, 5))
        assert not partly.complete
        assert sorted(partly) == ["KGS", "RUB", "USD", "UZS"]


def test_a_missing_archive_says_what_to_do(tmp_path):
    """A broken installation is told, not silently without figures."""
    client = kzt_rates.Client(archive=str(tmp_path / "none.sqlite"), offline=True)
    with client, pytest.raises(kzt_rates.StoreError, match="install kzt_rates again"):
        client.convert(1, "USD", on="2025-12-05")


def collected(folder: Path) -> str:
    """Write the figures that were there before any rebuild, and return the file."""
    file = folder / "collected.csv"
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, list(rows()[0]))
        writer.writeheader()
        writer.writerows(collected_rows())
    return str(file)


def dump(path: Path) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return [
            row
            for table in ("figure", "day", "code", "mark")
            for row in connection.execute(
                f"SELECT * FROM {table} ORDER BY 1, 2" if table != "code" else "SELECT * FROM code"
            )
        ]
    finally:
        connection.close()
