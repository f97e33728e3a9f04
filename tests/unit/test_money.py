"""Amounts, rates and names as people write them, compared with Unicode's CLDR where it has them."""

from decimal import Decimal

import pytest

import kzt_rates
from kzt_rates import format_money
from kzt_rates.currency import FACTS
from kzt_rates.money import LANGUAGES, in_groups, money_text, name_in, rate_text

AMOUNTS = ["0", "-0.001", "1234.56", "-1234567.895", "999999999999.994", "0.005", "12", "100000"]


@pytest.mark.extras
@pytest.mark.parametrize("language", ["ru", "kk"])
@pytest.mark.parametrize("amount", AMOUNTS)
def test_money_is_written_as_unicode_has_it(language, amount):
    """In Russian and Kazakh an amount reads as CLDR writes it, to the space."""
    from babel.numbers import format_currency

    rounded = Decimal(amount).quantize(Decimal("0.01"), rounding="ROUND_HALF_UP") + 0
    expected = format_currency(rounded, "KZT", "#,##0.00\xa0¤", locale=language)
    # CLDR has the tenge's sign in Kazakh, and its code in Russian
    assert format_money(amount, "KZT", language=language) == expected.replace("KZT", "₸")


def test_money_in_english():
    """In English the mark is a point, and the groups are set apart as in the other languages."""
    assert format_money("1234567.891", "KZT") == "1\xa0234\xa0567.89\xa0₸"
    assert format_money(Decimal(49965), "usd", language="en") == "49\xa0965.00\xa0$"
    assert format_money(1.5, "AED") == "1.50\xa0AED"
    assert format_money(1234.5, "JPY", places=0) == "1\xa0235\xa0JP¥"


@pytest.mark.parametrize(
    ("arguments", "options", "error"),
    [
        (("ten", "KZT"), {}, ValueError),
        ((float("nan"), "KZT"), {}, ValueError),
        ((True, "KZT"), {}, TypeError),
        ((1, "tenge"), {}, kzt_rates.UnknownCurrency),
        ((1, None), {}, TypeError),
        ((1, "KZT"), {"language": "de"}, ValueError),
        ((1, "KZT"), {"language": None}, ValueError),
        ((1, "KZT"), {"places": -1}, ValueError),
    ],
)
def test_what_is_no_money(arguments, options, error):
    """An amount, a code, a language or a number of decimals that is none is an error."""
    with pytest.raises(error):
        format_money(*arguments, **options)


@pytest.mark.parametrize(
    ("base", "quote", "day", "language", "text"),
    [
        ("USD", "KZT", "2025-11-29", "ru", "512,53\xa0₸"),
        ("USD", "KZT", "2025-11-29", "en", "512.53\xa0₸"),
        ("GEL", "KZT", "2025-12-05", "kk", "187,20\xa0₸"),
        ("AMD", "KZT", "2025-12-05", "ru", "1,314\xa0₸"),
        ("IRR", "KZT", "2025-12-05", "en", "0.0119\xa0₸"),
        ("USD", "EUR", "2025-12-05", "en", "0.857194\xa0€"),
        ("KZT", "USD", "2025-12-05", "ru", "0,00200140\xa0$"),
        ("KZT", "KZT", "2025-12-05", "ru", "1,00\xa0₸"),
        ("KWD", "KZT", "2025-12-05", "ru", "1\xa0629,06\xa0₸"),
    ],
)
def test_a_rate_for_people(base, quote, day, language, text):
    """A rate is the price of one unit, whatever the nominal: two decimals at least, no zero."""
    assert kzt_rates.rate(base, quote, on=day).format(language=language) == text


def test_a_rate_in_another_language():
    """English is the default, and another language is an error."""
    rate = kzt_rates.rate("USD", on="2025-12-05")
    assert rate.format() == rate.format(language="en")
    with pytest.raises(ValueError, match="'en', 'ru' or 'kk', not 'de'"):
        rate.format(language="de")


def test_a_ticker_in_a_language():
    """The line is as ever without a language; with one the figures are written in it."""
    sheet = kzt_rates.sheet("2025-12-05")
    line = "(05.12.2025) $ 499.65 ₸ € 582.89 ₸ ¥ 70.66 ₸ ₽ 6.47 ₸"
    assert sheet.ticker() == sheet.ticker(language=None) == sheet.ticker(language="en") == line
    in_kazakh = "(05.12.2025) $ 499,65 ₸ € 582,89 ₸ ¥ 70,66 ₸ ₽ 6,47 ₸"
    assert sheet.ticker(language="kk") == in_kazakh
    assert sheet.ticker(["KWD"], language="ru") == "(05.12.2025) KWD 1\xa0629,06 ₸"
    assert sheet.ticker(["KWD"]) == "(05.12.2025) KWD 1629.06 ₸"
    with pytest.raises(ValueError, match="not 'de'"):
        sheet.ticker(language="de")


@pytest.mark.parametrize("language", LANGUAGES)
def test_names(language):
    """Every currency has a name in each language, and the bank's own does not replace it."""
    for code in ("KZT", *FACTS):
        assert name_in(language, code) == name_in(language, code, "ИМЯ ОТ БАНКА") != code
    assert name_in(language, "XTS", "ТЕСТ") == "ТЕСТ"
    assert name_in(language, "XTS") == "XTS"


def test_a_name_is_shown_whatever_the_source():
    """A rate with the bank's name and one without look alike in a notebook."""
    rate = kzt_rates.rate("USD", on="2025-12-05")
    named = rate.model_copy(update={"name": "ДОЛЛАР США"})
    assert named._repr_html_() == rate._repr_html_()
    assert "US dollar" in named._repr_html_()


def test_digits():
    """Money never rounds to nothing; a published rate keeps its digits, a derived one six."""
    texts = {"0": "0.00", "0.005": "0.0050", "0.1": "0.10", "0.0999": "0.100", "-0.004": "-0.0040"}
    assert {text: money_text(Decimal(text)) for text in texts} == texts
    assert rate_text(Decimal("0.08431257"), published=True) == "0.08431257"
    assert rate_text(Decimal("0.08431257")) == "0.0843126"
    assert rate_text(Decimal("123456.789")) == "123\xa0456.79"
    assert in_groups("+7") == "+7"
    assert in_groups("-0") == "-0"
    assert in_groups("1000000.0000001", "kk") == "1\xa0000\xa0000,0000001"
