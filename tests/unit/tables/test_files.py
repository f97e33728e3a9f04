"""Files hold the exact figures, and are written whole or not at all."""

import csv
import errno
import json
import os
import stat
import threading
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kzt_rates.models import Series

POSIX = pytest.mark.skipif(os.name != "posix", reason="Windows has no such thing")


def test_csv(cross: Series, tmp_path: Path) -> None:
    """CSV read back has the same days and Decimals, and `\\n` at the ends of its lines."""
    cross.to_csv(tmp_path / "a.csv")
    content = (tmp_path / "a.csv").read_bytes()
    assert content.decode() == cross.to_csv()
    assert content.count(b"\n") == 8
    assert b"\r" not in content
    header, *rows = csv.reader(content.decode().splitlines())
    assert header == ["date", "rate"]
    assert [(day, Decimal(rate)) for day, rate in rows] == [(str(d), v) for d, v in cross]


def test_json(marked: Series, tmp_path: Path) -> None:
    """JSON read back has the pair, the range, the missing days, and the same Decimals."""
    marked.to_json(str(tmp_path / "a.json"))
    content = (tmp_path / "a.json").read_text(encoding="utf-8")
    assert content == f"{marked.to_json()}\n"
    assert json.loads(content) == {
        "base": "USD",
        "quote": "KZT",
        "start": "2025-11-28",
        "end": "2025-12-01",
        "missing": ["2025-11-29"],
        "rates": [
            {"date": "2025-11-28", "rate": "516.86", "effective_date": "2025-11-28"},
            {"date": "2025-11-30", "rate": "516.86", "effective_date": "2025-11-28"},
            {"date": "2025-12-01", "rate": "512.53", "effective_date": "2025-12-01"},
        ],
    }
    assert list(json.loads(marked[marked.end :].to_json())["rates"][0]) == ["date", "rate"]


def test_parquet(cross: Series, marked: Series, make_sheet: Any, tmp_path: Path) -> None:
    """Parquet read back has the same rows with the same Decimals, marks, and what it is of."""
    file = tmp_path / "a.parquet"
    for model in (cross, marked, make_sheet("2025-12-05"), make_sheet("2025-12-05", final=False)):
        model.to_parquet(file)
        table = pq.read_table(file)
        assert table.to_pylist() == model.to_dicts()
        assert table.schema.metadata == model.to_arrow().schema.metadata
    assert pa.types.is_decimal128(table.schema.field("value").type)
    assert [path.name for path in tmp_path.iterdir()] == ["a.parquet"]


def test_over_another(cross: Series, tmp_path: Path) -> None:
    """A file that is there is replaced, keeps its permissions, and a link goes on leading to it."""
    file, link = tmp_path / "a.csv", tmp_path / "link.csv"
    file.write_text("old\n" * 1000)
    file.chmod(0o640)
    link.symlink_to(file)
    cross.to_csv(link)
    assert link.is_symlink()
    assert file.read_text() == cross.to_csv()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert len(list(tmp_path.iterdir())) == 2


@POSIX
def test_permissions_of_a_new_file(cross: Series, tmp_path: Path) -> None:
    """A new file has the permissions that any new file has."""
    cross.to_csv(tmp_path / "a.csv")
    (tmp_path / "b.csv").write_text("")
    assert (tmp_path / "a.csv").stat().st_mode == (tmp_path / "b.csv").stat().st_mode


@pytest.mark.parametrize("when", ["fsync", "replace"])
@pytest.mark.parametrize("end", [KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left")])
def test_broken_off(
    cross: Series, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str, end: BaseException
) -> None:
    """Ctrl-C or a full disk leaves the old file as it was, and no part of the new one."""
    file = tmp_path / "a.csv"
    file.write_text("old")

    def break_off(*_: object) -> None:
        raise end

    monkeypatch.setattr(f"os.{when}", break_off)
    with pytest.raises(type(end)) as found:
        cross.to_csv(file)
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]
    if isinstance(found.value, OSError):
        assert str(found.value) == f"[Errno {errno.ENOSPC}] No space left: {str(file)!r}"


def test_places_that_cannot_be(
    cross: Series, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that cannot be written is an `OSError` with its name; what is none a `TypeError`."""
    for place, kind in (
        (tmp_path / "no" / "a.csv", FileNotFoundError),
        (tmp_path, IsADirectoryError),
        (f"{tmp_path}{os.sep}a{os.sep}", IsADirectoryError),
        ("", FileNotFoundError),
    ):
        with pytest.raises(kind) as found:
            cross.to_csv(place)
        assert found.value.filename == str(place)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(TypeError):
        cross.to_csv(5)  # type: ignore[call-overload]
    file = tmp_path / "a.csv"
    file.write_text("old")
    monkeypatch.setattr("os.access", lambda *_: False)  # as root, everything can be written
    with pytest.raises(PermissionError, match=r"a\.csv"):
        cross.to_json(file)
    assert file.read_text() == "old"


@POSIX
def test_what_is_no_file(cross: Series, tmp_path: Path) -> None:
    """A pipe, as a device is, is written into, and stays what it is."""
    pipe, read = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()), daemon=True)
    reader.start()
    cross.to_csv(pipe)
    reader.join(10)
    assert read == [cross.to_csv()]
    assert stat.S_ISFIFO(pipe.stat().st_mode)
