"""Why a rate was given, asked for or neither: the log tells the row of the table of states."""

import logging
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kzt_rates import FeedError
from kzt_rates.plans.rules import TABLE

if TYPE_CHECKING:
    from conftest import World

TODAY = "2025-12-10"
PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "why-did-it-ask.md"


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> "pytest.LogCaptureFixture":
    """The log, which wants every step."""
    caplog.set_level(logging.DEBUG, logger="kzt_rates")
    return caplog


def verdicts(told: pytest.LogCaptureFixture) -> list[str]:
    found = [line.getMessage() for line in told.records if line.levelno == logging.DEBUG]
    told.clear()
    return found


def test_the_page_has_the_table() -> None:
    """The page that tells why something was asked has the rows, in their order, and no other."""
    rows = re.findall(r"^\| ([^|`]+) \| `([a-z_]+)` \|", PAGE.read_text("utf-8"), re.MULTILINE)
    assert rows == [(name, answer) for name, _, answer in TABLE]


@pytest.mark.parametrize("kind", ["sync"])
def test_a_rate_that_is_asked_for_once(world: "World", told: pytest.LogCaptureFixture) -> None:
    """It is asked for because it is not known, then given because it is."""
    client = world.client()
    client.rate("USD", on=TODAY)
    first = verdicts(told)
    assert first[0] == f"USD on {TODAY}: it is not known: ask"
    assert first[-1] == f"USD on {TODAY}: a final figure is known: give"
    client.rate("USD", on=TODAY)
    assert verdicts(told) == [f"USD on {TODAY}: a final figure is known: give"]


@pytest.mark.parametrize("kind", ["sync"])
def test_days_in_a_row_share_a_line(world: "World", told: pytest.LogCaptureFixture) -> None:
    """A year that is not known is one line, and one more once it is."""
    world.publish_dense("2015-01-01", "2015-03-31")
    world.client().history("USD", start="2015-01-10", end="2015-03-10")
    lines = [line for line in verdicts(told) if line.startswith("USD")]
    assert "USD on 2015-01-10 to 2015-03-10: it is not known: ask" in lines
    assert lines[-1] == (
        "USD on 2015-01-10 to 2015-03-10: final figures of 60 days are known: give"
    )


@pytest.mark.parametrize("kind", ["sync"])
def test_what_was_asked_in_vain(world: "World", told: pytest.LogCaptureFixture) -> None:
    """A code that the bank's sheet lacks is told by that row, and not asked for again at once."""
    rates = {code: rate for code, rate in world.figures[TODAY].items() if code != "AMD"}
    world.bank.publish(TODAY, rates)
    client = world.client()
    for _ in range(2):
        with pytest.raises(FeedError, match="lacks it"):
            client.rate("AMD", on=TODAY)
    assert verdicts(told)[-1] == f"AMD on {TODAY}: it was asked for just now, in vain: lacking"


@pytest.mark.system
def test_nobody_is_told_unasked() -> None:
    """A program that set up no logging hears nothing of it, and imports no logging for it."""
    code = "import sys, kzt_rates; kzt_rates.convert(1, 'USD', on='2025-12-05')"
    run = [sys.executable, "-W", "error", "-c", f"{code}; assert 'logging' not in sys.modules"]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
