"""A property: whatever is known from wherever, a history is what `rate` gives, day by day."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

import kzt_rates
from kzt_rates.figures import Day, Figure
from kzt_rates.store.sqlite import MEMORY, SqliteStore

if TYPE_CHECKING:
    from conftest import Driver, World

START, END = date(2025, 11, 3), date(2025, 12, 20)
CODES = ("USD", "EUR", "UZS", "HUF")
PAIRS = [("USD", "KZT"), ("HUF", "UZS"), ("KZT", "EUR"), ("UZS", "KZT")]


def _days(start: date, end: date) -> Iterator[date]:
    for number in range((end - start).days + 1):
        yield start + timedelta(number)


class Chance:
    """A bank with holes, an archive and a cache with something of everything, by one seed."""

    def __init__(self, world: "World", seed: int) -> None:
        self.random = random.Random(seed)
        self.world = world
        self.rates: dict[date, dict[str, tuple[str, int]]] = {}
        days = list(_days(START, END))
        world.reopen(
            daily_holes=self.random.sample(days, 5),
            export_holes=self.random.sample(days, 5),
            current_nominals=self.random.choice([{}, {"HUF": 1}]),
        )
        others = {f"Q{a}{b}": "7" for a in "AB" for b in "ABC"}
        for number, day in enumerate(days):
            self.rates[day] = {
                "USD": (f"{500 + number}.{self.random.randint(0, 99):02}", 1),
                "EUR": (f"{590 + number}.5", 1),
                "UZS": (f"4.{self.random.randint(30, 70)}", 100),
                "HUF": (f"15.{self.random.randint(1, 9)}", 10),
            }
            if self.random.random() < 0.1:
                del self.rates[day][self.random.choice(CODES[1:])]
            if self.random.random() < 0.05:
                self.rates[day] = {}
            if self.rates[day]:
                world.bank.publish(day, {**self.rates[day], **others})
            else:
                world.bank.withdraw(day)
        self.archive = SqliteStore(MEMORY, source="archive")
        for day in self.random.sample(days[:-12], 8):
            self._archive(day)

    def _archive(self, day: date) -> None:
        figures = {
            code: Figure(*rate, feed="archive", final=True)
            for code, rate in self.rates[day].items()
        }
        whole = self.random.random() < 0.4
        if not whole:
            figures = {code: figures[code] for code in figures if self.random.random() < 0.5}
        if figures:
            known = Day(day, figures, complete=whole, final=True)
            self.archive.change([day], lambda _: [known])

    def client(self, **settings: Any) -> "Driver":
        return self.world.client(archive=self.archive, **settings)

    def live(self) -> None:
        """Ask this and that while the days go by, so that there are drafts, marks and figures."""
        self.world.set_clocks(f"{END - timedelta(14)}T12:00+05:00")
        for _ in range(12):
            self.world.advance(hours=self.random.randint(1, 24))
            today = self.world.clock().date()
            on = today + timedelta(self.random.randint(-30, 1))
            client, code = self.client(), self.random.choice(CODES)
            act = self.random.choice(["rate", "rate", "sheet", "history", "sync", "latest", "out"])
            if act == "out":
                self.world.bank.fail("status", times=1)
            try:
                if act in ("rate", "out"):
                    client.rate(code, on=on)
                elif act == "sheet":
                    client.sheet(on)
                elif act == "latest":
                    client.latest()
                else:
                    until = on + timedelta(self.random.randint(0, 9))
                    if act == "sync":
                        client.sync(on, max(on, min(until, today)), currencies=[code])
                    else:
                        client.history(code, start=on, end=until)
            except kzt_rates.KztRatesError:
                pass
            self.world.bank.heal()
        self.world.set_clocks(f"{END - timedelta(2)}T12:00+05:00")


@pytest.mark.filterwarnings("ignore::kzt_rates.StaleRateWarning")
@pytest.mark.parametrize("seed", range(8))
def test_a_history_is_what_rate_gives(world: "World", seed: int) -> None:
    """Of cache, archive and drafts in any mix; a day that `rate` has none of is missing."""
    chance = Chance(world, seed)
    chance.live()
    today = world.clock().date()
    base, quote = PAIRS[seed % 4]
    first = START + timedelta(chance.random.randint(0, 30))
    days = list(_days(first, today))
    # half of the time the single days are learned first, then the range
    if not seed % 2:
        # of a day that the export has not, the daily feed tells those who want that day alone
        earlier, refusal = _history(chance.client(), base, quote, first, today)
        assert earlier is not None or isinstance(refusal, kzt_rates.FeedError)
    alone = _each_rate(chance.client(), base, quote, days)
    if not seed % 2 and earlier is not None:
        _compare(chance, earlier, alone)
    given = 0
    for place in range(0, len(days), 4):
        some = {day: alone[day] for day in days[place : place + 4]}
        series, refusal = _history(chance.client(), base, quote, min(some), max(some))
        if series is None:
            assert any(type(rate) is type(refusal) for rate in some.values())
        else:
            _compare(chance, series, some)
            given += len(series)
    assert given


def _compare(chance: Chance, series: kzt_rates.Series, alone: dict[date, Any]) -> None:
    """Hold a history against the rate of each day, and what is given against the truth."""
    for day, value in series:
        assert value == alone[day], day
    for day in series.missing:
        assert isinstance(alone[day], kzt_rates.RateNotFound), day
    assert len(series) + len(series.missing) == len(alone)
    for day, value in alone.items():
        if isinstance(value, Decimal):
            true = [Decimal(1)]
            for code in (series.base, series.quote):
                digits, nominal = chance.rates[day][code] if code != "KZT" else ("1", 1)
                true.append(Decimal(digits) / nominal)
            assert abs(value - true[1] / true[2]) < Decimal("1e-20")


def _each_rate(client: "Driver", base: str, quote: str, days: list[date]) -> dict[date, Any]:
    found: dict[date, Any] = {}
    for day in days:
        try:
            found[day] = client.rate(base, quote, on=day).per_unit
        except kzt_rates.KztRatesError as error:
            found[day] = error
    return found


def _history(client: "Driver", base: str, quote: str, start: date, end: date) -> Any:
    try:
        return client.history(base, quote, start=start, end=end), None
    except kzt_rates.KztRatesError as error:
        return None, error
