"""The words of pictures in three languages."""

import datetime as dt

import pytest

from kzt_rates.currency import FACTS
from kzt_rates.money import LANGUAGES, parse_language
from kzt_rates.plotting.i18n import (
    MONTHS,
    MONTHS_ALONE,
    full_date,
    label_of,
    name_of,
    number,
    title_of,
    unit_of,
)

USD, EUR, CROSS, INVERSE = ("USD", "KZT"), ("EUR", "KZT"), ("USD", "EUR"), ("KZT", "USD")


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_are_the_languages_own(language):
    """Months, dates and numbers are written as the Unicode CLDR has it for each language."""
    dates = pytest.importorskip("babel.dates")
    numbers = pytest.importorskip("babel.numbers")
    for months, context in ((MONTHS, "format"), (MONTHS_ALONE, "stand-alone")):
        names = dates.get_month_names("abbreviated", context, locale=language)
        assert months[language] == tuple(names[month] for month in range(1, 13))
    day = dt.date(2015, 5, 21)
    locale = "en_GB" if language == "en" else language
    expected = dates.format_date(day, "medium", locale=locale)
    assert full_date(day, language) == expected.replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert number(1616.5, 1, language) == numbers.format_decimal(1616.5, locale=language)


def test_numbers_have_no_exponent():
    """A rial and a minus are written in full."""
    assert number(0.000034, 6, "en") == "0.000034"
    assert number(0.000034, 6, "kk") == "0,000034"
    assert number(-0.5, 1, "ru") == "−0,5"


def test_every_currency_has_a_name_in_each_language():
    """No picture shows a code where there is a name to show."""
    for code in ("KZT", *FACTS):
        names = {name_of(code, language) for language in LANGUAGES}
        assert len(names) >= 2
        assert code not in names


@pytest.mark.parametrize(
    ("pairs", "language", "title", "unit"),
    [
        ([USD], "en", "Official rate: US dollar", "₸ per 1 USD"),
        ([USD], "kk", "Ресми бағам: АҚШ доллары", "1 USD үшін ₸"),
        ([USD], "ru", "Официальный курс: доллар США", "₸ за 1 USD"),
        ([USD, EUR], "en", "Official rates", "₸ per unit of the currency"),
        ([USD, EUR], "kk", "Ресми бағамдар", "валюта бірлігі үшін ₸"),
        ([USD, EUR], "ru", "Официальные курсы", "₸ за единицу валюты"),
        ([CROSS], "en", "At official rates: US dollar / euro", "EUR per 1 USD"),
        ([CROSS], "kk", "Ресми бағамдар бойынша: АҚШ доллары / еуро", "1 USD үшін EUR"),
        ([CROSS], "ru", "По официальным курсам: доллар США / евро", "EUR за 1 USD"),
        ([INVERSE], "en", "At official rates: Kazakhstani tenge / US dollar", "USD per 1 ₸"),
        ([USD, CROSS], "en", "At official rates", "second of the pair per unit of the first"),
        ([USD, INVERSE], "ru", "По официальным курсам", "вторая валюта пары за единицу первой"),
    ],
)
def test_title_and_unit(pairs, language, title, unit):
    """A picture says what it shows; only what the bank publishes is called official."""
    assert (title_of(pairs, language), unit_of(pairs, language)) == (title, unit)


@pytest.mark.parametrize(
    ("pair", "step", "language", "label"),
    [
        (USD, "day", "en", "USD/KZT, US dollar"),
        (USD, "week", "kk", "USD/KZT, АҚШ доллары, апталар бойынша"),
        (EUR, "quarter", "ru", "EUR/KZT, евро, по кварталам"),
        (CROSS, "day", "ru", "USD/EUR"),
        (CROSS, "year", "en", "USD/EUR, by year"),
        (("KZT", "KZT"), "day", "en", "KZT/KZT"),
    ],
)
def test_label(pair, step, language, label):
    """A legend names the pair, the currency, and what a value stands for."""
    assert label_of(pair, step, language) == label


def test_other_languages_are_refused():
    """There are three languages, and the message names them."""
    for word in ("de", "EN", "", None):
        with pytest.raises(ValueError, match="'en', 'ru' or 'kk'"):
            parse_language(word)
