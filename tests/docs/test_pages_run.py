"""What the README and the docs show is executed, and does what they say.

Prompts (`>>>`) are run by pytest's own doctest. Here are the other blocks: Python without
prompts, whose `print(...)  # output` comments are compared; pytest examples; and console
blocks, whose output is compared to the letter. `WRITE_DOCS=1` writes the console
output into the pages instead of comparing it.
"""

import importlib.metadata
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import kzt_rates
from kzt_rates.testing import SettableClock, StandInBank, archive_sheets

ROOT = Path(__file__).resolve().parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
WRITES = os.environ.get("WRITE_DOCS") == "1"

# What may stand in a block of shell: nothing that shows an output, nothing that is run here.
SHELL = (
    "# ",
    ". ",
    "export ",
    "git clone ",
    "kzt-rates refresh",
    "kzt-rates sync ",
    "kzt-rates watch ",
    "nox",
    "python3 benchmarks/",
    "python3 -m build",
    "python3 -m kzt_rates.testing",
    "python3 -m nox",
    "python3 -m pip install ",
    "python3 -m pytest",
    "python3 -m venv ",
)
_fences = re.compile(r"^```([a-z{][^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A fenced block of a page."""

    page: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(*pages: Path) -> list[Block]:
    """Return the blocks of pages in order."""
    return [
        Block(page, text.count("\n", 0, found.start()) + 1, found[1], found[2])
        for page in pages
        for text in [page.read_text(encoding="utf-8")]
        for found in _fences.finditer(text)
    ]


BLOCKS = blocks(*PAGES)
SCRIPTS = [
    block
    for block in BLOCKS
    if block.language == "python" and ">>>" not in block.text and "def test_" not in block.text
]
TESTS = [block for block in BLOCKS if block.language == "python" and "def test_" in block.text]
CONSOLES = [block for block in BLOCKS if block.language == "console"]


@pytest.fixture(autouse=True)
def new_user(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Start with an empty cache, at a bank that has sheets until 2025-12-06, its tomorrow."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    clock = SettableClock("2025-12-05T12:00+05:00")
    with StandInBank(archive_sheets("2025-12-01", "2025-12-06"), clock=clock) as bank:
        monkeypatch.setenv("KZT_RATES_BASE_URL", bank.url)
        kzt_rates.close()
        yield
        kzt_rates.close()


def test_every_block_is_looked_at() -> None:
    """No page has a kind of block that neither this module nor pytest's doctest executes."""
    known = {"console", "docker", "ini", "nginx", "python", "sh", "sql", "text", "xml"}
    known |= {"css", "django", "html", "php", "typescript"}  # of web pages, for a browser
    strange = [
        f"{block} {block.language}"
        for block in BLOCKS
        if block.language not in known and not block.language.startswith("{")
    ]
    assert not strange
    assert SCRIPTS
    assert TESTS
    assert CONSOLES


@pytest.mark.parametrize("block", [b for b in BLOCKS if b.language == "sh"], ids=str)
def test_shell_blocks_only_set_up(block: Block) -> None:
    """A block of shell installs or sets something up; what has an output is a console block."""
    for line in block.text.splitlines():
        for command in line.split(" && "):
            converts = block.page.name == "README.md" and "kzt_rates convert" in command
            assert command.startswith(SHELL) or converts, command


@pytest.mark.parametrize("block", SCRIPTS, ids=str)
def test_script(block: Block, capsys: pytest.CaptureFixture[str]) -> None:
    """A block of Python runs as it stands, and prints what the comments beside print say."""
    said = re.findall(r"^\s*print\(.*\)  # (.*)$", block.text, re.MULTILINE)
    exec(compile(block.text, str(block), "exec"), {"__name__": "__main__"})
    printed = capsys.readouterr().out
    if said:
        assert printed.splitlines() == said
    elif printed:
        assert printed == _block_after(block)


def _block_after(block: Block) -> str:
    following = BLOCKS[BLOCKS.index(block) + 1]
    assert following.page == block.page
    assert following.language == "text"
    return following.text


# A run of pytest inside a test measures no coverage and starts no processes of its own.
_OWN_OPTIONS = {**os.environ, "PYTEST_ADDOPTS": ""}


@pytest.mark.parametrize("page", sorted({block.page for block in TESTS}), ids=lambda p: p.stem)
def test_pytest_examples(page: Path, tmp_path: Path) -> None:
    """The tests that a page shows pass, with the fixtures that come with kzt_rates.

    A block that begins with a file's name, as in `# shop.py`, is that file beside them.
    """
    for number, block in enumerate(b for b in BLOCKS if b.page == page):
        named = re.match(r"# (\w+\.py)\n", block.text)
        if named or block in TESTS:
            file = named[1] if named else f"test_example_{number}.py"
            (tmp_path / file).write_text(block.text, encoding="utf-8")
    environment = {**_OWN_OPTIONS, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
    plugins = ("kzt_rates.testing.plugin", "pytest_httpx", "no:cacheprovider")
    options = ["-q", "-W", "error", *(part for name in plugins for part in ("-p", name))]
    found = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "--rootdir", str(tmp_path), str(tmp_path)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout + found.stderr
    shown = sum(block.text.count("def test_") for block in TESTS if block.page == page)
    assert f"{shown} passed" in found.stdout


def test_the_store_that_is_shown_keeps_the_contract(tmp_path: Path) -> None:
    """The store and the tests of the page, put one below the other, pass, and a client uses it."""
    shown = [block.text for block in SCRIPTS if block.page.name == "write-a-store.md"]
    use = """
import kzt_rates

def test_a_client():
    with kzt_rates.Client(cache=MemoryStore(), offline=True) as rates:
        assert rates.convert(100, "USD", on="2025-12-05") == 49965
"""
    file = tmp_path / "test_memory_store.py"
    file.write_text("\n".join([*shown, use]), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(file)]
    done = subprocess.run(
        [*command, "--rootdir", str(tmp_path)],
        env=_OWN_OPTIONS,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "13 passed" in done.stdout


def test_plugin_is_registered() -> None:
    """The fixtures are there without being asked for, as the page on testing says."""
    try:
        distribution = importlib.metadata.distribution("kzt_rates")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("kzt_rates is on the path, not installed")
    plugins = distribution.entry_points.select(group="pytest11")
    assert [plugin.value for plugin in plugins] == ["kzt_rates.testing.plugin"]


Shell = Callable[[str], str]


@pytest.fixture
def shell(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Shell:
    """Run one command of a console block, and return what it says on a terminal."""
    from kzt_rates.cli import main

    monkeypatch.chdir(tmp_path)
    status = 0

    def run(command: str) -> str:
        nonlocal status
        if command == "echo $?":
            return f"{status}\n"
        command, _, pipe = command.partition(" | ")
        words = shlex.split(command)
        with monkeypatch.context() as settings:
            while "=" in words[0]:
                settings.setenv(*words.pop(0).split("=", 1))
            program = 1 if words[0] == "kzt-rates" else 3
            assert words[:program] in (["kzt-rates"], ["python3", "-m", "kzt_rates"]), command
            try:
                status = int(main(words[program:]) or 0)
            except SystemExit as end:
                status = int(end.code or 0)
        said = "".join(capsys.readouterr())
        if pipe:
            head = re.fullmatch(r"head -n ([0-9]+)", pipe)
            assert head, pipe
            said = "".join(said.splitlines(keepends=True)[: int(head[1])])
        return said

    return run


@pytest.mark.parametrize("block", CONSOLES, ids=str)
def test_console(block: Block, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands of a console block print what stands below them, to the letter."""
    if "kzt-rates latest" in block.text:
        # on the day of the example no archive could know what is final tomorrow
        monkeypatch.setenv("KZT_RATES_ARCHIVE", "off")
    if block.page.name == "convert-a-file.md":  # the file is shown first
        shown = next(one for one in blocks(block.page) if one.text.startswith("invoice,"))
        Path("invoices.csv").write_text(shown.text, encoding="utf-8")
    commands = re.findall(r"^\$ (.*)$", block.text, re.MULTILINE)
    printed = "".join(f"$ {command}\n{shell(command)}" for command in commands)
    if WRITES:
        page = block.page.read_text(encoding="utf-8")
        page = page.replace(f"```console\n{block.text}```", f"```console\n{printed}```", 1)
        block.page.write_text(page, encoding="utf-8")
    else:
        assert printed == block.text


def test_readme_commands(shell: Shell) -> None:
    """The README's first command converts 100 USD as its console block shows, without a bank."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    install, test = re.findall(r"^python3 .*$", readme, re.MULTILINE)
    assert test == 'python3 -m pip install -e ".[test]" && python3 -m pytest -n auto'
    installing, _, converting = install.partition(" && ")
    assert installing == "python3 -m pip install ."
    shown = next(block.text for block in CONSOLES if block.page.name == "README.md")
    expected = shown.split("\n", 1)[1].split("$ ")[0]
    offline = f"KZT_RATES_OFFLINE=1 KZT_RATES_CACHE=off {converting}"
    assert shell(offline) == expected
    assert "49\N{NO-BREAK SPACE}965.00" in expected
