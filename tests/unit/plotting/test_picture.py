"""Pictures as files."""

import io
import re

import matplotlib as mpl
import pytest
from lxml import etree
from matplotlib.font_manager import FontProperties, findfont
from matplotlib.ft2font import FT2Font

from kzt_rates.currency import FACTS
from kzt_rates.money import LANGUAGES
from kzt_rates.plotting import i18n as words


def picture_bytes(series, form, **how):
    """Return the picture of a series as a file."""
    return series.picture(form, **how)


PNG = b"\x89PNG\r\n\x1a\n"


def glyphs_of(*families):
    """Return the number of the glyph that a font has for each character, 0 for none."""
    font = FT2Font(findfont(FontProperties(family=list(families))))
    return lambda character: font.get_char_index(ord(character))


def test_png(published):
    """A PNG is 1600 by 900 dots, and a year of days is small."""
    picture = picture_bytes(published("USD", "2016-01-01", "2016-12-31"), "png")
    assert picture.startswith(PNG)
    assert [int.from_bytes(picture[at : at + 4], "big") for at in (16, 20)] == [1600, 900]
    assert len(picture) < 100_000
    assert b"matplotlib" not in picture


# the outline of the ₸, called by its character before matplotlib 3.11, then by its glyph
TENGES = {f"DejaVuSans-{name:x}" for name in (ord("₸"), glyphs_of("DejaVu Sans")("₸"))}


def test_svg_needs_no_font(published):
    """An SVG is XML of outlines: no letter waits for a font, and the ₸ is among the glyphs."""
    series = published("USD", "2015-08-01", "2015-12-31")
    picture = picture_bytes(series, "svg", language="kk", events=True)
    root = etree.fromstring(picture, etree.XMLParser(resolve_entities=False, load_dtd=False))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert not list(root.iter("{*}text"))
    names = {element.get("id") for element in root.iter() if element.get("id")}
    assert {"rate-USD-KZT", "event-2015-08-21"} <= names
    used = {element.get("{http://www.w3.org/1999/xlink}href") for element in root.iter("{*}use")}
    (tenge,) = TENGES & names
    assert f"#{tenge}" in used


def test_pdf(published):
    """A PDF has its font in it, and no date of its making."""
    picture = picture_bytes(published("USD", "2025-12-01", "2025-12-10"), "pdf")
    assert picture.startswith(b"%PDF-")
    assert b"Date" not in picture
    assert re.search(rb"/FontName\s*/[A-Z+]*DejaVuSans", picture)


@pytest.mark.parametrize("form", ["png", "svg", "pdf"])
def test_same_bytes_each_time(published, form):
    """Drawing again gives the same file, so that a version control sees no change."""
    series = published("USD", "2025-12-01", "2025-12-10")
    before = dict(mpl.rcParams)
    assert picture_bytes(series, form) == picture_bytes(series, form)
    assert dict(mpl.rcParams) == before


def test_transparent_png(published):
    """The corner of a transparent picture is clear, that of a dark one nearly black."""
    from matplotlib.image import imread

    series = published("USD", "2025-12-01", "2025-12-10")
    clear, dark = (
        imread(io.BytesIO(series.picture(**how))) for how in ({"transparent": True}, {"dark": True})
    )
    assert clear[0, 0, 3] == 0
    assert dark[0, 0, 3] == 1
    assert max(dark[0, 0, :3]) < 0.1


def test_another_form(published):
    """A form that there is no writer for is an error that names those there are."""
    with pytest.raises(ValueError, match="'png', 'svg' or 'pdf', not 'gif'"):
        published("USD", "2025-12-01", "2025-12-10").picture("gif")


def test_the_font_has_every_letter():
    """The ₸ and all letters of all words are in the font that matplotlib brings."""
    glyph = glyphs_of("DejaVu Sans")
    texts = [
        words.unit_of([("USD", "KZT")], "ru"),
        *(words.source_text([words.BANK], each) for each in LANGUAGES),
        *(month for names in words.MONTHS.values() for month in names),
        *(words.name_of(code, each) for code in ("KZT", *FACTS) for each in LANGUAGES),
    ]
    assert {character for text in texts for character in text if not glyph(character)} == set()


def test_fonts_without_the_tenge(published):
    """With a font of the reader's own that lacks the ₸, it is taken from matplotlib's."""
    assert not glyphs_of("STIXGeneral")("₸")
    with mpl.rc_context({"font.family": ["STIXGeneral"]}):
        picture = picture_bytes(published("USD", "2025-12-01", "2025-12-10"), "svg")
    # a glyph that no font has is a warning, which is an error here
    assert any(tenge.encode() in picture for tenge in TENGES)
