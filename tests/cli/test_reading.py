import csv
import io
import json
from contextlib import closing
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from kzt_rates.figures import Refusal
from kzt_rates.store.sqlite import SqliteStore
from kzt_rates.testing import SettableClock, StandInBank
from kzt_rates.testing.store_contract import sheet

SHEET_KEYS = ["date", "requested_date", "complete", "provisional", "source", "fetched_at", "rates"]
RATE_KEYS = ["currency", "nominal", "value", "per_unit", "change", "name"]
CURRENCY_KEYS = [
    "code", "symbol", "name_ru", "name_kk", "name_en", "nominal", "first", "last", "successor",
]  # fmt: skip
Figures = dict[str, dict[str, tuple[str, int]]]


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def test_sheet_table(run: Any, figures: Figures) -> None:
    """A sheet is a heading and a line per currency, aligned, within 80 columns."""
    said = run("sheet 2025-12-05")
    heading, empty, head, *lines = said.out.splitlines()
    assert (said.status, said.err) == (0, "")
    assert (heading, empty) == ("Official rates for 2025-12-05", "")
    assert head.split() == ["Code", "Name", "Nominal", "Value", "Per", "unit"]
    assert max(map(len, said.out.splitlines())) <= 80
    shown = {line[:3]: [part for part in line.split("  ") if part][-3:-1] for line in lines}
    assert {
        code: (Decimal(value.replace("\xa0", "")), int(nominal))
        for code, (nominal, value) in shown.items()
    } == {
        code: (Decimal(value), nominal) for code, (value, nominal) in figures["2025-12-05"].items()
    }
    assert "AMD   Armenian dram                    10     13.14      1.314" in lines
    assert "KWD   Kuwaiti dinar                     1  1\xa0629.06  1\xa0629.06" in lines
    assert (
        len({line.index(".") for line in lines}) == len({line.rindex(".") for line in lines}) == 1
    )


def test_sheet_marks(run: Any, bank: StandInBank, clock: SettableClock) -> None:
    """The heading says that a sheet is carried, provisional or incomplete."""
    said = run("sheet 2025-12-06")
    assert said.out.startswith("Official rates for 2025-12-06, provisional\n")
    assert "\nUSD   US dollar " in said.out
    usd = next(line for line in said.out.splitlines() if line.startswith("USD"))
    assert usd.split()[-1] == "+4.84"  # 504.49 after 499.65
    bank.withdraw("2025-12-04")
    said = run("sheet 04.12.2025 --missing previous")
    assert said.out.startswith("Official rates for 2025-12-03, carried to 2025-12-04\n")
    assert run("sheet 2025-12-04").status == 3


@pytest.mark.parametrize(
    ("language", "heading", "name", "row"),
    [
        ("en", "Official rates for 2025-12-06, provisional", "Kuwaiti dinar", "1 644.09"),
        ("ru", "Официальные курсы на 2025-12-06, предварительные", "кувейтский динар", "1 644,09"),
        ("kk", "Ресми бағамдар, 2025-12-06, алдын ала", "Кувейт динары", "1 644,09"),
    ],
)
def test_sheet_in_the_language_of_the_reader(
    run: Any, bank: StandInBank, language: str, heading: str, name: str, row: str
) -> None:
    """Words, names and the decimal mark are the reader's; json and csv are for programs."""
    lines = run(f"sheet --on 2025-12-06 --language {language}").out.splitlines()
    assert lines[0] == heading
    kwd = next(line for line in lines if line.startswith("KWD"))
    assert name in kwd
    assert row in kwd.replace("\xa0", " ")
    assert run(f"latest --language {language}").out.splitlines() == lines
    run("sheet 2025-12-05")  # the next ones are from the cache
    for form in ("json", "csv"):
        line = f"sheet 2025-12-05 --format {form}"
        assert run(f"{line} --language {language}") == run(line)


def test_one_name_whatever_the_source(
    run: Any, bank: StandInBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bank's sheet, with its own names, and the archive's, with none, are called alike."""
    of_the_bank = run("sheet 2025-12-05").out.splitlines()
    monkeypatch.setenv("KZT_RATES_ARCHIVE", "on")
    monkeypatch.setenv("KZT_RATES_CACHE", "off")
    of_the_archive = run("sheet 2025-12-05 --offline").out.splitlines()
    assert [line[:34] for line in of_the_bank] == [line[:34] for line in of_the_archive]


def test_all_digits_of_a_sheet(run: Any) -> None:
    """With --exact a figure has the digits that the bank printed, in no groups."""
    lines = run("sheet 2025-12-05 --exact").out.splitlines()
    kwd = next(line for line in lines if line.startswith("KWD"))
    assert kwd.split()[-2:] == ["1629.06", "1629.06"]
    gel = next(line for line in lines if line.startswith("GEL"))
    assert gel.split()[-2:] == ["187.20", "187.20"]
    amd = next(line for line in lines if line.startswith("AMD"))
    assert amd.split()[-2:] == ["13.14", "1.314"]


def test_a_date_either_way(run: Any) -> None:
    """A date may stand alone or after --on, and twice where it is the same."""
    for command in ("sheet", "ticker"):
        alone = run(f"{command} 2025-12-05")
        assert alone.status == 0
        assert run(f"{command} --on 05.12.2025") == alone
        assert run(f"{command} 2025-12-05 --on 05.12.2025") == alone


def test_ticker_in_the_language_of_the_reader(run: Any) -> None:
    """Russian and Kazakh have a comma before the decimals; the signs are the same."""
    line = "(29.11.2025) $ 512,53 ₸ € 592,43 ₸ ¥ 72,44 ₸ ₽ 6,53 ₸\n"
    for language in ("ru", "kk"):
        assert run(f"ticker --on 2025-11-29 --offline --language {language}").out == line
    without = run("ticker --on 2025-11-29 --offline")
    assert run("ticker --on 2025-11-29 --offline --language en") == without


def test_currencies_in_the_language_of_the_reader(run: Any) -> None:
    """One column has the names, under a head in the same language."""
    head, *lines = run("currencies --language kk").out.splitlines()
    titles = ["Код", "Белгі", "Номинал", "Басы", "Соңы", "Жаңа", "Атауы"]
    assert [title for title in head.split("  ") if title] == titles
    usd = next(line for line in lines if line.startswith("USD"))
    assert usd.endswith("  АҚШ доллары")
    assert max(map(len, lines)) <= 96


def test_sheet_known_in_part(run: Any) -> None:
    """Offline a day that is known in part is shown as incomplete."""
    said = run("sheet 2025-11-29 --offline")
    assert said.out.startswith("Official rates for 2025-11-29, incomplete\n")
    assert [line[:3] for line in said.out.splitlines()[3:]] == ["CNY", "EUR", "RUB", "USD"]
    assert json.loads(run("sheet 2025-11-29 --offline --format json").out)["complete"] is False


def test_sheet_without_what_was_refused(run: Any, bank: StandInBank) -> None:
    """A refused figure is named below the table with its reason."""
    bank.fail("bad_nominal", code="AMD", nominal="1")
    said = run("sheet")
    assert said.out.startswith("Official rates for 2025-12-05\n")
    assert said.out.count("\nAMD") == 1
    assert said.out.splitlines()[-1] == (
        "AMD was refused: 13.14 per 1, but AMD was quoted per 10 on 2025-12-05"
    )
    assert said.err == ""


def test_rows_of_a_part(run: Any) -> None:
    """Rows cannot say that a day is known in part: a line on stderr does, in the table's words."""
    said = run("sheet 2025-11-29 --offline --format csv")
    assert said.err == "kzt-rates: warning: Official rates for 2025-11-29; incomplete\n"
    assert len(said.out.splitlines()) == 5
    assert run("sheet 2025-11-29 --offline --format json").err == ""


def test_rows_without_what_was_refused(run: Any, bank: StandInBank, tmp_path: Path) -> None:
    """A refused figure is named on stderr where the form cannot name it."""
    bank.fail("bad_nominal", code="AMD", nominal="1")
    refused = (
        "kzt-rates: warning: Official rates for 2025-12-05; "
        "AMD was refused: 13.14 per 1, but AMD was quoted per 10 on 2025-12-05\n"
    )
    for form in ("csv", "json"):  # which has no key for what was refused
        assert run(f"sheet --format {form}").err == refused
    moved = run("sheet --since 2025-12-04").out.splitlines()
    assert moved[-1].startswith("AMD was refused: 13.14 per 1")
    assert run("sheet --output", str(tmp_path / "sheet.parquet")).err == refused
    for command in ("sheet 2025-12-04 --format csv", "ticker --format csv"):
        assert run(command).err == ""


@pytest.mark.parametrize("command", ["sheet 2025-12-06", "latest"])
def test_sheet_json(run: Any, bank: StandInBank, figures: Figures, command: str) -> None:
    """JSON of a sheet has the keys in their order, numbers as strings, the change if any."""
    sheet = json.loads(run(f"{command} --format json").out)
    assert list(sheet) == SHEET_KEYS
    assert [list(rate) for rate in sheet["rates"]] == [RATE_KEYS] * 39
    assert [sheet[key] for key in SHEET_KEYS[:5]] == ["2025-12-06"] * 2 + [True, True, "bank"]
    assert sheet["fetched_at"] == "2025-12-05T12:00:00+05:00"
    by_code = {rate.pop("currency"): rate for rate in sheet["rates"]}
    assert {code: (rate["value"], int(rate["nominal"])) for code, rate in by_code.items()} == (
        figures["2025-12-06"]
    )
    assert by_code["USD"]["change"] == "4.84"  # after 499.65
    assert all(isinstance(rate["nominal"], str) for rate in by_code.values())


def test_sheet_json_of_the_archive(run: Any) -> None:
    """What the archive does not know is null."""
    sheet = json.loads(run("sheet 2025-12-05 --format json").out)
    assert (sheet["source"], sheet["fetched_at"]) == ("archive", None)
    usd = sheet["rates"][[rate["currency"] for rate in sheet["rates"]].index("USD")]
    assert usd == {
        "currency": "USD",
        "nominal": "1",
        "value": "499.65",
        "per_unit": "499.65",
        "change": None,
        "name": "доллар США",
    }


@pytest.mark.parametrize("command", ["sheet 2025-12-06", "latest"])
def test_sheet_csv(run: Any, bank: StandInBank, command: str) -> None:
    """CSV of a sheet has five columns; plain numbers, an absent change is empty."""
    header, *lines = rows(run(f"{command} --format csv").out)
    assert header == ["currency", "nominal", "value", "per_unit", "change"]
    assert len(lines) == 39
    assert ["USD", "1", "504.49", "504.49", "4.84"] in lines


def test_latest(run: Any, bank: StandInBank) -> None:
    """The newest sheet may be tomorrow's; it is asked for again after --refresh alone."""
    assert run("latest").out.startswith("Official rates for 2025-12-06, provisional\n")
    assert run("latest --missing previous").status == 0
    assert len(bank.requests) == 1
    assert run("latest --refresh").status == 0
    assert len(bank.requests) == 2
    assert run("latest --offline").status == 0


def test_ticker(run: Any) -> None:
    """The ticker of 29.11.2025 reads so to the character, offline from the archive."""
    line = "(29.11.2025) $ 512.53 ₸ € 592.43 ₸ ¥ 72.44 ₸ ₽ 6.53 ₸\n"
    assert run("ticker 2025-11-29 --offline") == (0, line, "")
    assert run("ticker 29.11.2025 --offline --format table") == (0, line, "")


def test_ticker_for_programs(run: Any, figures: Figures) -> None:
    """In JSON and CSV the ticker is the sheet of its four currencies."""
    sheet = json.loads(run("ticker 2025-11-29 --offline --format json").out)
    assert list(sheet) == SHEET_KEYS
    assert (sheet["date"], sheet["complete"]) == ("2025-11-29", False)
    known = {rate["currency"]: (rate["value"], int(rate["nominal"])) for rate in sheet["rates"]}
    assert known == {code: figures["2025-11-29"][code] for code in ("CNY", "EUR", "RUB", "USD")}
    header, *lines = rows(run("ticker 2025-12-05 --offline --format csv").out)
    assert header == ["currency", "nominal", "value", "per_unit", "change"]
    assert ["USD", "1", "499.65", "499.65", ""] in lines
    assert len(lines) == 4


def test_ticker_asks_the_bank(run: Any, bank: StandInBank) -> None:
    """Without an archive the bank is asked, and the day that answers is the one shown."""
    assert run("ticker").out == "(05.12.2025) $ 499.65 ₸ € 582.89 ₸ ¥ 70.66 ₸ ₽ 6.47 ₸\n"
    bank.withdraw("2025-12-04")
    assert run("ticker 2025-12-04 --missing previous").out.startswith("(03.12.2025) $ ")
    assert run("ticker --refresh").status == 0
    assert [str(request.day)[-2:] for request in bank.requests] == ["05", "04", "03", "05"]


def last_day(figures: Figures, code: str) -> str:
    """Return the last day on record of a code, which grows with the archive."""
    return max(day for day, rates in figures.items() if code in rates)


def test_currencies_table(run: Any, figures: Figures) -> None:
    """Currencies are a line each, with the dates known here and one name, within 90 columns."""
    head, *lines = run("currencies").out.splitlines()
    titles = ["Code", "Sign", "Nominal", "First date", "Last date", "Now", "Name"]
    assert head.split() == " ".join(titles).split()
    assert len(lines) == 54
    columns = [*map(head.index, titles), None]
    table = [[line[start:end].strip() for start, end in pairwise(columns)] for line in lines]
    by_code = {row[0]: row[1:] for row in table}
    assert by_code["AMD"] == [
        "֏",
        "10",
        "2016-04-18",
        last_day(figures, "AMD"),
        "",
        "Armenian dram",
    ]
    assert by_code["BYR"][1:5] == ["100", "2013-04-24", "2016-04-18", "BYN"]
    assert sorted(code for code, row in by_code.items() if row[4] == "EUR") == ["EEK", "LTL", "LVL"]
    assert run("currencies --language en").out.splitlines() == [head, *lines]


def test_currencies_json(run: Any) -> None:
    """JSON of the currencies has the keys in their order, null where nothing is known."""
    currencies = json.loads(run("currencies --format json").out)
    assert [list(currency) for currency in currencies] == [CURRENCY_KEYS] * len(currencies)
    byr = next(currency for currency in currencies if currency["code"] == "BYR")
    assert (byr["nominal"], byr["last"], byr["successor"]) == ("100", "2016-04-18", "BYN")
    rur = next(currency for currency in currencies if currency["code"] == "RUR")
    assert (rur["first"], rur["last"]) == (None, None)


def test_currencies_csv(run: Any, figures: Figures) -> None:
    """CSV of the currencies has the same columns, empty where nothing is known."""
    header, *lines = rows(run("currencies --format csv --missing raise --refresh").out)
    assert header == CURRENCY_KEYS
    usd = next(line for line in lines if line[0] == "USD")
    assert usd[1:] == [
        "$", "доллар США", "АҚШ доллары", "US dollar", "1", "2013-04-24",
        last_day(figures, "USD"), "",
    ]  # fmt: skip


def test_ticker_with_changes(run: Any) -> None:
    """The archive has no changes, so they are against the day before: 499.65 less 503.89."""
    said = run("ticker 2025-12-05 --changes --offline")
    assert said.out == (
        "(05.12.2025) $ 499.65 ₸ ▼4.24 € 582.89 ₸ ▼4.65 ¥ 70.66 ₸ ▼0.67 ₽ 6.47 ₸ ▼0.01\n"
    )
    refused = run("ticker 2025-12-05 --changes --format json")
    assert (refused.status, refused.out) == (2, "")
    assert "--changes is for the line of text" in refused.err


def test_ticker_with_the_changes_of_the_bank(run: Any, bank: StandInBank) -> None:
    """What the bank printed is shown, and the day before is not asked for."""
    assert " $ 499.65 ₸ ▼4.24 " in run("ticker --changes").out
    assert [request.day for request in bank.requests] == [date(2025, 12, 5)]


def test_ticker_of_the_first_day(run: Any, bank: StandInBank) -> None:
    """Where there was no rate the day before nothing is added."""
    bank.publish("2025-11-27", {"USD": "1", "EUR": "1", "CNY": "1", "RUB": "1"})
    bank.withdraw("2025-11-30")
    said = run("ticker 2025-12-01 --changes")
    assert said.out == "(01.12.2025) $ 512.53 ₸ € 592.43 ₸ ¥ 72.44 ₸ ₽ 6.53 ₸\n"


def test_sheet_since(run: Any) -> None:
    """Each rate has its difference for its nominal, and percent, against another date."""
    said = run("sheet 2025-12-05 --since 2025-12-01 --offline")
    heading, empty, head, *lines = said.out.splitlines()
    assert (heading, empty) == (
        "Official rates for 2025-12-05, changes since 2025-12-01", "",
    )  # fmt: skip
    assert head.split() == ["Code", "Name", "Nominal", "Value", "Per", "unit", "Change", "%"]
    dram = next(line for line in lines if line.startswith("AMD"))
    assert dram.split()[-5:] == ["10", "13.14", "1.314", "-0.46", "-3.38"]  # 13.60 before


@pytest.mark.parametrize("form", ["json", "csv"])
def test_sheet_since_for_programs(run: Any, form: str) -> None:
    """Programs get exact digits: 499.65 less 512.53, and 100 times that by 512.53."""
    out = run(f"sheet 2025-12-05 --since 2025-12-01 --offline --format {form}").out
    if form == "json":
        said = json.loads(out)
        assert (said["date"], said["since"]) == ("2025-12-05", "2025-12-01")
        rows = said["rates"]
    else:
        rows = list(csv.DictReader(io.StringIO(out)))
    dollar = next(row for row in rows if row["currency"] == "USD")
    percent = Decimal(-1288) / Decimal("512.53")
    assert dollar == {
        "currency": "USD",
        "nominal": "1",
        "value": "499.65",
        "per_unit": "499.65",
        "difference": "-12.88",
        "percent": str(percent),
    }


def test_sheet_since_without_rates(
    run: Any, clock: SettableClock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A sheet of refused rates alone is a head without rows."""
    refused = {"USD": Refusal("strange", clock())}
    days = [sheet(date(2025, 12, 4), USD="503.89"), sheet(date(2025, 12, 5))]
    days[1] = days[1].replace(refused=refused)
    cache = str(tmp_path / "cache.sqlite")
    with closing(SqliteStore(cache)) as store:
        store.change([day.date for day in days], lambda _: days)
    monkeypatch.setenv("KZT_RATES_CACHE", cache)
    monkeypatch.setenv("KZT_RATES_ARCHIVE", "off")
    said = run("sheet 2025-12-05 --since 2025-12-04 --offline --format csv")
    assert (said.status, said.out) == (0, "currency,nominal,value,per_unit,difference,percent\n")
    assert "USD was refused: strange" in said.err


def test_sheet_since_what_cannot_be(run: Any, tmp_path: Path) -> None:
    """A date without rates, a file, and a date after the sheet's are errors that say so."""
    assert run("sheet 2025-12-05 --since 1990-01-01 --offline").status == 3
    found = run(f"sheet 2025-12-05 --since 2025-12-01 --output {tmp_path}/a.csv")
    assert found.status == 2
    assert "--since writes to stdout alone" in found.err
    later = run("sheet 2025-12-05 --since 2026-01-09 --offline")
    assert later.status == 2
    assert later.err.startswith("kzt-rates: --since 2026-01-09 is after 2025-12-05")
