"""`kzt-rates ticker --format html`: the line in a file, for a page that a cron job renews."""

import errno
import os
import re
from pathlib import Path
from typing import Any

import pytest

from kzt_rates.cli.parser import parse
from kzt_rates.testing import SettableClock, StandInBank

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


def test_no_rates_today(run: Any, bank: StandInBank, clock: SettableClock, tmp_path: Path) -> None:
    """Where the bank has set none for today, the day before's line is written, and says so."""
    file = tmp_path / "line.html"
    clock.set("2025-12-07T00:05+05:00")
    bank.withdraw("2025-12-07")
    said = run(f"ticker --missing previous --output {file}")
    assert (said.status, said.err) == (0, "")
    written = file.read_text(encoding="utf-8")
    assert "(06.12.2025)" in text_of(written)
    assert 'data-stale="на сегодня банк курсов не установил"' in written


def test_day_before_is_not_known(run: Any, tmp_path: Path) -> None:
    """A file has the day's line without changes; on a terminal it is an error."""
    file = tmp_path / "line.html"
    said = run(f"ticker 2025-12-01 --offline --changes --output {file}")
    assert said.status == 0
    assert said.err.startswith("kzt-rates: warning: the line is without changes: the rate of ")
    written = file.read_text(encoding="utf-8")
    assert text_of(written).startswith("Курсы валют Нацбанка РК (01.12.2025) $ 512.53 ₸ €")
    assert "kzt-change" not in written
    assert run("ticker 2025-12-01 --offline --changes").status == 4


def test_old_line_stays(run: Any, tmp_path: Path) -> None:
    """A file that cannot be written stays as it is, and the error names it."""
    folder = tmp_path / "no"
    said = run(f"ticker 2025-11-29 --offline --output {folder}/line.html")
    assert said.status == 1
    assert "line.html" in said.err
    assert not folder.exists()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", no_space)
        file = tmp_path / "line.html"
        file.write_text("old", encoding="utf-8")
        said = run(f"ticker 2025-11-29 --offline --output {file}")
    assert (said.status, said.out) == (1, "")
    assert said.err == f"kzt-rates: {file}: no space left on device\n"
    assert file.read_text(encoding="utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["line.html"]


def no_space(_: int) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_output_needs_html(run: Any) -> None:
    """A file of another kind is refused."""
    for words in ("--output x.csv", "--output x.html --format json", "--output x"):
        said = run(f"ticker {words}")
        assert said.status == 2
        assert "--format html" in said.err


RECIPES = (Path(__file__).parents[2] / "docs/how-to/rates-on-a-web-page.md").read_text("utf-8")


def recipes(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", RECIPES, re.MULTILINE | re.DOTALL)


def test_django_recipe(run: Any, tmp_path: Path) -> None:
    """The tag has the file as it is now: no file, the first one, and the one in its place."""
    django = pytest.importorskip("django.template", reason="pip install django")
    (code,) = (one for one in recipes("python") if "register" in one)
    (shown,) = recipes("django")
    file = tmp_path / "line.html"
    module: dict[str, Any] = {}
    exec(compile(code.replace("/var/www/rates/line.html", str(file)), "rates.py", "exec"), module)
    engine = django.Engine()
    engine.template_libraries["rates"] = module["register"]
    page = engine.from_string(shown)
    assert text_of(page.render(django.Context())) == ""
    for day, line in (("2025-11-29", LINE), ("2026-08-21", "(21.08.2026) $ 458.23 ₸")):
        assert run(f"ticker {day} --offline --output {file}").status == 0
        written = page.render(django.Context())
        assert line in text_of(written)
        assert f'data-date="{day}"' in written  # markup stays markup


def test_cron_recipe() -> None:
    """The lines for cron are commands that the command line takes."""
    (block, *_) = recipes("text")
    for entry in block.splitlines():
        words = entry.split(None, 5)[5].split()
        assert words[0] == "kzt-rates"
        options = parse(words[1:])
        assert (options.changes, options.missing, options.language) == (True, "previous", "ru")
