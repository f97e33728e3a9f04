import re
import subprocess
import sys
from typing import Any

import pytest

import kzt_rates
from kzt_rates.cli.options import SETTINGS
from kzt_rates.cli.parser import Parser, make_parser, parse
from kzt_rates.testing import StandInBank

COMMANDS = [
    "", "convert", "sheet", "latest", "ticker", "history", "export", "sync", "currencies",
    "watch", "refresh", "serve", "cache", "health", "completion",
]  # fmt: skip
PARTS = ["cache info", "cache path", "cache clear"]


@pytest.mark.parametrize("command", COMMANDS + PARTS)
def test_help(run: Any, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    """Every command has help that fits its terminal and names the options that all take."""
    monkeypatch.setenv("COLUMNS", "80")
    said = run(f"{command} --help")
    assert (said.status, said.err) == (0, "")
    assert max(map(len, said.out.splitlines())) < 80
    assert said.out.startswith(f"usage: kzt-rates {command}".rstrip())
    for part in ("xit status", "environment"):
        assert part in said.out
    settings = {"completion": (), "cache": ("--base-url",)}
    shown = settings.get(command.split(maxsplit=1)[0] if command else "", SETTINGS)
    assert [setting for setting in SETTINGS if f"  {setting}" in said.out] == [*shown]


@pytest.mark.system
def test_help_imports_no_command() -> None:
    """The list of commands is shown without importing the file of any."""
    show = (
        "import sys\n"
        "from kzt_rates.cli.parser import ROOMS, parse\n"
        "try:\n    parse(['--help'])\nexcept SystemExit:\n    pass\n"
        "rooms = {f'kzt_rates.cli.{room}' for room, _ in ROOMS.values()}\n"
        "assert not rooms & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", show], check=True, stdout=subprocess.DEVNULL)


def test_help_of_reading_commands(run: Any) -> None:
    """The help of a command names the options that change what it says."""
    common = {"--help", "--offline", "--base-url", "--verbose"}
    reading = common | {"--format", "--missing", "--refresh"}
    expected = {
        "convert": reading | {"--pairs", "--on", "--places", "--language", "--exact"},
        "sheet": reading | {"--on", "--since", "--output", "--language", "--exact"},
        "latest": reading - {"--missing"} | {"--output", "--language", "--exact"},
        "ticker": reading | {"--on", "--output", "--language", "--changes"},
        "history": reading
        | {"--output", "--start", "--end", "--last", "--language", "--exact"}
        | {"--plot", "--events", "--dark", "--transparent"},
        "export": common | {"--format", "--missing", "--output", "--start", "--end", "--currency"},
        "sync": common | {"--all", "--start", "--end", "--currency"},
        "watch": common | {"--codes", "--threshold", "--until", "--exec", "--format"},
        "refresh": common | {"--forever"},
        "health": common | {"--format", "--max-age"},
        "currencies": common | {"--format", "--language"},
        "completion": {"--help"},
        "cache info": {"--help", "--base-url", "--format"},
        "cache path": {"--help", "--base-url"},
        "cache clear": {"--help", "--base-url"},
        "cache copy": {"--help"},
    }
    for command, options in expected.items():
        above = run(f"{command} --help").out.partition("examples:")[0]
        assert set(re.findall(r"^  (?:-h, )?(--[a-z-]+)", above, re.MULTILINE)) == options, command


@pytest.mark.parametrize("command", ["convert", "history", "export", "sync", "health"])
def test_examples_can_be_typed(command: str, run: Any) -> None:
    """The examples in a command's help are lines that its parser takes."""
    said = run(f"{command} --help").out
    examples = re.findall(rf"^  kzt-rates ({command} ?.*)$", said, re.MULTILINE)
    assert len(examples) >= 2
    for example in examples:
        words = example.partition(" > ")[0].split()
        assert parse(words).program == f"kzt-rates {command}"


def test_main_help(run: Any) -> None:
    """The help of the program tells its statuses and its environment."""
    said = run("--help").out
    for status in ("0", "1", "2", "3", "4", "5", "130"):
        assert re.search(rf"^  {status} +[a-zA-Z]", said, re.MULTILINE)
    for name in ("BASE_URL", "CACHE", "ARCHIVE", "OFFLINE"):
        assert f"KZT_RATES_{name}" in said


@pytest.mark.parametrize("columns", ["", "0", "40", "200", "wide"])
def test_help_at_any_width(run: Any, monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    """Help is shown whatever the terminal says its width is."""
    monkeypatch.setenv("COLUMNS", columns)
    assert "--places" in run("convert --help").out


def test_alone(run: Any) -> None:
    """Without a word the program shows its help."""
    assert run("") == run("--help")


def test_version(run: Any) -> None:
    """--version is the version of the package."""
    assert run("--version") == (0, f"kzt-rates {kzt_rates.__version__}\n", "")


def test_parser_knows_its_commands() -> None:
    """The parser is there for those who document it."""
    text = make_parser().format_help()
    assert all(f"\n    {command} " in text for command in COMMANDS[1:])


@pytest.mark.parametrize("line", ["--offline convert 1 USD", "convert 1 USD --offline"])
def test_offline(run: Any, bank: StandInBank, line: str) -> None:
    """--offline before or after the command asks nobody."""
    said = run(line)
    assert (said.status, said.out) == (4, "")
    assert "offline is on" in said.err
    assert bank.requests == ()


@pytest.mark.parametrize("line", ["--base-url {} convert 1 USD", "convert 1 USD --base-url={}"])
def test_base_url(run: Any, bank: StandInBank, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    """--base-url before or after the command beats the environment."""
    monkeypatch.setenv("KZT_RATES_BASE_URL", "http://127.0.0.1:9")
    assert run(line.format(bank.url)).out.startswith("1 USD = 499.65 KZT\n")
    assert len(bank.requests) == 1


@pytest.mark.parametrize("line", ["--verbose sheet", "sheet --verbose"])
def test_verbose(run: Any, bank: StandInBank, line: str) -> None:
    """--verbose before or after the command logs each request on stderr, a line each."""
    bank.fail("status", status=500)
    said = run(line)
    assert said.status == 0
    lines = said.err.splitlines()
    assert [line[:15] for line in lines] == ["kzt-rates: info"] * 3
    assert lines[0] == f"kzt-rates: info: GET {bank.url}/rss/get_rates.cfm?fdate=05.12.2025"
    assert "500" in lines[1]
    assert lines[2] == lines[0]
    assert run("sheet --refresh").err == ""


def test_newer_argparse_may_give_its_parsers_more() -> None:
    """What Python 3.14 and later make a command's parser with, `color` at first, goes on to it."""
    assert "-h" not in Parser("kzt-rates", add_help=False).format_help()
    with pytest.raises(TypeError, match="new_in_3_99"):
        Parser("kzt-rates", new_in_3_99=True)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("--offline", "missing: COMMAND"),
        ("bogus", "no command 'bogus'; the commands of kzt-rates are convert, sheet, "),
        ("--verbose bogus", "no command 'bogus'; the commands of kzt-rates are convert, sheet, "),
        ("history USD", "give --start DATE or --last PERIOD"),
        ("history --last 3m", "missing: BASE"),
        ("history USD --start 2025-12-01 --last 3m", "give --start or --last, not both"),
        ("history USD --last 3m --end 2025-12-01", "--last ends today and takes no --end"),
        ("history USD --start 2025-12-02 --end 2025-12-01", "2025-12-01 ends before it starts"),
        ("history USD --start 01/12/2025", "not '01/12/2025'"),
        ("history USD --start 2025-12-01 --end 2025-13-01", "no such date: '2025-13-01'"),
        ("history USD --last 3", "invalid period '3': write 10d, 2w, 3m or 1y"),
        ("history USD --last m", "invalid period 'm'"),
        ("history USD --last 0d", "invalid period '0d'"),
        ("history USD --last -3m", "invalid period '-3m'"),
        ("history USD --last 3M", "invalid period '3M'"),
        ("history USD --last ３m", "invalid period '３m'"),
        ("history USD --last 1.5y", "invalid period '1.5y'"),
        ("history USD --last 10000d", "invalid period '10000d'"),
        ("history USD --last", "--last needs a value"),
        (
            "history USD --last 1m --missing ignore",
            "--missing is skip, raise or previous, not 'ignore'",
        ),
        ("sync", "give --start DATE or --all"),
        ("sync --start 2025-12-02 --end 2025-12-01", "2025-12-01 ends before it starts"),
        ("sync --start 2025-12-01 --currency", "--currency needs a value"),
        ("sync --start 2025-12-01 --last 3m", "sync has no --last; give --start DATE"),
        (
            "sync --start 2025-12-01 --format json",
            "sync has no --format; convert, sheet,",
        ),
        ("health --format csv", "--format is table or json, not 'csv'"),
        ("health today", "unrecognized arguments: today"),
        ("cache", "missing: info, path, copy or clear (see kzt-rates cache --help)"),
        ("convert 100", "missing: BASE"),
        ("convert three USD", "invalid amount 'three': write 1250 or 1250.50, without"),
        ("convert 1,250 USD", "invalid amount '1,250': write 1250 or 1250.50, without spaces or a"),
        ("convert USD 100", "the amount comes first: kzt-rates convert 100 USD (see"),
        ("convert usd 100 eur", "the amount comes first: kzt-rates convert 100 USD eur (see"),
        ("convert USD EUR 5.5", "the amount comes first: kzt-rates convert 5.5 USD EUR (see"),
        ("convert $ EUR", "the amount comes first: kzt-rates convert 100 USD EUR (see"),
        ("convert доллар 100", "the amount comes first: kzt-rates convert 100 USD (see"),
        ("convert abc USD", "invalid amount 'abc': write 1250 or 1250.50, without"),
        ("convert nan USD", "invalid amount 'nan': write 1250 or 1250.50, without"),
        (
            "convert 100$ EUR",
            "the currency apart: kzt-rates convert 100 USD EUR (see",
        ),
        ("convert €5,5 EUR", "the amount and the currency apart: kzt-rates convert 5,5 EUR (see"),
        ("convert 100% USD", "invalid amount '100%'"),
        (
            "convert 1 250,50 USD",
            "'250,50' is no currency; write the amount w",
        ),
        ("convert 1 250,50 USD", "without spaces: kzt-rates convert 1250.50 USD (see"),
        ("convert 1 250 000 USD EUR", "without spaces: kzt-rates convert 1250000 USD EUR (see"),
        ("convert 1 USD/EUR", "'USD/EUR' apart: kzt-rates convert 1 USD EUR (see"),
        ("history usd-eur --last 3m", "'usd-eur' apart: kzt-rates history USD EUR (see"),
        (
            "ticker --output x.csv",
            "--output writes the line as HTML: add --format html, or use a file .html",
        ),
        (
            "sheet --output=x.csv --currency USD",
            "sheet has no --currency; export and sync have it (see",
        ),
        ("cache path --format json", "path has no --format; convert, sheet, latest,"),
        ("convert 1 USD --plces 2", "convert has no --plces; did you mean --places? (see"),
        ("--plces 2 convert 1 USD", "kzt-rates has no --plces (see kzt-rates --help)"),
        ("--bogus", "kzt-rates has no --bogus (see kzt-rates --help)"),
        ("convrt 1 USD", "no command 'convrt'; did you mean convert? (see kzt-rates --help)"),
        (
            "cache remove",
            "no command 'remove'; the commands of kzt-rates cache are",
        ),
        ("latest --refresh=1", "--refresh takes no value, and '1' was given (see"),
        ("convert -1e5 USD", "invalid amount '-1e5'"),
        ("convert -.5 USD", "invalid amount '-.5'"),
        ("convert １ USD", "invalid amount '１'"),
        ("convert 1 USD --on 5.12.25", "a date is written 2025-12-05 or 05.12.2025, not '5.12.25'"),
        ("convert 1 USD --on 2025-02-30", "no such date: '2025-02-30'"),
        ("convert 1 USD --places -1", "--places is a whole number from 0 to 100, not '-1'"),
        ("convert 1 USD --places 101", "--places is a whole number from 0 to 100, not 101"),
        ("convert 1 USD --format xml", "--format is table, json, csv or plain, not 'xml'"),
        ("convert 1 USD --missing skip", "--missing is raise or previous, not 'skip'"),
        ("convert 1 USD --off", "convert has no --off"),
        ("convert 1 USD EUR CNY", "unrecognized arguments: CNY"),
        ("convert 100 USD to EUR", "leave out 'to': kzt-rates convert 100 USD EUR"),
        ("convert 100 USD TO EUR CNY", "leave out 'TO'"),
        ("convert 100 USD в EUR", "leave out 'в'"),
        ("convert 100 USD to", "leave out 'to'"),
        ("convert 1 USD 2025-12-05", "a date is given as --on 2025-12-05"),
        ("convert 1 USD EUR 05.12.2025", "a date is given as --on 05.12.2025"),
        ("latest 2025-12-05", "latest takes no date; kzt-rates sheet does"),
        ("latest --on 2025-12-05", "latest has no --on; kzt-rates sheet takes a date"),
        ("history USD --start 2025-12-01 --on 2025-12-05", "history has no --on; give --start"),
        ("history USD EUR 2025-12-05 --last 3m", "given as --start 2025-12-05 or --end"),
        ("history USD 2025-12-05 --last 3m", "given as --start 2025-12-05 or --end 2025-12-05"),
        ("history USD to EUR --last 3m", "leave out 'to': kzt-rates history USD EUR (see"),
        ("sheet 2025-12-05 --on 2025-12-04", "two dates, 2025-12-05 and --on 2025-12-04: give one"),
        ("ticker --on yesterday", "not 'yesterday'"),
        ("sheet --language de", "--language is en, ru or kk, not 'de'"),
        (
            "convert 1 USD --output x.csv",
            "convert has no --output; sheet, latest, ticker, history and export have it (see",
        ),
        ("sheet --format plain", "--format is table, json, csv or parquet, not 'plain'"),
        ("completion tcsh", "SHELL is bash, zsh or fish, not 'tcsh'"),
        ("sheet yesterday", "not 'yesterday'"),
        ("serve --port 99999", "--port is 0 to 65535, not 99999 (see kzt-rates serve --help)"),
        ("ticker 20251205", "not '20251205'"),
        ("currencies --base-url ftp://bank", "a base URL "),
        ("sheet --base-url=", "a base URL "),
    ],
)
def test_usage_errors(run: Any, line: str, message: str) -> None:
    """Wrong arguments are one line that says why, and status 2."""
    said = run(line)
    assert (said.status, said.out) == (2, "")
    assert said.err.startswith("kzt-rates: ")
    assert message in said.err
    assert said.err.endswith(" --help)\n")
    assert said.err.count("\n") == 1


def test_line_break_in_an_argument(run: Any) -> None:
    """What a user types into an argument cannot make two lines of an error, nor colour it."""
    said = run("convert", "1", "U\nSD", "--on", "\x1b[31m")
    assert said.status == 2
    assert said.err.count("\n") == 1
    assert "\x1b" not in said.err
