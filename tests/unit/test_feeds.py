"""Bytes into figures: documents in the bank's format, one small one per rule."""

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kzt_rates.errors import Blink, FeedError
from kzt_rates.feed import xml
from kzt_rates.figures import Received
from kzt_rates.testing import daily_xml, rates_all_xml

RECORDED = Path(__file__).parents[3] / "shared" / "data" / "responses"
DAY = dt.date(2025, 12, 5)
# noon of that day in Kazakhstan: figures up to it are final
CAME = Received(dt.datetime(2025, 12, 5, 7, tzinfo=dt.timezone.utc), DAY)
# the bank's figures of 2025-12-05
SHEET = {"USD": "499.65", "AMD": ("13.11", 10), "UZS": ("4.18", 100)}


def item(code="USD", value="499.65", nominal="1", extra="") -> str:
    return (
        f"<item><fullname>X</fullname><title>{code}</title><description>{value}</description>"
        f"<quant>{nominal}</quant>{extra}</item>"
    )


def rates(*items: str, date: str = "<date>05.12.2025</date>") -> bytes:
    return f"<?xml version='1.0' encoding='utf-8'?><rates>{date}{''.join(items)}</rates>".encode()


def rss(*items: tuple[str, str]) -> bytes:
    inside = "".join(
        f"<item><title>{code}</title><pubDate>{on}</pubDate><description>1.5</description>"
        "<quant>1</quant></item>"
        for code, on in items
    )
    return f"<rss version='2.0'><channel><language>ru</language>{inside}</channel></rss>".encode()


def test_a_sheet_is_read_with_the_digits_as_published():
    """Values and nominals come out as printed, by code, and are final where the day has come."""
    day = xml.read_daily(daily_xml(DAY, SHEET), DAY, CAME)
    assert day is not None
    assert day.final
    assert all(figure.final for figure in day.figures.values())
    yesterday = Received(CAME.at, DAY - dt.timedelta(days=1))
    draft = xml.read_daily(daily_xml(DAY, SHEET), DAY, yesterday)
    assert draft is not None
    assert not draft.final
    assert not any(figure.final for figure in draft.figures.values())
    assert {code: (figure.value, figure.nominal) for code, figure in day.figures.items()} == {
        "USD": ("499.65", 1),
        "AMD": ("13.11", 10),
        "UZS": ("4.18", 100),
    }
    assert day.figures["USD"].name == "ДОЛЛАР США"


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded responses are not here")
def test_a_recorded_response_is_read_whole():
    """The recorded sheet of 2026-04-02 has 39 codes; a few are compared by hand."""
    day = xml.read_daily(
        (RECORDED / "get_rates_2026-04-02.xml").read_bytes(), dt.date(2026, 4, 2), CAME
    )
    assert day is not None
    assert len(day.figures) == 39
    dram, yen = day.figures["AMD"], day.figures["JPY"]
    assert (dram.value, dram.nominal, dram.change, dram.name) == (
        "12.69", 10, "-0.03", "АРМЯНСКИЙ ДРАМ",
    )  # fmt: skip
    assert (yen.value, yen.change) == ("3", "0.00")


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded responses are not here")
def test_a_recorded_rss_of_two_digit_years_and_the_old_code_of_the_rouble():
    """In 2017 the RSS wrote 16.06.17 and RUR."""
    day = xml.read_latest((RECORDED / "rates_2017-06-16.xml").read_bytes(), CAME)
    assert day.date == dt.date(2017, 6, 16)
    assert {code: figure.value for code, figure in day.figures.items()} == {
        "RUB": "5.53", "EUR": "354.5", "USD": "317.65",
    }  # fmt: skip


def test_no_rate_is_not_a_blink():
    """An `<info>` says that there is none; nothing at all says nothing."""
    assert (
        xml.read_daily(daily_xml(DAY, {}, info="На 05.12.2025 информации нет"), DAY, CAME) is None
    )
    with pytest.raises(Blink):
        xml.read_daily(rates(), DAY, CAME)
    with pytest.raises(Blink):
        xml.read_latest(rss(), CAME)


@pytest.mark.parametrize(
    "change", ["", "<change/>", "<change>+0.53</change>", "<change>-2</change><index>DOWN</index>"]
)
def test_change_index_and_name_may_be_absent_or_empty(change):
    """What a figure is not made of is tolerated."""
    day = xml.read_daily(rates(item(extra=change)), DAY, CAME)
    assert day is not None
    bare = b"<rates><date>05.12.2025</date><item><title>USD</title><description>1.0</description>\
<quant>1</quant></item></rates>"
    assert xml.read_daily(bare, DAY, CAME).figures["USD"].value == "1.0"


@pytest.mark.parametrize(
    "value",
    ["", "-1", "+1", "0", "0.00", "1e5", "1E5", "nan", "inf", "１２", "1,5", "1.", ".5",
     "1 000.5", "0x1", "1_0", "٣", "1.2.3", "9" * 16, "4<b/>79", "4<!-- -->,79", "<b>4</b>"],
)  # fmt: skip
def test_a_value_is_plain_digits_above_zero(value):
    """Any other value refuses the whole sheet."""
    with pytest.raises(FeedError):
        xml.read_daily(rates(item(), item("EUR", value)), DAY, CAME)


@pytest.mark.parametrize("blank", [" ", "\t", "\r\n  "])
def test_blanks_around_a_figure_are_tolerated(blank):
    """The bank's servers have sent blank lines before the declaration, and padded texts."""
    padded = [f"{blank}{text}{blank}" for text in ("EUR", "582.89", "1")]
    day = xml.read_daily(blank.encode() + rates(item(), item(*padded)), DAY, CAME)
    assert day is not None
    assert (day.figures["EUR"].value, day.figures["EUR"].nominal) == ("582.89", 1)


@pytest.mark.parametrize("nominal", ["", "0", "-1", "1.0", "1e2", "ten", "１", "9" * 10])
def test_a_nominal_is_a_whole_number_above_zero(nominal):
    """Any other nominal refuses the whole sheet."""
    with pytest.raises(FeedError):
        xml.read_daily(rates(item(), item("EUR", nominal=nominal)), DAY, CAME)


@pytest.mark.parametrize("code", ["", "usd", "US", "USDT", "U1D", "ДОЛ", "U SD", "US&amp;"])
def test_a_code_is_three_capitals(code):
    """Any other code refuses the whole sheet."""
    with pytest.raises(FeedError):
        xml.read_daily(rates(item(), item(code)), DAY, CAME)


@pytest.mark.parametrize(
    "items",
    [
        (item("EUR|582.89|1|\nUSD"),),
        (item("EUR|582.89|1|\nUSD"), item("AMD", "no")),
        (item(), item("EUR", "582.89|1|\nAMD|13.11")),
        (item(), item("EUR", "no"), item("AMD", "13.11", "10")),
    ],
)
def test_no_text_passes_for_two_and_none_is_passed_over(items):
    """A figure is made of the texts of one item; what was not read of any names the refusal."""
    with pytest.raises(FeedError, match=r"has the figure '(EUR|AMD)\|"):
        xml.read_daily(rates(*items), DAY, CAME)


@pytest.mark.parametrize(
    "document",
    [
        rates(item(), item()),
        rates(item("RUB"), item("RUR"), item()),
        rates(item("EUR")),
        rates(item(), item("KZT", "1")),
        rates(item(), date=""),
        rates(item(), date="<date/>"),
        rates(item(), date="<date>05.12.2025</date><date>05.12.2025</date>"),
        rates(item(), date="<date>06.12.2025</date>"),
        rates(item(), date="<date>2025-13-05</date>"),
        rates(item(), date="<date>5 декабря</date>"),
        rates(item(extra="<quant>100</quant>")),
        rates(item(extra="<description>1</description>")),
        rates(item(extra="<index/><index/>")),
        rates(item(extra="<more><quant>100</quant></more>")),
        rates(item(extra="<change>0,5</change>")),
        rates(item(extra="<change>+-0.5</change>")),
        b"<rates><date>05.12.2025</date><item><title>USD</title><quant>1</quant></item></rates>",
        b"<rates><date>05.12.2025</date><item><title>USD</title><description>1</description>\
</item></rates>",
        b"<rates><error>no connection</error></rates>",
        b"<html><body>Request Rejected</body></html>",
        b"",
        b" \n",
        b"{}",
        b"\x00\x01\x02",
        b"PK\x03\x04",
        daily_xml(DAY, SHEET)[:-9],
        daily_xml(DAY, SHEET) + b"<rates/>",
        b"<?xml version='1.0' encoding='windows-1251'?><rates><date>05.12.2025</date></rates>",
        daily_xml(DAY, SHEET).decode().replace("utf-8", "utf-16").encode("utf-16"),
        b"<!DOCTYPE rates><rates><date>05.12.2025</date></rates>",
        b"<!DOCTYPE rates [<!ENTITY v '499.65'>]>" + rates(item(value="&v;"))[38:],
        rss(("USD", "05.12.2025")),
    ],
)  # fmt: skip
def test_what_is_no_sheet_of_that_day_is_refused(document):
    """Anything that is not a whole sheet of the day asked for is a `FeedError`."""
    with pytest.raises(FeedError):
        xml.read_daily(document, DAY, CAME)


def test_the_excerpt_is_printable_and_short():
    """A refusal carries the beginning of the answer, fit to be printed."""
    with pytest.raises(FeedError) as caught:
        xml.read_daily(
            b"<html>\x1b[31m\r\n<title>Request Rejected</title>" + b"x" * 10_000, DAY, CAME
        )
    assert caught.value.excerpt.startswith("<html> [31m <title>Request Rejected</title>")
    assert len(caught.value.excerpt) <= 200
    assert caught.value.excerpt.isprintable()


def test_only_the_newest_items_are_the_latest_sheet():
    """Dead currencies stay in the feed under their own date and are not of the sheet."""
    day = xml.read_latest(
        rss(("TRL", "05.01.05"), ("USD", "18.04.2016"), ("LVL", "31.12.13")), CAME
    )
    assert day.date == dt.date(2016, 4, 18)
    assert list(day.figures) == ["USD"]


def test_the_stand_ins_latest_sheet_is_read():
    """The writer of the stand-in bank and the reader agree on the RSS."""
    document = rates_all_xml((DAY, SHEET), two_digit_years=True)
    assert xml.read_latest(document, CAME).figures.keys() == SHEET.keys()


@pytest.mark.parametrize(
    "document",
    [
        rss(("USD", "05.12.2025"), ("USD", "05.12.2025")),
        rss(("EUR", "05.12.2025")),
        rss(("USD", "")),
        rss(("USD", "2025")),
        rss(("USD", "14.11.1993")),  # the tenge is a day younger
        rss(("USD", "05.12.2025"), ("EUR", "yesterday")),
        b"<rss><channel/><channel/></rss>",
        b"<rss/>",
        rates(item()),
    ],
)
def test_what_is_no_latest_sheet_is_refused(document):
    """A latest sheet needs one channel, dates everywhere, USD, and no code twice."""
    with pytest.raises(FeedError):
        xml.read_latest(document, CAME)


DOCUMENTS = [daily_xml(DAY, SHEET), rates_all_xml((DAY, SHEET)), rates(item(), item("EUR"))]


@st.composite
def damaged(draw) -> bytes:
    """Draw a good document with a few bytes replaced, inserted or cut."""
    document = bytearray(draw(st.sampled_from(DOCUMENTS)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(document)))
        document[at : at + draw(st.integers(0, 30))] = draw(st.binary(max_size=20))
    return bytes(document)


@settings(max_examples=400)
@given(st.binary(max_size=300) | damaged())
def test_any_bytes_are_a_sheet_or_a_feed_error(body):
    """Whatever comes, the answer is figures above zero, no rate, or `FeedError`."""
    for read in (lambda: xml.read_daily(body, DAY, CAME), lambda: xml.read_latest(body, CAME)):
        try:
            day = read()
        except FeedError:
            continue
        if day is not None:
            assert "USD" in day.figures
            for figure in day.figures.values():
                assert float(figure.value) > 0
                assert figure.nominal > 0
