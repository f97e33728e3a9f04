"""The scripts that complete commands, as the shells run them."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

LINES = [
    ("kzt-rates co", {"convert", "completion"}),
    ("kzt-rates convert 100 US", {"USD"}),
    ("kzt-rates convert 100 kz", {"KZT"}),
    ("kzt-rates convert --format ", {"table", "json", "csv", "plain"}),
    ("kzt-rates history USD --language ", {"en", "kk", "ru"}),
    ("kzt-rates --offline tick", {"ticker"}),
    ("kzt-rates cache info --form", {"--format"}),
    ("kzt-rates cache cl", {"clear"}),
    ("kzt-rates sync --currency EE", {"EEK"}),
    ("kzt-rates sync --start 2025-12-01 --currency USD ee", {"EEK"}),
    ("kzt-rates export --currency USD EUR --form", {"--format"}),
    ("kzt-rates completion z", {"zsh"}),
]


def complete(shell: str, script: str, line: str) -> set[str]:
    """Return what a shell offers for a line."""
    if shell == "fish":
        text = f"{script}\ncomplete -C {line!r}"
    else:
        words = " ".join(f"{word!r}" for word in line.split(" "))
        text = (
            f"{script}\nCOMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n"
            '_kzt_rates; printf "%s\\n" "${COMPREPLY[@]}"'
        )
    command = [shell, "-c", text] if shell == "fish" else [shell, "--norc", "-c", text]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stderr == ""
    return {offered.split("\t")[0] for offered in done.stdout.splitlines()}


@pytest.mark.system
@pytest.mark.parametrize("shell", ["bash", "fish"])
@pytest.mark.parametrize(("line", "offered"), LINES, ids=[line for line, _ in LINES])
def test_what_is_offered(run: Any, shell: str, line: str, offered: set[str]) -> None:
    """A shell offers commands, options, the values of options, and codes in any case."""
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    script = run(f"completion {shell}").out
    assert complete(shell, script, line) == offered


@pytest.mark.system
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_is_sound(run: Any, shell: str) -> None:
    """A shell can read its script, and every command is named in it."""
    said = run(f"completion {shell}")
    assert (said.status, said.err) == (0, "")
    for word in ("convert", "history", "--currency", "--output", "KZT"):
        assert word.removeprefix("--") in said.out
    if shutil.which(shell) is not None:
        subprocess.run([shell, "-n"], input=said.out, text=True, check=True, timeout=60)


@pytest.mark.system
@pytest.mark.parametrize("shell", ["bash", "fish"])
@pytest.mark.parametrize(
    "line", ["cache copy ra", "cache copy rates.sqlite ra", "sheet --output ra"]
)
def test_files_are_offered(
    run: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, shell: str, line: str
) -> None:
    """Where a command takes a file, the files of the folder are offered."""
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    (tmp_path / "rates.sqlite").touch()
    monkeypatch.chdir(tmp_path)
    offered = complete(shell, run(f"completion {shell}").out, f"kzt-rates {line}")
    assert "rates.sqlite" in offered or (shell == "bash" and offered == {""})
