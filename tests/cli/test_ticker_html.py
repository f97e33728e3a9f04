"""`kzt-rates ticker --format html`: the line in a file, for a page that a cron job renews."""

import re
from pathlib import Path
from typing import Any

import pytest

from kzt_rates.testing import StandInBank

LINE = "Курсы валют Нацбанка РК (29.11.2025) $ 512.53 ₸ € 592.43 ₸ ¥ 72.44 ₸ ₽ 6.53 ₸"


def text_of(html: str) -> str:
    return re.sub(r"<[^>]*>", "", html).strip()


def test_line(run: Any, tmp_path: Path) -> None:
    """The text of the HTML is the line, to the character."""
    file = tmp_path / "line.html"
    assert run(f"ticker 2025-11-29 --offline --output {file}").out == ""
    written = file.read_text(encoding="utf-8")
    assert text_of(written) == LINE
    assert '<time datetime="2025-11-29">' in written
    assert run("ticker 2025-11-29 --offline --format html").out == written


@pytest.mark.parametrize(
    ("language", "arrow"),
    [("ru", "ниже на 4.33 тенге"), ("kk", "4.33 теңгеге төмен"), ("en", "down 4.33 tenge")],
)
def test_changes(run: Any, language: str, arrow: str) -> None:
    """Changes have words for a screen reader."""
    said = run(f"ticker 2025-11-29 --offline --format html --changes --language {language}").out
    assert f'lang="{language}"' in said
    assert f'role="img" aria-label="{arrow}">▼4.33</span>' in said


def test_bank_is_away(run: Any, bank: StandInBank, tmp_path: Path) -> None:
    """When the bank cannot be asked the old file stays as it is."""
    file = tmp_path / "line.html"
    file.write_text("old", encoding="utf-8")
    bank.fail("status", times=None, status=500)
    assert run(f"ticker --output {file}").status == 4
    assert file.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.glob(".kzt-rates-*")) == []


def test_output_needs_html(run: Any) -> None:
    """A file of another kind is refused."""
    for words in ("--output x.csv", "--output x.html --format json", "--output x"):
        said = run(f"ticker {words}")
        assert said.status == 2
        assert "--format html" in said.err
