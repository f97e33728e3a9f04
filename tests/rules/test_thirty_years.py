"""Thirty years in eight questions and eight sheets, and a history without a value per day."""

import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import kzt_rates
from kzt_rates.testing import SettableClock, StandInBank, dense_sheets

START, END = "1996-11-22", "2026-11-21"


def test_thirty_years_of_all_currencies(tmp_path: Path) -> None:
    """Eight questions fill thirty years of the export's 39 currencies, and eight sheets the rest.

    No more are made, and a second time none. Up to T-8 it is the export's eight questions alone.
    """
    sheets = dense_sheets(START, END)
    without_id = {"EGP", "IDR", "ILS", "MNT", "OMR", "PKR", "QAR", "RON", "VND"}
    without_id |= {"EEK", "LVL", "LTL", "TRL"}
    last_eight_days = date.fromisoformat(END) - timedelta(7)
    expected = sum(
        # a sheet of the daily feed has every currency
        len(rates if day >= last_eight_days else rates.keys() - without_id)
        for day, rates in sheets.items()
    )
    clock = SettableClock(f"{END}T12:00+05:00")
    with StandInBank(sheets, clock=clock) as bank:
        settings: dict[str, Any] = {"base_url": bank.url, "archive": False, "clock": clock}
        with kzt_rates.Client(cache=str(tmp_path / "c.sqlite"), timeout=60, **settings) as client:
            report = client.sync(START)
            assert (report.requests, len(bank.requests)) == (16, 16)
            assert [request.feed for request in bank.requests] == ["export"] * 8 + ["daily"] * 8
            assert (report.days, report.rates) == (len(sheets), expected)
            assert len({code for request in bank.requests for code in request.codes}) == 39
            again = client.sync(START)
            assert (again.requests, again.rates, len(bank.requests)) == (0, 0, 16)


def test_33_years_without_weekends(tmp_path: Path) -> None:
    """Nine questions are asked twice, at most, and eight sheets; no weekend is an error."""
    start, daily_feed = date(1993, 11, 15), date(2021, 5, 8)
    sheets = dense_sheets(start, END, ["USD"])
    clock = SettableClock(f"{END}T12:00+05:00")
    with StandInBank(sheets, clock=clock) as bank:
        bank.fail("no_weekends", None, feed="export", end=daily_feed - timedelta(1))
        settings: dict[str, Any] = {"base_url": bank.url, "archive": False, "clock": clock}
        with kzt_rates.Client(cache=str(tmp_path / "c.sqlite"), timeout=60, **settings) as client:
            series = client.history("USD", start=start)
            weekends = [day for day in sheets if day < daily_feed and day.weekday() >= 5]
            assert list(series.missing) == weekends
            assert len(series) == len(sheets) - len(weekends)
            assert len(bank.requests) <= 26
            bank.forget()
            carried = client.history("USD", start=start, missing="previous")
            assert carried.at("1996-03-10") == series.at("1996-03-08")
            assert bank.requests == ()


def test_a_warm_history_builds_no_model_per_day() -> None:
    """A year from a store that knows it makes one Series, and calls nothing once per day."""
    with kzt_rates.Client(offline=True, cache=False) as client:
        client.history("USD", start="2016-01-01", end="2016-12-31")
        calls: dict[str, int] = {}

        def count(frame: Any, event: str, _: object) -> None:
            # a model without checks of its own is only seen in pydantic
            if event == "call" and frame.f_globals.get("__name__", "").startswith(
                ("kzt_rates", "pydantic")
            ):
                name = frame.f_code.co_qualname
                calls[name] = calls.get(name, 0) + 1

        sys.setprofile(count)
        try:
            series = client.history("USD", start="2016-01-01", end="2016-12-31")
        finally:
            sys.setprofile(None)
    assert len(series) == 366
    assert not {name for name, times in calls.items() if times >= 366}
    assert not any(
        name.startswith(("Rate.", "Figure.", "Day.")) for name in calls if calls[name] > 2
    )
