"""How a notebook shows a rate and a sheet."""

import datetime as dt
import textwrap

import pytest
from lxml import html

import kzt_rates
from kzt_rates.figures import Day, Figure, Refusal
from kzt_rates.models.sheet import sheet_from
from kzt_rates.tables.html import _WORDS, at_the_point

DAY = dt.date(2025, 12, 5)


@pytest.fixture
def client():
    with kzt_rates.Client(offline=True, cache=False) as client:
        yield client


def parts(shown: object, language: str = "en") -> tuple[str, list[list[str]], str]:
    """Return caption, rows and foot as a browser would have them."""
    root = html.fromstring(f"<div>{shown.to_html(language=language)}</div>")
    rows = [[cell.text_content() for cell in row] for row in root.xpath(".//tbody/tr")]
    return root.xpath("string(.//caption)"), rows, root.xpath("string(.//tfoot)")


def test_a_published_rate(client):
    """A rate says its lot and its unit, and which day it is official for."""
    caption, rows, _ = parts(client.rate("AMD", on=DAY))
    assert caption == "AMD/KZTofficial rate of the National Bank of Kazakhstan"
    assert rows == [
        ["Value", "13.14 KZT for 10 AMD"],
        ["Per unit", "1.314\N{NO-BREAK SPACE}KZT"],
        ["Effective date", "2025-12-05"],
        ["Name", "Armenian dram"],
    ]


def test_a_cross_rate(client):
    """A cross rate is not called official, and shows the published ones it is made of."""
    caption, rows, _ = parts(client.rate("USD", "EUR", on=DAY))
    assert "derived from official rates" in caption
    assert rows[:3] == [
        ["Value", "0.857194 EUR for 1 USD"],  # 499.65 / 582.89, to six digits
        ["Leg", "499.65 KZT for 1 USD"],
        ["Leg", "582.89 KZT for 1 EUR"],
    ]
    assert [name for name, _ in rows[3:]] == ["Effective date"]  # not the name of its base


def test_a_sheet(client):
    """A sheet has a row per currency, its lot and value, and says where it is from."""
    caption, rows, foot = parts(client.sheet(DAY))
    assert caption == (
        "Official rates of the National Bank of Kazakhstan for 2025-12-05"
        "39 currencies ·\N{NO-BREAK SPACE}from the archive"
    )
    assert [cell.strip() for cell in rows[1]] == [
        *("AMD", "֏", "Armenian dram", "10", "13.14", "1.314")
    ]
    assert len(rows) == 39
    assert foot == ""


@pytest.mark.parametrize("language", ["en", "kk", "ru"])
def test_no_line_of_a_caption_ends_with_a_point(client, language):
    """However narrow a page is, a point between facts stands before one, never behind one."""
    for shown in (client.history("USD", start="2015-08-20", end="2015-09-29"), client.sheet(DAY)):
        caption, _, _ = parts(shown, language)
        assert " ·\N{NO-BREAK SPACE}" in caption
        for line in textwrap.wrap(caption.replace("\N{NO-BREAK SPACE}", "~"), 20):
            assert not line.endswith("·")


def test_what_must_not_be_overlooked():
    """Another day's figures, drafts, a part of a sheet and what was refused are told."""
    figures = {
        "USD": Figure("499.65", 1, "-5.38", feed="daily", final=False),
        "EUR": Figure("582.89", 1, "0", feed="daily", final=True),
    }
    noon = dt.datetime(2025, 12, 5, 7, tzinfo=dt.timezone.utc)
    refused = {"IRR": Refusal("a nominal of 1 <never seen>", noon)}
    day = Day(DAY, figures, refused=refused)
    sheet = sheet_from(day, DAY + dt.timedelta(2))
    caption, rows, foot = parts(sheet)
    assert "carried to 2025-12-07" in caption
    assert "provisional: USD" in caption
    assert "incomplete" in caption
    assert [row[5:] for row in rows] == [["0.00", ""], ["-5.38", "provisional"]]
    assert foot == "refused: IRR, a nominal of 1 <never seen>"
    caption, rows, _ = parts(sheet["USD"])
    assert caption.endswith("Kazakhstancarried to 2025-12-07 provisional")
    assert ["Change", "-5.38 KZT"] in rows
    assert ["Requested date", "2025-12-07"] in rows


def test_a_sheet_is_small(client):
    """A notebook with many sheets in it stays a notebook."""
    assert len(client.sheet(DAY)._repr_html_()) < 8_000


def test_words_of_each_language():
    """Each language has a word for each thing, and takes the same facts."""
    plain = {name for name in _WORDS["en"] if not name.startswith("1 ")} | {"1 missing"}
    for words in _WORDS.values():
        assert plain <= set(words) <= set(_WORDS["en"])
        for name in set(words) & plain:
            used = [mark for mark in "☺☻♥♦" if mark in words[name].format(*"☺☻♥♦")]
            expected = [mark for mark in "☺☻♥♦" if mark in _WORDS["en"][name].format(*"☺☻♥♦")]
            if name != "1 missing":
                assert used == expected, name


@pytest.mark.parametrize(
    ("language", "title", "name", "value", "unit"),
    [
        ("en", "Official rates of the National Bank of Kazakhstan for 2025-12-05",
         "Armenian dram", "13.14", "1.314"),
        ("ru", "Официальные курсы Национального банка Казахстана на 2025-12-05",
         "армянский драм", "13,14", "1,314"),
        ("kk", "Қазақстан Ұлттық Банкінің ресми бағамдары, 2025-12-05", "армян драмы",
         "13,14", "1,314"),
    ],
)  # fmt: skip
def test_the_readers_language(client, language, title, name, value, unit):
    """Titles, names and the mark before the decimals are those of the language asked for."""
    root = html.fromstring(f"<div>{client.sheet(DAY).to_html(language=language)}</div>")
    assert root.xpath("string(.//caption/b)") == title
    dram = root.xpath(".//tbody/tr[th='AMD']/td")
    assert [cell.text_content().strip() for cell in dram] == ["֏", name, "10", value, unit]
    assert at_the_point(["10", "1000"]) == ["10", "1000"]


def test_nothing_is_broken_within(client):
    """Dates and figures stay in one line, on GitHub too, which drops the style."""
    root = html.fromstring(f"<div>{client.rate('AMD', on=DAY)._repr_html_()}</div>")
    [date] = [cell for cell in root.xpath(".//td") if cell.text_content() == "2025-12-05"]
    assert "nowrap" in date.attrib
