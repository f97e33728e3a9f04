"""Rate and RateSheet as values: equal after JSON and pickle, exact, pleasant to look at."""

import datetime as dt
import pickle
from decimal import Decimal
from html.parser import HTMLParser

import pydantic
import pytest

import kzt_rates
from kzt_rates import Rate, RateNotFound, RateSheet, UnknownCurrency
from kzt_rates.figures import Day, Figure, Refusal
from kzt_rates.models.sheet import sheet_from

DAY = dt.date(2025, 12, 5)
NOON = dt.datetime(2025, 12, 5, 7, tzinfo=dt.timezone.utc)


def published(value: str, nominal: int, **more) -> Figure:
    return Figure(value, nominal, **{"feed": "daily", "final": True, **more})


def sheet(**changes) -> RateSheet:
    """Return the bank's figures of 2025-12-05 for three codes, and one refused."""
    figures = {
        "USD": published("499.65", 1, change="-1.00", name="ДОЛЛАР США", fetched_at=NOON),
        "AMD": published("13.110", 10, fetched_at=NOON),
        "EUR": published("582.89", 1, fetched_at=NOON),
    }
    refused = {"IRR": Refusal("trap", NOON)}
    settings = {"complete": True, "final": True, "fetched_at": NOON, "refused": refused}
    return sheet_from(Day(DAY, figures, **{**settings, **changes}), DAY)


@pytest.mark.parametrize(
    "value",
    [
        sheet(),
        sheet()["USD"],
        sheet()["USD"].inverse(),
        kzt_rates.models.rate.derived("USD", "EUR", (sheet()["USD"], sheet()["EUR"]), DAY, DAY),
        sheet()["KZT"],
    ],
    ids=["sheet", "published", "inverse", "cross", "tenge"],
)
def test_a_value_survives_json_and_pickle(value):
    """JSON and pickle give back an equal value with an equal hash."""
    for again in (
        type(value).model_validate_json(value.model_dump_json()),
        pickle.loads(pickle.dumps(value)),
    ):
        assert again == value
        assert hash(again) == hash(value)


def test_a_cross_rate_is_computed_from_its_legs():
    """499.65 / 582.89, its terminating multiples exact, and there and back."""
    cross = kzt_rates.models.rate.derived("USD", "EUR", (sheet()["USD"], sheet()["EUR"]), DAY, DAY)
    assert cross.value == Decimal("0.8571943248297277359364545626")  # bc: scale=28; 499.65/582.89
    assert (cross.nominal, cross.change, cross.name) == (1, None, None)
    assert [leg.base for leg in cross.legs] == ["USD", "EUR"]
    assert cross.convert(58289) == 49965
    assert cross.inverse().convert(cross.convert(58289)) == 58289
    assert cross.inverse().inverse() == cross


def test_the_inverse_of_the_inverse_is_the_published_rate():
    """There and back gives the rate the bank published, digits and all."""
    dram = sheet()["AMD"]
    assert dram.inverse().base == "KZT"
    assert dram.inverse().convert(Decimal("1.311")) == 1
    assert dram.inverse().inverse() == dram
    assert str(dram.value) == "13.110"
    assert dram.per_unit == Decimal("1.311")


def test_derived_figures_are_not_dumped():
    """The dump holds what was published and asked for, not what follows from it."""
    assert set(sheet()["USD"].model_dump()) == {
        "base", "quote", "value", "nominal", "effective_date", "requested_date", "change", "name",
        "provisional", "source", "legs",
    }  # fmt: skip


def test_the_repr_of_a_rate_makes_it_again():
    """A rate's repr can be pasted."""
    for rate in (sheet()["USD"], sheet()["AMD"], sheet()["USD"].inverse()):
        assert eval(repr(rate), {"Rate": Rate}) == rate


def test_a_rate_that_contradicts_its_legs_is_refused():
    """A derived rate of JSON must have the value of its legs."""
    dump = sheet()["USD"].inverse().model_dump()
    with pytest.raises(pydantic.ValidationError, match="legs"):
        Rate.model_validate({**dump, "value": Decimal("0.002")})
    with pytest.raises(pydantic.ValidationError, match="one source"):
        Rate.model_validate({**dump, "source": "my bank"})


@pytest.mark.parametrize(
    "change",
    [{"value": "0"}, {"value": "-1"}, {"value": "NaN"}, {"nominal": 0}, {"base": "usd"}, {"x": 1}],
)
def test_a_rate_is_above_zero_and_named_by_a_code(change):
    """Values and nominals above zero, codes of three capitals, nothing else."""
    fields = {"base": "USD", "quote": "KZT", "value": "1", "nominal": 1, "effective_date": DAY}
    with pytest.raises(pydantic.ValidationError):
        Rate.model_validate({**fields, **change})


def test_models_are_frozen():
    """A rate cannot be changed."""
    with pytest.raises(pydantic.ValidationError, match="frozen"):
        sheet()["USD"].value = Decimal(1)


def test_source_and_hour_are_not_part_of_equality():
    """The same sheet from the bank and from the cache is the same sheet."""
    cached = sheet(source="cache", fetched_at=None)
    assert cached == sheet()
    assert hash(cached) == hash(sheet())
    assert cached.source != sheet().source
    assert sheet(complete=False) != sheet()
    assert sheet() != {"USD": 1}


def test_a_sheet_is_a_mapping_of_published_rates():
    """Any case, in order of code, the tenge there and not iterated."""
    rates = sheet()
    assert list(rates) == ["AMD", "EUR", "USD"]
    assert list(rates.keys()) == [rate.base for rate in rates.values()]
    assert rates["usd"] == rates["USD"] == dict(rates)["USD"]
    assert rates["kzt"].value == 1
    assert len(rates) == 3
    assert "kzt" in rates
    assert "Eur" in rates


def test_get_and_in_never_raise():
    """Whatever is asked, `get` gives the default and `in` says no."""
    rates = sheet()
    for key in ("IRR", "LTL", "XXQ", "", "nonsense", 5, None, ("USD",)):
        assert rates.get(key) is None
        assert rates.get(key, "x") == "x"
        assert key not in rates


def test_subscripting_says_what_is_missing():
    """No unit, not quoted, lacking, refused, unknown and not a code are told apart."""
    rates = sheet()
    for code, reason in (
        ("LTL", "no_such_unit"),  # since 2015
        ("VND", "none_published"),  # not before July 2026, and the sheet is complete
        ("GBP", "not_available_here"),  # the bank quoted it, so that the sheet's silence is none
    ):
        with pytest.raises(RateNotFound) as caught:
            rates[code]
        assert (caught.value.code, caught.value.date, caught.value.reason) == (code, DAY, reason)
    with pytest.raises(RateNotFound) as caught:
        sheet(complete=False)["VND"]
    assert caught.value.reason == "not_available_here"
    with pytest.raises(RateNotFound, match="trap") as caught:
        rates["irr"]
    assert caught.value.reason == "refused"
    with pytest.raises(UnknownCurrency, match="USD"):
        rates["USB"]
    with pytest.raises(TypeError):
        rates[5]


def test_a_day_before_the_daily_feed_tells_of_the_export_alone():
    """What the export's form lacks is not said to be none; the archive's whole sheets say it."""
    for day, code, source, reason in (
        ("2008-09-19", "LTL", "cache", "not_available_here"),
        ("2008-09-19", "LTL", "bank", "not_available_here"),
        ("2008-09-19", "LTL", "archive", "none_published"),
        ("2008-09-19", "BRL", "cache", "none_published"),  # the form has it
        ("2022-09-19", "PKR", "cache", "none_published"),  # the daily feed has all codes
    ):
        rates = RateSheet(
            date=day, requested_date=day, complete=True, provisional=False, source=source,
            fetched_at=None, refused={}, rates=(),
        )  # fmt: skip
        with pytest.raises(RateNotFound) as caught:
            rates[code]
        assert caught.value.reason == reason, (day, code, source)


def test_a_sheet_converts_between_its_currencies():
    """49965/58289 of a euro per dollar; the same currency is itself; the tenge is one."""
    rates = sheet()
    assert rates.convert(58289, "usd", "eur") == 49965
    assert rates.convert(5, "KZT") == 5
    assert rates.convert("0.10", "USD", "USD") == Decimal("0.1")
    assert rates.convert(1000, "AMD") == 1311
    assert rates.convert("13.11", "KZT", "AMD") == 10
    with pytest.raises(UnknownCurrency):
        rates.convert(1, "XXQ", "XXQ")


def test_the_ticker_to_the_character():
    """The line of 29.11.2025 as a news site carried it."""
    figures = {
        code: published(value, 1)
        for code, value in (("USD", "512.53"), ("EUR", "592.43"), ("CNY", "72.44"), ("RUB", "6.53"))
    }
    line = sheet_from(Day(dt.date(2025, 11, 29), figures), dt.date(2025, 11, 29)).ticker()
    assert line == "(29.11.2025) $ 512.53 ₸ € 592.43 ₸ ¥ 72.44 ₸ ₽ 6.53 ₸"


def test_the_ticker_has_two_decimals_and_names_the_nominal():
    """Trailing zeros are written, a nominal that is not 1 stands before the sign."""
    assert sheet().ticker(["amd", "USD"]) == "(05.12.2025) 10 ֏ 13.11 ₸ $ 499.65 ₸"
    half = sheet_from(Day(DAY, {"USD": published("0.125", 1), "JPY": published("3", 1)}), DAY)
    assert half.ticker("usd") == half.ticker(["USD"]) == "(05.12.2025) $ 0.13 ₸"
    assert half.ticker(["USD", "JPY"]) == "(05.12.2025) $ 0.13 ₸ JP¥ 3.00 ₸"
    with pytest.raises(RateNotFound):
        sheet().ticker()


@pytest.mark.parametrize(
    "change",
    [
        {"date": dt.date(2025, 12, 6)},
        {"requested_date": dt.date(2025, 12, 6)},
        {"rates": (sheet()["USD"], sheet()["USD"])},
    ],
)
def test_a_sheet_has_one_date_and_no_code_twice(change):
    """A sheet made of others' parts is refused."""
    with pytest.raises(pydantic.ValidationError):
        RateSheet.model_validate({**sheet().__dict__, **change})


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag, attrs) -> None:
        self.open.append(tag)
        self.seen.add(tag)

    def handle_endtag(self, tag) -> None:
        assert self.open.pop() == tag


def test_a_notebook_shows_a_table_that_no_name_can_break():
    """Names are escaped, every tag is closed, and nothing but a table and its style comes out."""
    hostile = published("1.5", 1, name="<script>alert('₸')</script>&")
    # of a code that no table knows, so that the bank's own name is all there is
    shown = sheet_from(Day(DAY, {"XYZ": hostile}), DAY)._repr_html_()
    tags = _Tags()
    tags.feed(shown)
    assert tags.open == []
    assert tags.seen == {
        *("style", "table", "caption", "thead", "tbody", "tr", "th", "td", "b", "br", "small"),
        *("span", "em"),
    }
    assert "&lt;script&gt;" in shown
    assert "incomplete" in shown
    assert "499.65" in sheet()["USD"]._repr_html_()


def test_the_reprs_say_the_date_and_the_state():
    """A sheet's repr tells its date, size and state at a glance."""
    assert repr(sheet()) == "<RateSheet 2025-12-05, 3 rates, from the bank>"
    carried = sheet_from(Day(DAY, {"USD": published("1", 1, final=False)}), dt.date(2025, 12, 7))
    assert repr(carried) == (
        "<RateSheet 2025-12-05 for 2025-12-07, 1 rates, incomplete, provisional, from the bank>"
    )
    assert carried["USD"].carried
    assert "requested_date='2025-12-07'" in repr(carried["USD"])


def test_what_the_bank_said_shows_its_figures_and_its_state():
    """In a failed test or a debugger a figure and a day are told apart at a glance."""
    draft = published("499.65", 1, final=False)
    assert repr(published("13.10", 10)) == "<Figure 13.10 per 10, final, from the bank>"
    assert repr(draft) == "<Figure 499.65 per 1, provisional, from the bank>"
    assert repr(Day(DAY, {"USD": draft})) == "<Day 2025-12-05, 1 figures, incomplete>"


def test_equal_reports_are_one_member_of_a_set():
    """A report and a status can be put into sets, although they hold mappings."""
    report = kzt_rates.SyncReport(
        start=DAY, end=DAY, currencies=("USD",), days=1, rates=1, requests=1, holes={"EUR": (DAY,)}
    )
    never = kzt_rates.models.FeedStatus(last_success=None, last_error_at=None, last_error=None)
    status = kzt_rates.Status(
        today=DAY, newest_complete=DAY, newest_asked=None, asked_at=None, archive_end=DAY,
        missed=(), feeds={"latest": never, "daily": never, "export": never},
    )  # fmt: skip
    for value in (report, status):
        assert {value, value.model_copy()} == {value}
