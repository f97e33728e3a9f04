"""The docs leave nothing out, and what they repeat of the code is what the code says.

`WRITE_DOCS=1` writes the repeated parts into the pages instead of comparing them.
"""

import argparse
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

import kzt_rates
from kzt_rates import errors, testing
from kzt_rates.settings import packaged_path
from kzt_rates.store import rows

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
WRITES = os.environ.get("WRITE_DOCS") == "1"
INCLUDES = {"changelog.md", "contributing.md", "index.md", "sources.md"}
MAX_BYTES, MIN_BYTES = 8_192, 512


def read(*parts: str) -> str:
    """Return the text of a file of the project."""
    return ROOT.joinpath(*parts).read_text(encoding="utf-8")


def check_repeated(page: str, shown: str, real: str) -> None:
    """Compare a part of a page with what the code says, or write it there."""
    if WRITES:
        path = DOCS / page
        path.write_text(path.read_text(encoding="utf-8").replace(shown, real, 1), encoding="utf-8")
    else:
        assert shown == real


@pytest.mark.parametrize("name", kzt_rates.__all__)
def test_public_name(name: str) -> None:
    """Every public name is in the reference."""
    reference = "".join(page.read_text(encoding="utf-8") for page in (DOCS / "reference").iterdir())
    assert f"kzt_rates.{name}" in reference


@pytest.mark.parametrize("name", testing.__all__)
def test_public_name_of_testing(name: str) -> None:
    """Every public name of kzt_rates.testing is in its reference."""
    assert re.search(rf"\b{name}\b", read("docs", "reference", "testing.md"))


def test_error_tree() -> None:
    """The tree of errors on the page is the tree of the classes."""
    page = read("docs", "reference", "errors.md")
    drawn = re.findall(
        r"^(    )?(?:[├└]── )?(\w+) (?:\((\w+)\))?.*$", page.split("```")[1], re.MULTILINE
    )
    assert "KztRatesError\n├──" in page
    public = [
        name
        for name in kzt_rates.__all__
        if isinstance(getattr(errors, name, None), type) and name != "KztRatesError"
    ]
    assert sorted(name for _, name, _ in drawn) == sorted(public)
    above = "KztRatesError"
    for indent, name, other_base in drawn:
        bases = [base.__name__ for base in getattr(kzt_rates, name).__bases__]
        own = [] if name == "StaleRateWarning" else [above if indent else "KztRatesError"]
        assert bases == own + ([other_base] if other_base else [])
        above = above if indent else name


def test_reasons() -> None:
    """The page of errors has every reason that a rate is not found for, and no other."""
    code = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "src").rglob("*.py"))
    told = set(re.findall(r'`"([a-z_]+)"`', kzt_rates.RateNotFound.__doc__ or ""))
    shown = re.findall(r"^\| `([a-z_]+)` \|", read("docs", "reference", "errors.md"), re.MULTILINE)
    assert set(shown) - {"reason"} == told
    for reason in told:
        assert f'"{reason}"' in code


def parsers(parser: argparse.ArgumentParser, path: str) -> Iterator[str]:
    """Return the names of a program's commands, those with commands of their own first."""
    yield path
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, child in action.choices.items():
                yield from parsers(child, f"{path} {name}")


def test_every_command_shows_its_help() -> None:
    """The help of every command is on the page of the command line, where it is executed."""
    from kzt_rates.cli.parser import make_parser

    page = read("docs", "reference", "command-line-help.md")
    shown = re.findall(r"^\$ (.*) --help$", page, re.MULTILINE)
    assert shown == list(parsers(make_parser(), "kzt-rates"))


@pytest.mark.parametrize("name", ["BASE_URL", "CACHE", "ARCHIVE", "OFFLINE"])
def test_environment_variable(name: str) -> None:
    """Every variable that the code reads is on the page of the environment, and is read."""
    code = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "src").rglob("*.py"))
    assert f"`KZT_RATES_{name}`" in read("docs", "reference", "environment.md")
    assert set(re.findall(r"\"KZT_RATES_([A-Z_]+)\"", code)) >= {name}


def test_no_other_environment_variable() -> None:
    """No variable is read that the page does not name."""
    code = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "src").rglob("*.py"))
    page = read("docs", "reference", "environment.md")
    for name in set(re.findall(r"KZT_RATES_[A-Z_]+", code)):
        assert f"`{name}`" in page


def test_cache_schema() -> None:
    """The page of the cache shows the tables as they are made, and their version."""
    page = read("docs", "reference", "cache.md")
    lines = [f"{statement};".replace("\n    ", "\n") for statement in rows.TABLES]
    shown = page.partition("```sql\n")[2].partition("```")[0]
    check_repeated("reference/cache.md", shown, "\n".join(lines).rstrip() + "\n")
    assert f"`{rows.APPLICATION_ID:#X}`".replace("0X", "0x") in page
    assert f"now {rows.VERSION}." in page


def test_faults() -> None:
    """The table of faults has every fault, what it does, and its options."""
    rows = [
        f"| `{fault.name}` | {fault.does} | {', '.join(f'`{o}`' for o in fault.options)} |\n"
        for fault in testing.FAULTS.values()
    ]
    page = read("docs", "reference", "testing.md")
    head = "| fault | the bank | options |\n|---|---|---|\n"
    shown = page.partition(head)[2].partition("\n\n")[0] + "\n"
    check_repeated("reference/testing.md", shown, "".join(rows))


def test_help_of_the_stand_in_bank(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page of kzt_rates.testing shows the help of its program."""
    from kzt_rates.testing.__main__ import main

    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    page = read("docs", "reference", "testing.md")
    shown = page.partition("```text\n")[2].partition("```")[0]
    check_repeated("reference/testing.md", shown, capsys.readouterr().out)


def test_archive_is_described() -> None:
    """What the README and the docs say of the archive's size is what it holds."""
    rows = [line.split(",") for line in read("data", "official_rates.csv").splitlines()[1:]]
    days = {row[0] for row in rows}
    with closing(sqlite3.connect(f"file:{packaged_path()}?mode=ro", uri=True)) as archive:
        whole, newest = archive.execute("SELECT count(*), max(day) FROM day").fetchone()
    check_sentence(
        "../README.md",
        r"archive of [0-9,]+ official figures",
        f"archive of {len(rows):,} official figures",
    )
    dollar = [row[0] for row in rows if row[1] == "USD"]
    check_sentence(
        "../README.md",
        r"figures comes with it: .*\n.*",
        f"figures comes with it: {len({row[1] for row in rows})} currencies, from {min(days)} to "
        f"{max(days)}.\nIt is not the bank's whole history: only {whole:,} days of it have the "
        f"whole sheet, the dollar is known on {len(dollar):,} days since {min(dollar)}, and most "
        "currencies on fewer.",
    )
    check_sentence(
        "how-to/go-offline.md",
        r"The package brings an archive: .*",
        f"The package brings an archive: {len([1 for row in rows if row[0] == newest])} currencies "
        f"as of {date.fromisoformat(newest):%B %Y}, whole sheets of {whole:,} days, and single "
        f"currencies of {len(days):,} days between {min(days)[:4]} and {max(days)}.",
    )
    sources = read("data", "SOURCES.md")
    for source in {row[4] for row in rows}:
        assert f"| `{source}`" in sources


def check_sentence(page: str, pattern: str, real: str) -> None:
    """Compare the words of a page that a pattern finds, or write them anew."""
    shown = re.search(pattern, read("docs", page))
    assert shown, f"{page} says nothing like {pattern}"
    check_repeated(page, shown[0], real)


def test_changelog() -> None:
    """The newest entry of the changelog is this version, dated, below an Unreleased section."""
    entries = re.findall(r"^## \[(.*?)\](?: - ([0-9-]+))?$", read("CHANGELOG.md"), re.MULTILINE)
    assert entries[0] == ("Unreleased", "")
    version, day = entries[1]
    assert version == kzt_rates.__version__
    assert date.fromisoformat(day) <= date.today()  # noqa: DTZ011  # a release is dated by its author


FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n+", re.DOTALL)  # that of a notebook


def test_first_screen() -> None:
    """The README has its two commands by line 30, and its examples by line 40."""
    lines = read("README.md").splitlines()
    assert lines[0] == "# kzt_rates"
    fences = [number for number, line in enumerate(lines, 1) if line.startswith("```")]
    languages = [lines[number - 1].removeprefix("```") for number in fences[::2]]
    assert languages == ["sh", "python", "python", "console"]
    assert fences[1] <= 30
    assert fences[5] <= 40


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_page(page: Path) -> None:
    """A page is short, begins with its title, and is in the table of contents."""
    text = page.read_text(encoding="utf-8")
    if page.name not in INCLUDES:
        assert FRONT_MATTER.sub("", text).startswith("# ")
        # of figures there are as many as there are cases
        is_long = page.parent.name == "reference" or page.stem in (
            "performance",
            "speed-of-the-service",
        )
        assert is_long or MIN_BYTES < len(text.encode()) < MAX_BYTES
    name = str(page.relative_to(DOCS).with_suffix(""))
    assert name == "index" or f"\n{name}\n" in read("docs", "index.md")


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=lambda page: page.stem)
def test_links(page: Path) -> None:
    """Links within the project lead somewhere."""
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target
