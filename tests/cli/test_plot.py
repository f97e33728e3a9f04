"""`history --plot` and the line of blocks above its table."""

import io
import logging
import os
import sys
import warnings
from argparse import Namespace

import pytest

import kzt_rates
from kzt_rates.cli.history import sparkline_of
from kzt_rates.cli.output import Words

YEAR = "history USD --start 2016-01-01 --end 2016-12-31 --offline"
AUGUST = "history USD --start 2015-08-17 --end 2015-08-25 --offline"
STARTS = {"png": b"\x89PNG\r\n\x1a\n", "svg": b"<?xml ", "pdf": b"%PDF-"}


def three_days():
    """Return a series that steps up on its last day."""
    with kzt_rates.Client(offline=True, cache=False) as client:
        return client.history("USD", start="2015-08-19", end="2015-08-21")


def check_refused(said, status, *parts):
    """Check that a command said one line on stderr, with all of the parts."""
    assert (said.status, said.out, said.err.count("\n")) == (status, "", 1)
    for part in parts:
        assert part in said.err


@pytest.mark.parametrize("form", STARTS)
def test_plot(run, tmp_path, form):
    """A picture is written, whatever the case of its ending, and stdout says of what and where."""
    file = tmp_path / f"usd.{form.upper()}"
    said = run(f"{YEAR} --plot", str(file))
    assert said == (0, f"{file}: USD in KZT, 2016-01-01 to 2016-12-31, 366 days\n", "")
    assert file.read_bytes().startswith(STARTS[form])
    assert os.listdir(tmp_path) == [file.name]


def test_words_and_events(run, tmp_path):
    """The words are those of the language asked for; an SVG has them as remarks."""
    file = tmp_path / "usd.svg"
    assert run(f"{AUGUST} --plot", str(file)).status == 0
    english = file.read_text(encoding="utf-8")
    assert "<!-- Official rate: US dollar -->" in english
    assert 'id="event-' not in english
    assert run(f"{AUGUST} --language kk --events --plot", str(file)).status == 0
    kazakh = file.read_text(encoding="utf-8")
    assert "<!-- Ресми бағам: АҚШ доллары -->" in kazakh
    assert 'id="event-2015-08-21"' in kazakh


@pytest.mark.parametrize("chosen", [(), ("dark",), ("transparent",), ("dark", "transparent")])
def test_ground(run, tmp_path, chosen):
    """A dark and a transparent picture are those of the library, to the byte."""
    file = tmp_path / "usd.svg"
    options = [f"--{name}" for name in chosen]
    assert run(f"{AUGUST} --plot", str(file), *options).status == 0
    with kzt_rates.Client(offline=True, cache=False) as client:
        series = client.history("USD", start="2015-08-17", end="2015-08-25")
    assert file.read_bytes() == series.picture("svg", **dict.fromkeys(chosen, True))


@pytest.mark.parametrize("form", ["csv", "json"])
def test_picture_beside_an_answer(run, tmp_path, form):
    """With a format for programs stdout is what it is without the picture."""
    file = tmp_path / "usd.png"
    without = run(f"{AUGUST} --format {form}")
    assert run(f"{AUGUST} --format {form} --plot", str(file)) == without
    assert file.read_bytes().startswith(STARTS["png"])


def test_picture_and_table_in_files(run, tmp_path):
    """A table that goes to a file goes there, and the picture to its own."""
    table, picture = tmp_path / "usd.txt", tmp_path / "usd.png"
    line = f"{AUGUST} --format table --plot"
    assert run(line, str(picture), "--output", str(table)) == (0, "", "")
    assert table.read_text(encoding="utf-8").startswith("USD in KZT, 2015-08-17 to 2015-08-25")
    assert picture.exists()


def test_gaps_are_said(run, bank, tmp_path):
    """The line says of how many days the rates are, where there are fewer than days."""
    bank.withdraw("2025-12-03")
    file = tmp_path / "usd.png"
    said = run("history USD --start 2025-12-01 --end 2025-12-05 --plot", str(file))
    assert said.out == f"{file}: USD in KZT, 2025-12-01 to 2025-12-05, 4 days, 1 without a rate\n"


@pytest.mark.parametrize("name", ["usd.jpg", "usd", ".png", "png", "-", "usd.png.gz"])
def test_other_pictures_are_refused(run, bank, name):
    """A file of another kind is wrong usage, said with what is taken, before the bank is asked."""
    check_refused(run(f"history USD --last 3d --plot={name}"), 2, ".png, .svg or .pdf", repr(name))
    assert not bank.requests


def test_marks_without_a_picture(run, bank):
    """What is about a picture is wrong usage without one."""
    for option in ("--events", "--dark", "--transparent"):
        check_refused(run(f"history USD --last 3d {option}"), 2, f"{option} needs --plot FILE")
    check_refused(run("history USD --last 3d --plot a.png --language de"), 2, "'de'")
    assert not bank.requests


def test_no_folder(run, bank, tmp_path):
    """Where the picture's folder is not there, the bank is not asked for what would be lost."""
    check_refused(run("history USD --last 3d --plot", str(tmp_path / "no" / "a.png")), 1, "no")
    assert not bank.requests


def test_no_matplotlib(run, bank, monkeypatch, tmp_path):
    """Without matplotlib the error is the line to type, before the bank is asked."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    said = run("history USD --last 3d --plot", str(tmp_path / "a.png"))
    check_refused(said, 1, "kzt-rates: this needs matplotlib", "pip install 'matplotlib>=3.9'")
    assert not bank.requests


def test_nothing_is_left_of_a_failure(run, monkeypatch, tmp_path):
    """A picture that was there stays where the new one fails, and nothing else is left."""
    file = tmp_path / "usd.png"
    file.write_bytes(b"before")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    check_refused(run(f"{AUGUST} --plot", str(file)), 1, "no space left")
    assert file.read_bytes() == b"before"
    assert os.listdir(tmp_path) == [file.name]


@pytest.mark.parametrize("verbose", [False, True])
def test_matplotlib_is_silent(run, monkeypatch, tmp_path, verbose):
    """What matplotlib says of its fonts is heard with --verbose alone."""
    from matplotlib.figure import Figure

    draw, heard = Figure.savefig, []

    def talkative(*arguments, **options):
        heard.append(logging.getLogger("matplotlib.font_manager").isEnabledFor(logging.WARNING))
        if not verbose:  # a warning is an error here
            warnings.warn("a glyph is missing", UserWarning, stacklevel=2)
        draw(*arguments, **options)

    monkeypatch.setattr(Figure, "savefig", talkative)
    said = run(f"{AUGUST} {'--verbose' if verbose else ''} --plot={tmp_path / 'usd.png'}")
    assert (said.status, heard) == (0, [verbose])
    assert verbose or not said.err
    assert logging.getLogger("matplotlib").level == logging.NOTSET


def test_in_a_process_of_its_own(run_apart, tmp_path):
    """Without display and with a home that cannot be written, stderr is clean; no pyplot."""
    said = run_apart(
        f"{AUGUST} --plot {tmp_path / 'usd.png'}",
        DISPLAY="",
        MPLBACKEND="tkagg",
        MPLCONFIGDIR=os.devnull,
    )
    assert (said.status, said.err) == (0, "")
    assert (tmp_path / "usd.png").read_bytes().startswith(STARTS["png"])


def test_sparkline(run):
    """Under the heading stands a block a day, with the smallest and the largest rate."""
    heading, blocks, empty, *_ = run(AUGUST).out.splitlines()
    assert heading == "USD in KZT, 2015-08-17 to 2015-08-25, 9 days"
    assert blocks == "▁▁▁▁████▄  min 188.05, max 255.26"
    assert empty == ""


def test_sparkline_is_as_wide_as_the_terminal(run):
    """A year is brought to 78 columns; of a cross rate's digits there are six."""
    _, blocks, *_ = run(YEAR).out.splitlines()
    assert len(blocks) == 78
    assert blocks.endswith("  min 327.66, max 383.91")
    said = run("history USD EUR --start 2025-12-01 --end 2025-12-05 --offline")
    # 512.53 / 592.43 and 499.65 / 582.89
    assert said.out.splitlines()[1] == "█▃▅▁▁  min 0.857194, max 0.865132"


def test_sparkline_has_gaps(run, bank):
    """A day without a rate is a space among the blocks."""
    bank.withdraw("2025-12-03")
    said = run("history USD --start 2025-12-01 --end 2025-12-05")
    assert said.out.splitlines()[1] == "██ ▃▁  min 499.65, max 513.45"


def test_one_day_has_no_sparkline(run):
    """A single rate has no course."""
    said = run("history USD --start 2015-08-21 --end 2015-08-21 --offline")
    assert said.out.splitlines()[1] == ""


@pytest.mark.parametrize("encoding", ["cp866", "ascii", "iso-8859-5"])
def test_stdout_without_blocks(monkeypatch, encoding):
    """Where stdout cannot show the blocks, there is no line of question marks in their place."""
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    words = Words(Namespace(language=None, output=None))
    assert sparkline_of(three_days(), 78, words) == []
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="utf-8"))
    assert len(sparkline_of(three_days(), 78, words)) == 1
    words = Words(Namespace(language="ru", output="usd.txt"))  # a file is UTF-8
    assert sparkline_of(three_days(), 78, words)[0].endswith("мин. 188,35, макс. 255,26")
