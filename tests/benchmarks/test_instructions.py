"""Counts of instructions: read, compared with the record, and refused beyond the tolerance."""

import json
import shutil
import sys
from pathlib import Path

import pytest

from benchmarks import instructions

BUILD = {"python": "3.11.7 (main)", "sqlite": "3.40.1"}
RECORDED = {"yardstick": 1_000_000, "import": 200_000, "parse": 400_000}
ENTRY = {"build": BUILD, "instructions": RECORDED}
SAID = """\
==4711== Callgrind, a call-graph generating cache profiler
==4711== Events    : Ir
==4711== Collected : 27766080
==4711==
==4711== I   refs:      27,766,080
"""


def judge(build: dict = BUILD, **changed: int) -> tuple[str, int]:
    return instructions.judge(ENTRY, RECORDED | changed, build)


def test_a_count_is_what_callgrind_collected() -> None:
    """Of all that callgrind says, the line of what was collected is the count."""
    assert instructions.collected(SAID) == 27_766_080


@pytest.mark.parametrize("said", ["", "==4711== Events    : Ir\n", "Collected : 12\n"])
def test_no_count_is_an_error(said: str) -> None:
    """Where callgrind says no count there is none, and it is not zero."""
    with pytest.raises(ValueError, match="no count"):
        instructions.collected(said)


def test_a_case_is_a_difference_by_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start-up cancels: of 550 calls and of 50, each call takes the difference by 500."""
    took = {"few": 1_050_000, "many": 1_550_000}
    monkeypatch.setattr(instructions, "write_sheet", lambda folder: None)
    monkeypatch.setattr(
        instructions, "run", lambda code, *_: f"==1== Collected : {took[code]}\n==1==\n"
    )
    case = instructions.Case("few", "many", 500)
    assert instructions.count({"warm": case}, "valgrind", "site") == {"warm": 1000}


@pytest.mark.parametrize("now", [393_000, 400_000, 407_000])
def test_within_two_percent_is_as_recorded(now: int) -> None:
    """Two per cent more or fewer is no difference to speak of."""
    said, code = judge(parse=now)
    assert (code, "parse takes" in said) == (0, False)


def test_more_is_refused() -> None:
    """Three per cent more fails, and the sentence names the case, its part and what to do."""
    said, code = judge(parse=412_000)
    assert code == 1
    assert "parse takes 3.0% more instructions than recorded" in said
    assert "import takes" not in said
    assert "nox -s instructions -- --record" in said


def test_fewer_asks_for_a_new_record() -> None:
    """Three per cent fewer fails too: an old record would hide the next loss."""
    said, code = judge(parse=388_000)
    assert code == 1
    assert "parse takes 3.0% fewer instructions than recorded: renew the record" in said


def test_the_table_says_both_counts() -> None:
    """Each case is a line of the count recorded, the count now, and the difference."""
    said, _ = judge(parse=404_000)
    line = next(line for line in said.splitlines() if line.startswith("parse"))
    assert [part.strip() for part in line.split("|")] == ["parse", "400,000", "404,000", "+1.00%"]


def test_the_yardstick_is_not_judged() -> None:
    """The yardstick is Python's own, and no change of ours moves it."""
    assert judge(yardstick=1_500_000)[1] == 0


@pytest.mark.parametrize(
    ("now", "code"), [(280_000, 0), (320_000, 0), (360_000, 0), (380_000, 1), (240_000, 1)]
)
def test_another_build_is_related_to_the_yardstick(now: int, code: int) -> None:
    """Where another build takes 0.8 of the yardstick, 0.8 of a count is what is expected."""
    other = BUILD | {"sqlite": "3.45.0"}
    said, exit_code = judge(other, yardstick=800_000, parse=now, **{"import": 160_000})
    assert exit_code == code
    assert "recorded with another sqlite" in said


def test_without_a_record_nothing_is_compared() -> None:
    """Another version of Python has its counts printed, and passes."""
    said, code = instructions.judge(None, RECORDED, BUILD)
    assert code == 0
    assert "400,000" in said
    assert f"no record of {instructions.key()}" in said


def test_other_cases_than_recorded_are_refused() -> None:
    """A case that the record lacks would never be compared, so the record must be renewed."""
    said, code = instructions.judge(ENTRY, {**RECORDED, "new": 5}, BUILD)
    assert (code, "renew" in said) == (1, True)


def test_valgrind_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without valgrind the program says what to install, and does not pass."""
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert instructions.main([]) == 2
    assert "apt-get install valgrind" in capsys.readouterr().out


def test_the_record_is_written_by_python(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A new record takes the place of this Python's, and leaves others alone."""
    file = tmp_path / "record.json"
    file.write_text(json.dumps({"other-3.9-vax": ENTRY, instructions.key(): ENTRY}))
    now = RECORDED | {"parse": 100_000}
    monkeypatch.setattr(shutil, "which", lambda name: name)
    monkeypatch.setattr(instructions, "site", lambda: "site")
    monkeypatch.setattr(instructions, "count", lambda *_: now)
    assert instructions.main([], file) == 1
    assert instructions.main(["--record"], file) == 0
    assert instructions.main([], file) == 0
    entries = json.loads(file.read_text(encoding="utf-8"))
    assert entries["other-3.9-vax"] == ENTRY
    assert entries[instructions.key()]["instructions"] == now


def test_an_editable_installation_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """What lies outside the folder of installed packages is not what a user has."""
    monkeypatch.setattr(instructions.sysconfig, "get_path", lambda name: "/nowhere")
    with pytest.raises(SystemExit, match="not installed"):
        instructions.site()


def test_the_record_is_of_all_cases() -> None:
    """The record that comes with the source has a count of every case, and no other."""
    entries = json.loads(instructions.RECORD.read_text(encoding="utf-8"))
    assert entries
    for entry in entries.values():
        assert entry["instructions"].keys() == instructions.CASES.keys()
        assert min(entry["instructions"].values()) > 0


def test_the_sheet_that_is_parsed_has_48_codes(tmp_path: Path) -> None:
    """The document of 2026-08-21 has the 48 codes that the bank published."""
    instructions.write_sheet(tmp_path)
    assert (tmp_path / "sheet.xml").read_bytes().count(b"<item>") == 48


def test_a_program_that_fails_is_not_counted(tmp_path: Path) -> None:
    """What a program did before it failed is no count, and its error is shown."""
    with pytest.raises(SystemExit, match="ZeroDivisionError"):
        instructions.run("1 / 0", sys.prefix, tmp_path)


@pytest.mark.skipif(shutil.which("valgrind") is None, reason="valgrind is not installed")
def test_valgrind_counts(tmp_path: Path) -> None:
    """A real count of a bare Python is in the tens of millions."""
    tool = ("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null")
    said = instructions.run(instructions.NOTHING, sys.prefix, tmp_path, *tool)
    assert 5_000_000 < instructions.collected(said) < 200_000_000
