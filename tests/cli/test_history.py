import csv
import io
import json
from decimal import Context, Decimal
from typing import Any

import pytest

from kzt_rates.cli.output import wrapped
from kzt_rates.testing import SettableClock, StandInBank

Figures = dict[str, dict[str, tuple[str, int]]]
KEYS = ["base", "quote", "start", "end", "missing", "rates"]


def of_2016(figures: Figures, until: str = "2016-12-31") -> dict[str, str]:
    """Return the dollar's rates of 2016 that are on record: one for every day."""
    return {day: rates["USD"][0] for day, rates in figures.items() if "2016-01-01" <= day <= until}


def asked(bank: StandInBank) -> list[str]:
    return [str(request.day)[-2:] for request in bank.requests]


def check_one_line(said: Any, status: int, *parts: str) -> None:
    assert (said.status, said.out, said.err.count("\n")) == (status, "", 1)
    for part in parts:
        assert part in said.err


def test_table(run: Any, figures: Figures) -> None:
    """A history is a heading and a line for each day, aligned, offline from the archive."""
    said = run("history USD --start 2016-01-01 --end 31.01.2016 --offline")
    assert (said.status, said.err) == (0, "")
    heading, _, empty, head, *lines = said.out.splitlines()
    assert (heading, empty) == ("USD in KZT, 2016-01-01 to 2016-01-31, 31 days", "")
    assert head.split() == ["Date", "Rate"]
    assert dict(line.split() for line in lines) == {
        day: f"{Decimal(value):.2f}" for day, value in of_2016(figures, "2016-01-31").items()
    }
    assert len({len(line) for line in (head, *lines)}) == 1
    exact = run("history USD --start 2016-01-01 --end 31.01.2016 --offline --exact").out
    shown = dict(line.split() for line in exact.splitlines()[4:])
    assert shown == of_2016(figures, "2016-01-31")
    assert len({line.index(".") for line in exact.splitlines()[4:] if "." in line}) == 1


def test_csv(run: Any, figures: Figures) -> None:
    """CSV has a date and a rate; a year from the archive is the bank's figures."""
    said = run("history usd kzt --start 2016-01-01 --end 2016-12-31 --offline --format csv")
    header, *rows = csv.reader(io.StringIO(said.out))
    assert header == ["date", "rate"]
    assert len(rows) == 366
    assert dict(rows) == of_2016(figures)


def test_json(run: Any, bank: StandInBank, figures: Figures) -> None:
    """JSON has the keys in their order, rates as strings, and the days without a rate."""
    bank.withdraw("2025-12-03")
    said = run("history AMD --start 2025-12-01 --end 2025-12-05 --format json")
    history = json.loads(said.out)
    assert list(history) == KEYS
    assert [history[key] for key in KEYS[:4]] == ["AMD", "KZT", "2025-12-01", "2025-12-05"]
    assert history["missing"] == ["2025-12-03"]
    assert history["rates"] == [
        {"date": day, "rate": str(Decimal(figures[day]["AMD"][0]).scaleb(-1).normalize())}
        for day in ("2025-12-01", "2025-12-02", "2025-12-04", "2025-12-05")
    ]


def test_cross_and_inverse(run: Any, figures: Figures) -> None:
    """A cross rate and an inverse one are quotients of that day's figures, shown to six digits."""
    usd, eur = (Decimal(figures["2025-12-05"][code][0]) for code in ("USD", "EUR"))
    divide = Context(prec=28).divide
    for pair, rate in (("USD EUR", divide(usd, eur)), ("KZT USD", divide(Decimal(1), usd))):
        said = run(f"history {pair} --start 2025-12-05 --end 2025-12-05 --offline")
        heading, _, _, line = said.out.splitlines()
        assert heading == f"{pair.replace(' ', ' in ')}, 2025-12-05 to 2025-12-05, 1 day"
        assert line.split() == ["2025-12-05", f"{Context(prec=6).plus(rate):f}"]
        exact = run(f"history {pair} --start 2025-12-05 --end 2025-12-05 --offline --exact")
        assert exact.out.split()[-1] == f"{rate:f}"


def test_in_the_language_of_the_reader(run: Any, bank: StandInBank) -> None:
    """Words and the decimal mark are the reader's; the picture is not needed for it."""
    bank.withdraw("2025-12-03")
    line = "history USD --start 2025-12-01 --end 2025-12-05"
    heading, blocks, _, head, first, *_ = run(f"{line} --language ru").out.splitlines()
    assert heading == "USD в KZT, 2025-12-01 – 2025-12-05, дней: 4"
    assert blocks.endswith("мин. 499,65, макс. 513,45")
    assert head.split() == ["Дата", "Курс"]
    assert first.split() == ["2025-12-01", "512,53"]
    said = run(f"{line} --language kk").out
    assert said.startswith("USD/KZT, 2025-12-01 – 2025-12-05, 4 күн\n")
    assert said.endswith("\n1 күнде бағам жоқ: 2025-12-03\n")
    carried = run(f"{line} --language ru --missing previous").out
    assert "2025-12-03  513,45  курс за 2025-12-02" in carried.splitlines()
    assert run(f"{line} --language en").out == run(line).out


@pytest.mark.parametrize(
    ("today", "period", "start"),
    [
        ("2025-12-05", "1d", "2025-12-05"),
        ("2025-12-05", "10d", "2025-11-26"),
        ("2025-12-05", "2w", "2025-11-22"),
        ("2025-12-05", "1m", "2025-11-06"),
        ("2025-12-05", "3m", "2025-09-06"),
        ("2025-12-05", "1y", "2024-12-06"),
        ("2025-12-31", "12m", "2025-01-01"),
        ("2025-03-31", "1m", "2025-03-01"),
        ("2024-03-30", "1m", "2024-03-01"),
        ("2024-02-29", "1y", "2023-03-01"),
    ],
)
def test_last(run: Any, clock: SettableClock, today: str, period: str, start: str) -> None:
    """A period ends today and begins the day after the same day, so long before."""
    clock.set(f"{today}T12:00+05:00")
    history = json.loads(run(f"history KZT --last {period} --format json").out)
    assert (history["start"], history["end"]) == (start, today)
    assert len(history["rates"]) == len({rate["date"] for rate in history["rates"]})
    assert {rate["rate"] for rate in history["rates"]} == {"1"}


def test_last_of_all(run: Any) -> None:
    """A period that begins before the calendar is wrong usage."""
    check_one_line(run("history USD --last 9999y"), 2, "--last 9999y begins before the year 1")


def test_last_is_asked_for(run: Any, bank: StandInBank, clock: SettableClock) -> None:
    """Today is Kazakhstan's; what is known is not asked for, but again with --refresh."""
    clock.set("2025-12-05T00:30+05:00")  # it is still the 4th in London
    for _ in range(2):
        said = run("history USD --last 3d")
        assert said.out.startswith("USD in KZT, 2025-12-03 to 2025-12-05, 3 days\n")
    assert sorted(asked(bank)) == ["03", "04", "05"]
    bank.forget()
    assert run("history USD --last 3d --refresh").status == 0
    assert bank.requests


def test_missing_days(run: Any, bank: StandInBank) -> None:
    """A day without a rate is listed, raised, or answered for by the day before and so marked."""
    bank.withdraw("2025-12-03")
    line = "history USD --start 2025-12-01 --end 2025-12-05"
    said = run(line)
    assert said.out.startswith("USD in KZT, 2025-12-01 to 2025-12-05, 4 days\n")
    assert said.out.endswith("  499.65\n\n1 day has no rate: 2025-12-03\n")
    check_one_line(run(f"{line} --missing raise"), 3, "no official rate of USD for 2025-12-03")
    said = run(f"{line} --missing previous")
    assert said.out.startswith("USD in KZT, 2025-12-01 to 2025-12-05, 5 days\n")
    assert [row for row in said.out.splitlines() if "carried" in row] == [
        "2025-12-03  513.45  carried from 2025-12-02"
    ]


def test_several_missing_days(run: Any, bank: StandInBank) -> None:
    """Days without a rate that follow one another are listed as one span."""
    for day in ("2025-12-02", "2025-12-03", "2025-12-05"):
        bank.withdraw(day)
    said = run("history USD --start 2025-12-01 --end 2025-12-05")
    assert said.out.endswith("\n3 days have no rate: 2025-12-02 to 2025-12-03, 2025-12-05\n")


def test_nothing(run: Any, bank: StandInBank) -> None:
    """Where no day has a rate there is nothing to show: status 3, in every format."""
    bank.withdraw("2025-12-03")
    for form in ("table", "json", "csv"):
        said = run(f"history USD --start 2025-12-03 --end 2025-12-03 --format {form}")
        check_one_line(said, 3, "no official rate of USD for 2025-12-03 to 2025-12-03")


def test_days_to_come(run: Any, bank: StandInBank) -> None:
    """An end in the future is the newest day known; tomorrow's rate is marked as provisional."""
    line = "history USD --start 2025-12-04 --end 2026-12-31"
    assert run(line).out.startswith("USD in KZT, 2025-12-04 to 2025-12-05, 2 days\n")
    assert run("latest").status == 0
    said = run(line)
    assert said.out.startswith("USD in KZT, 2025-12-04 to 2025-12-06, 3 days\n")
    assert said.out.endswith("\n2025-12-06  504.49  provisional\n")
    check_one_line(
        run("history USD --start 2025-12-06"), 2, "start 2025-12-06 is in the future: today"
    )
    check_one_line(run("history USD --start 2026-12-06 --end 2026-12-06"), 3, "14 days ahead")


def test_out_of_range(run: Any) -> None:
    """Outside of a currency's life the message names its dates and its successor: status 3."""
    said = run("history BYR --start 2020-01-01 --end 2020-12-31")
    check_one_line(
        said, 3, "BYR for 2020-01-01 to 2020-12-31", "the unit from 2000-01-01 to 2016-07-01", "BYN"
    )


def test_errors(run: Any, bank: StandInBank) -> None:
    """An unknown code is status 3, what would need the bank offline 4, a bank that is down 4."""
    check_one_line(run("history USX --last 3d"), 3, "unknown currency 'USX'")
    check_one_line(run("history USD --last 3d --offline"), 4, "offline is on")
    bank.fail("html", times=None)
    check_one_line(run("history USD --last 3d"), 5, "HTML")
    bank.stop()
    check_one_line(run("history USD --last 3d"), 4, bank.url)


def test_wrapped() -> None:
    """A long list is broken between its parts, in lines that fit 80 columns."""
    parts = [f"2022-12-{day:02} to 2022-12-{day + 1:02}" for day in range(1, 30, 3)]
    lines = wrapped("20 days have no rate: ", parts)
    assert len(lines) > 2
    assert max(map(len, lines)) <= 80
    assert "".join(line.removeprefix("  ") + " " for line in lines) == (
        f"20 days have no rate: {', '.join(parts)} "
    )
