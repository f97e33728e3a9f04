"""The numbers of requests that the pages promise, counted at the stand-in bank."""

import re
from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import kzt_rates
from kzt_rates.testing import SettableClock, StandInBank, dense_sheets

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "what-is-asked.md"
NOON = "2025-12-10T12:00+05:00"
NEXT_NOON = datetime.fromisoformat("2025-12-11T12:00+05:00")
TODAY, YESTERDAY, TOMORROW, RECENT = "2025-12-10", "2025-12-09", "2025-12-11", "2025-11-26"
OLD, OF_2016 = "2023-05-15", "2016-05-15"
THIRTY_YEARS = "1995-12-03", "2025-12-02"

Sheets = dict[date, dict[str, tuple[str, int]]]


class Scene:
    """A client that knows nothing, at noon of 2025-12-10, and the bank that it asks."""

    def __init__(self, client: kzt_rates.Client, bank: StandInBank, clock: SettableClock) -> None:
        self.client = client
        self.bank = bank
        self.clock = clock

    def count(self, call: Callable[[], object]) -> int:
        """Return how many requests a call makes."""
        before = len(self.bank.requests)
        call()
        return len(self.bank.requests) - before

    def rate(self, day: str, code: str = "USD") -> int:
        return self.count(lambda: self.client.rate(code, on=day))

    def sheet(self, day: str) -> int:
        return self.count(lambda: self.client.sheet(day))

    def history(self, start: str, end: str) -> int:
        return self.count(lambda: self.client.history("USD", start=start, end=end))

    def blocked(self) -> int:
        self.bank.fail("status", None, feed="export", status=403)
        return self.rate(OLD)


def _around_an_old_day(scene: Scene) -> int:
    scene.rate(OLD)
    return scene.rate(OLD, "HUF") + scene.rate("2023-05-09") + scene.rate("2023-05-21", "EUR")


def _strange(scene: Scene) -> int:
    scene.sheet(YESTERDAY)
    scene.bank.fail("scaled", None, feed="daily", codes="USD", factor="10")

    def ask() -> None:
        with pytest.raises(kzt_rates.FeedError, match="strange"):
            scene.client.rate("USD", on=TODAY)

    return scene.count(ask)


def _blocked_within_a_day(scene: Scene) -> int:
    scene.blocked()
    scene.clock.advance(hours=23)
    return scene.rate(OLD, "EUR")


def _blocked_a_day_later(scene: Scene) -> int:
    scene.blocked()
    scene.clock.advance(days=1, seconds=1)
    return scene.rate(OLD)


def _thirty_years(scene: Scene) -> int:
    # a question names two currencies or 39; tests/rules/test_thirty_years.py fills them all
    report: list[kzt_rates.SyncReport] = []
    codes = ["USD", "EUR"]
    count = scene.count(lambda: report.append(scene.client.sync(*THIRTY_YEARS, currencies=codes)))
    assert report[0].holes == {}
    return count


SCENES: dict[str, Callable[[Scene], int]] = {
    "a rate of a recent day, or of tomorrow": lambda s: max(s.rate(RECENT), s.rate(TOMORROW)),
    "a rate of an old day": lambda s: s.rate(OLD),
    "other currencies of that old day, and days up to six around it": _around_an_old_day,
    "the newest sheet": lambda s: s.count(s.client.latest),
    "a day of following the bank": lambda s: s.count(lambda: list(s.client.watch(until=NEXT_NOON))),
    "the sheet of a recent day": lambda s: s.sheet(RECENT),
    "the sheet of an old day": lambda s: s.sheet(OLD),
    "the sheet of a day before 8 May 2021": lambda s: s.sheet(OF_2016),
    "a history of the year 2016": lambda s: s.history("2016-01-01", "2016-12-31"),
    "a history of the last thirty days": lambda s: s.history("2025-11-11", TODAY),
    "the same of several currencies": lambda s: s.count(
        lambda: s.client.history(["USD", "EUR", "HUF"], start="2025-11-11", end=TODAY)
    ),
    "the sheets of the last thirty days": lambda s: s.count(
        lambda: list(s.client.sheets("2025-11-11", TODAY))
    ),
    "thirty years of the 39 currencies that the export can be asked for, until a week ago": (
        _thirty_years
    ),
    "a rate of a recent day whose figure is strange": _strange,
    "a rate of an old day while the export is blocked": lambda s: s.blocked(),
    "the same again within a day": _blocked_within_a_day,
    "the same again a day later": _blocked_a_day_later,
}


@cache
def _some_years() -> Sheets:
    days = dense_sheets("2023-05-01", "2023-05-31") | dense_sheets("2025-10-01", TOMORROW)
    return days | dense_sheets("2015-12-01", "2017-01-31", ["USD", "EUR"])


def _rows() -> dict[str, str]:
    text = PAGE.read_text(encoding="utf-8")
    table = text.partition("| what is wanted | requests |\n|---|---|\n")[2].partition("\n\n")[0]
    return dict(re.findall(r"^\| (.*) \| (.*) \|$", table, re.MULTILINE))


def test_every_number_has_its_scene() -> None:
    """The table on the page has these rows, in this order."""
    assert list(_rows()) == list(SCENES)


@pytest.mark.parametrize("wanted", SCENES)
def test_requests(wanted: str, request: Any) -> None:
    """What the page says is wanted takes as many requests as it says, or at most so many."""
    shown = _rows()[wanted]
    sheets = _some_years()
    if wanted.startswith("thirty"):
        sheets = dense_sheets(*THIRTY_YEARS, ["USD", "EUR"])
    clock = SettableClock(NOON)
    with StandInBank(sheets, clock=clock) as bank:
        settings: dict[str, Any] = {"cache": False, "archive": False, "clock": clock, "retries": 0}
        with kzt_rates.Client(bank.url, timeout=60, **settings) as client:
            count = SCENES[wanted](Scene(client, bank, clock))
    limit = int(shown.removeprefix("at most "))
    assert count <= limit if shown.startswith("at most") else count == limit
