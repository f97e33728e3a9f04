"""kzt_rates, as its users call it."""

import asyncio
import os
import tempfile
from contextlib import ExitStack
from datetime import date, datetime, timezone
from pathlib import Path

import kzt_rates
from benchmarks import world
from benchmarks.case import Case, Growth, in_threads
from benchmarks.places import SHEET, STORE, bank_url
from benchmarks.prepared import SHEET_DAY
from kzt_rates.feed import export, xml
from kzt_rates.figures import Received
from kzt_rates.models.sheet import sheet_from
from kzt_rates.testing import dense_sheets, range_xlsx

# the shared client's too has every day, and none but the made-up rates
os.environ.update(KZT_RATES_CACHE=str(STORE), KZT_RATES_ARCHIVE="off")

# an answer of now, in which all that the bank has published is final
RECEIVED = Received(datetime.now(timezone.utc), date.max)

UNCACHED_DAY = date(2024, 6, 3)
TASKS = 1000
# after all that is read: nothing of it is a draft
RECEIVED = Received(datetime(2026, 11, 1, tzinfo=timezone.utc), date(2026, 11, 1))


def convert(quote: str, when: str, amount: str = "100") -> Case:
    """Conversions of dollars by the shared client."""
    days = world.in_order(when, world.days())
    money = float(amount) if "." in amount else int(amount)
    ours = kzt_rates.convert

    def call() -> None:
        for day in days:
            ours(money, "USD", quote, on=day)

    return Case(call, len(days))


def convert_by_client(quote: str, when: str) -> Case:
    """The same by a client of one's own."""
    days, client = world.in_order(when, world.days()), _client()
    ours = client.convert

    def call() -> None:
        for day in days:
            ours(100, "USD", quote, on=day)

    return Case(call, len(days), _held(client))


def threads() -> Case:
    """Sixteen threads that convert with one day's rate."""
    return in_threads(convert("KZT", "same"))


def sheet() -> Case:
    """Bytes to a sheet."""
    body = SHEET.read_bytes()

    def call() -> None:
        day = xml.read_daily(body, SHEET_DAY, RECEIVED)
        assert day is not None
        sheet_from(day, SHEET_DAY)

    return Case(call)


def history(start: str, end: str) -> Case:
    """The dollar's series from a store that knows every day."""
    client = _client()
    return Case(lambda: client.history("USD", start=start, end=end), held=_held(client))


def kept_series() -> Growth:
    """The series of 39 currencies over 25 years, all kept."""

    def load() -> object:
        client, first, last = _client(), world.FIRST, world.LAST
        return [client.history(code, start=first, end=last) for code in world.CODES]

    return Growth(_use, load)


def client_of_histories() -> Growth:
    """A client that has given them one after another, and nothing else kept."""

    def load() -> object:
        client = _client()
        for code in world.CODES:
            client.history(code, start=world.FIRST, end=world.LAST)
        return client

    return Growth(_use, load)


def fill(start: str, end: str) -> Case:
    """A new cache filled from the bank."""
    rates: list[int] = []

    def call() -> None:
        with tempfile.TemporaryDirectory() as folder, _online(Path(folder, "c.sqlite")) as client:
            rates.append(client.sync(start, end).rates)

    return Case(call, facts=lambda: {"rates": rates[-1]})


def fill_again(start: str, end: str) -> Case:
    """A cache that lacks nothing, filled again."""
    folder = tempfile.TemporaryDirectory()
    client = _online(Path(folder.name, "c.sqlite"))
    client.sync(start, end)
    held = _held(client)
    held.callback(folder.cleanup)
    return Case(lambda: client.sync(start, end), held=held)


def tasks() -> Case:
    """A thousand tasks that ask at once for one day that nobody has."""

    async def ask(cache: str) -> None:
        async with kzt_rates.AsyncClient(
            bank_url(), cache=cache, archive=False, offline=False
        ) as client:
            rates = [client.rate("USD", on=UNCACHED_DAY) for _ in range(TASKS)]
            assert len({rate.value for rate in await asyncio.gather(*rates)}) == 1

    def call() -> None:
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(ask(f"{folder}/c.sqlite"))

    return Case(call)


def workbook(start: str, end: str) -> Case:
    """An answer of the range export to checked figures."""
    first, last = date.fromisoformat(start), date.fromisoformat(end)
    body = range_xlsx(dense_sheets(first, last), list(world.CODES), first, last)
    return Case(lambda: export.read(body, world.CODES, first, last, RECEIVED))


def pairs() -> Case:
    """All currencies at days in random order, by a client that nobody has asked yet."""
    asked = world.pairs()

    def call() -> None:
        with _client() as client:
            for code, day in asked:
                client.convert(100, code, on=day)

    return Case(call, len(asked))


def _client() -> kzt_rates.Client:
    return kzt_rates.Client(cache=str(STORE), archive=False, offline=True)


def _online(cache: Path) -> kzt_rates.Client:
    return kzt_rates.Client(bank_url(), str(cache), archive=False, offline=False, timeout=60)


def _held(client: kzt_rates.Client) -> ExitStack:
    held = ExitStack()
    held.callback(client.close)
    return held


def _use() -> None:
    """Import all that a history needs."""
    with _client() as client:
        client.history("USD", start=world.LAST, end=world.LAST)
