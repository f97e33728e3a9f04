"""The program that tries to break kzt_rates: each of its parts, at a small share."""

import os
from pathlib import Path

import break_it
import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="it takes a POSIX system")


@pytest.mark.parametrize(
    ("part", "load", "kind"),
    [
        ("kills", 3, "killed"),
        ("threads", 3, "calls"),
        ("tasks", 40, "answered"),
        ("disk", 4, "full"),
        ("answers", 3000, "refused"),
    ],
)
def test_a_part(part: str, load: int, kind: str, tmp_path: Path) -> None:
    """It does what it counts, and finds nothing wrong."""
    work, _ = break_it.PARTS[part]
    counts = work(tmp_path, load)
    assert counts["wrong"] == 0, counts
    assert counts[kind] > 0


def test_wrong_answers_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that ends in another error than `FeedError` does not pass."""

    def broken(*_: object) -> None:
        raise RecursionError

    monkeypatch.setattr(break_it.xml, "read_daily", broken)
    counts = break_it.answers(tmp_path, 20)
    assert counts["wrong"] == counts["RecursionError()"] > 0
