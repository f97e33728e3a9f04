"""The packaged archive: every figure of the CSV, digit for digit, the same on every build."""

import csv
import datetime as dt
import hashlib
import sqlite3
from pathlib import Path

import pytest

import kzt_rates
from kzt_rates.store.archive import build_archive, packaged_path

CSV = Path(__file__).parents[2] / "data" / "official_rates.csv"
SHARED = Path(__file__).parents[3] / "shared" / "data" / "official_rates.csv"


def rows() -> list[dict[str, str]]:
    with CSV.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_every_row_comes_back_from_rate_digit_for_digit():
    """All 20 315 figures, value and nominal as published, of the very day."""
    with kzt_rates.Client(offline=True, cache=False) as client:
        count = 0
        for row in rows():
            rate = client.rate(row["currency"], on=row["date"])
            assert str(rate.value) == row["value"]
            assert str(rate.nominal) == row["nominal"]
            assert rate.effective_date.isoformat() == row["date"]
            assert not rate.carried
            assert not rate.provisional
            count += 1
    assert count == 20315


def test_the_packaged_archive_is_the_one_of_the_csv(tmp_path):
    """An editable install goes stale when the CSV changes; installing again builds it anew."""
    fresh = tmp_path / "fresh.sqlite"
    build_archive(str(CSV), str(fresh))
    assert dump(Path(packaged_path())) == dump(fresh), "pip install -e . builds the archive anew"


def test_the_same_csv_gives_the_same_bytes(tmp_path):
    """Two builds on one machine are equal to the byte."""
    digests = set()
    for name in ("one", "two"):
        build_archive(str(CSV), str(tmp_path / name))
        digests.add(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    assert len(digests) == 1


def test_whole_days_are_complete_and_days_of_a_few_codes_are_not():
    """1 day of 34 codes, 207 of 39 and 33 of 48 are complete, no other."""
    with sqlite3.connect(f"file:{packaged_path()}?mode=ro", uri=True) as connection:
        sizes = connection.execute(
            "SELECT count(*) FROM day JOIN figure USING (day) GROUP BY day"
        ).fetchall()
    connection.close()
    assert sorted({size for (size,) in sizes}) == [34, 39, 48]
    assert [sizes.count((n,)) for n in (34, 39, 48)] == [1, 207, 33]


@pytest.mark.skipif(not SHARED.exists(), reason="the collected figures are not here")
def test_the_projects_figures_are_the_collected_ones():
    """No figure was lost or changed on its way into the project."""
    assert CSV.read_bytes() == SHARED.read_bytes()


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


def dump(path: Path) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return [
            row
            for table in ("figure", "day", "code", "silence", "note")
            for row in connection.execute(
                f"SELECT * FROM {table} ORDER BY 1, 2" if table != "code" else "SELECT * FROM code"
            )
        ]
    finally:
        connection.close()
