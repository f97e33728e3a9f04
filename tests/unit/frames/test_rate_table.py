"""The rate table itself: long and wide, of three libraries, by every policy."""

import datetime as dt
import sys
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import kzt_rates
import kzt_rates.frames
from kzt_rates.frames import convert, table
from kzt_rates.testing import SettableClock, StandInBank

# of these days the daily feed has no archive: what the export has none of, nobody has
FIRST, HOLE, LAST = dt.date(2019, 11, 3), dt.date(2019, 11, 5), dt.date(2019, 11, 7)
TODAY, TOMORROW = dt.date(2025, 12, 10), dt.date(2025, 12, 11)
NOON = "2025-12-10T12:00+05:00"


def usd(day: dt.date) -> Decimal:
    return Decimal(500 + day.day) + Decimal("0.25")


def huf(day: dt.date) -> Decimal:
    return Decimal(1500 + day.day) / 100


@pytest.fixture
def bank() -> Iterator[StandInBank]:
    """A bank that has no rate of 2019-11-05, and otherwise those that tell their day."""
    days = [TOMORROW - dt.timedelta(days) for days in range(30)]
    days += [FIRST + dt.timedelta(days) for days in range(-10, 40)]
    sheets = {
        day: {"USD": str(usd(day)), "HUF": (str(huf(day)), 10), "EUR": "600"}
        for day in days
        if day != HOLE
    }
    with StandInBank(sheets, clock=SettableClock(NOON)) as bank:
        yield bank


@pytest.fixture
def client(bank: StandInBank, tmp_path: Path) -> Iterator[kzt_rates.Client]:
    """A client of that bank that knows nothing yet."""
    cache = str(tmp_path / "table.sqlite")
    clock = SettableClock(NOON)
    with kzt_rates.Client(
        bank.url, cache, archive=False, offline=False, retries=0, clock=clock
    ) as client:
        yield client


DAYS = [FIRST, dt.date(2019, 11, 4), dt.date(2019, 11, 6), LAST]  # without the hole


def test_long(client):
    """A row for each currency and day that has a rate: per one unit, the nearest float."""
    found = table(FIRST, LAST, ["usd", "HUF"], client=client)
    assert found.schema == {"date": pl.Date, "currency": pl.String, "rate": pl.Float64}
    expected = [(day, "HUF", float(huf(day) / 10)) for day in DAYS]
    expected += [(day, "USD", float(usd(day))) for day in DAYS]
    assert sorted(found.rows(), key=lambda row: (row[1], row[0])) == expected


def test_wide(client):
    """A column for each currency, a row for each day that has any."""
    found = table("03.11.2019", "2019-11-07", ["USD", "HUF"], wide=True, client=client)
    assert set(found.columns) == {"date", "USD", "HUF"}
    assert found["date"].to_list() == DAYS
    assert found["USD"].to_list() == [float(usd(day)) for day in DAYS]
    assert found["HUF"].to_list() == [float(huf(day) / 10) for day in DAYS]


def test_exact(client):
    """Decimals of 18 places, equal to the bank's."""
    found = table(FIRST, LAST, ["HUF"], exact=True, client=client)
    assert found.schema["rate"] == pl.Decimal(38, 18)
    assert found["rate"].to_list() == [huf(day) / 10 for day in DAYS]
    wide = table(FIRST, LAST, ["HUF"], exact=True, wide=True, client=client)
    assert wide["HUF"].to_list() == [huf(day) / 10 for day in DAYS]


@pytest.mark.parametrize("options", [{}, {"exact": True}, {"wide": True}, {"missing": "previous"}])
def test_libraries(client, options):
    """The same rows in the frame of each library, dates as its own kind of dates."""
    arrow = table(FIRST, LAST, ["USD", "EUR"], backend="pyarrow", client=client, **options)
    pandas = table(FIRST, LAST, ["USD", "EUR"], backend="pandas", client=client, **options)
    polars = table(FIRST, LAST, ["USD", "EUR"], backend="polars", client=client, **options)
    assert isinstance(arrow, pa.Table)
    assert isinstance(pandas, pd.DataFrame)
    assert isinstance(polars, pl.DataFrame)
    assert arrow.schema.field("date").type == pa.date32()
    assert pd.api.types.is_datetime64_dtype(pandas["date"].dtype)
    assert arrow.to_pylist() == polars.to_dicts()
    assert list(pandas.columns) == polars.columns
    assert pandas["date"].dt.date.tolist() == polars["date"].to_list()
    for name in set(polars.columns) - {"date", "effective_date"}:
        assert pandas[name].tolist() == polars[name].to_list()


def test_policies(client):
    """A day without a rate is left out, raised, or answered by the day before and marked."""
    assert HOLE not in table(FIRST, LAST, ["USD"], client=client)["date"].to_list()
    with pytest.raises(kzt_rates.RateNotFound, match="2019-11-05"):
        table(FIRST, LAST, ["USD"], missing="raise", client=client)
    carried = table(FIRST, LAST, ["USD"], missing="previous", client=client)
    assert carried.columns == ["date", "currency", "rate", "effective_date"]
    before = HOLE - dt.timedelta(1)
    assert (HOLE, "USD", float(usd(before)), before) in carried.rows()
    assert [row[0] for row in carried.rows() if row[0] != row[3]] == [HOLE]
    wide = table(FIRST, LAST, ["USD"], missing="previous", wide=True, client=client)
    assert dict(wide.rows())[HOLE] == float(usd(before))
    with pytest.raises(ValueError, match="'skip', 'raise', 'previous' or 'known', not 'null'"):
        table(FIRST, LAST, ["USD"], missing="null", client=client)


def test_few_questions(client, bank):
    """A month of three currencies is one question to the export, and none the next time."""
    table(FIRST, "2019-12-01", ["USD", "EUR", "HUF"], client=client)
    assert [request.feed for request in bank.requests] == ["export"]
    bank.forget()
    table(FIRST, "2019-12-01", ["USD", "EUR", "HUF"], wide=True, client=client)
    assert not bank.requests


def test_all_currencies(archive):
    """Without codes, all that the export has and that were quoted then; the rest is not there."""
    found = table("2025-12-05", "2025-12-06", client=archive, wide=True)
    codes = set(found.columns) - {"date"}
    assert len(codes) == 39
    assert {"USD", "BYN", "XDR"} <= codes
    assert codes.isdisjoint({"KZT", "BYR", "VND", "LVL"})


def test_codes_in_any_form(client):
    """One code, an iterator, one twice; the tenge has no rate of its own."""
    alone = table(FIRST, LAST, "USD", client=client)
    assert alone.equals(table(FIRST, LAST, iter(["usd"]), client=client))
    assert alone.equals(table(FIRST, LAST, ["USD", "usd", "KZT"], client=client))
    with pytest.raises(kzt_rates.UnknownCurrency, match="USB"):
        table(FIRST, LAST, ["USB"], client=client)


@pytest.mark.parametrize("backend", ["polars", "pandas", "pyarrow"])
@pytest.mark.parametrize("codes", [[], ["KZT"]])
def test_no_currency_at_all(client, backend, codes):
    """A table without rows has its columns all the same."""
    for wide, columns in ((False, ["date", "currency", "rate"]), (True, ["date"])):
        found = table(FIRST, LAST, codes, backend=backend, wide=wide, client=client)
        assert len(found) == 0
        names = found.column_names if backend == "pyarrow" else list(found.columns)
        assert names == columns
        if backend == "pyarrow":
            assert found.schema.field("date").type == pa.date32()


def test_out_of_a_life(client):
    """A unit that did not exist in that range is an error, as in a history."""
    with pytest.raises(kzt_rates.RateNotFound, match="the euro replaced the lats on 2014-01-01"):
        table(FIRST, LAST, ["USD", "LVL"], client=client)


def test_the_future(client):
    """The end is clipped to today; a range that begins tomorrow has tomorrow's draft."""
    found = table(TODAY, "2026-12-31", ["USD"], client=client)
    assert found["date"].to_list() == [TODAY]
    assert table(TODAY, None, ["USD"], client=client).equals(found)
    tomorrow = table(TOMORROW, "2026-12-31", ["USD"], client=client)
    assert tomorrow.rows() == [(TOMORROW, "USD", float(usd(TOMORROW)))]
    again = table(TODAY, "2026-12-31", ["USD"], client=client)
    history = client.history("USD", start=TODAY, end="2026-12-31")
    assert again["date"].to_list() == list(history.dates)


def test_misuse(client, bank):
    """Arguments that cannot be are said so before the bank is asked."""
    with pytest.raises(ValueError, match="'polars', 'pandas', 'pyarrow', not 'dask'"):
        table(FIRST, LAST, ["USD"], backend="dask", client=client)
    with pytest.raises(ValueError, match="ends before it starts"):
        table(LAST, FIRST, ["USD"], client=client)
    for missing in ("skip", "known"):
        with pytest.raises(ValueError, match="start 2099-01-01 is in the future"):
            table("2099-01-01", missing=missing, client=client)
    with pytest.raises(TypeError, match=r"kzt_rates\.Client, not str"):
        table(FIRST, LAST, ["USD"], client="https://example.invalid")
    assert not bank.requests


@pytest.mark.parametrize("backend", ["polars", "pandas"])
def test_a_missing_library(client, bank, monkeypatch, backend):
    """The library of the frame must be there; which line brings it, is said before asking."""
    monkeypatch.setitem(sys.modules, backend, None)
    with pytest.raises(ImportError, match=f"needs {backend}.*: pip install {backend}$"):
        table(FIRST, LAST, ["USD"], backend=backend, client=client)
    assert not bank.requests


def test_a_join_of_ones_own(client):
    """The table joined by date and currency gives what `convert` gives."""
    rates = table(FIRST, LAST, ["USD", "HUF"], client=client)
    invoices = pl.DataFrame(
        {"amount": [1.0, 2.5, 4.0], "currency": ["USD", "HUF", "USD"], "date": [FIRST, LAST, LAST]}
    )
    joined = invoices.join(rates, on=["date", "currency"]).sort("amount")
    own = (joined["amount"] * joined["rate"]).to_list()
    assert own == convert(invoices, client=client)["converted"].to_list()


def test_offline(archive):
    """What would need the bank is said, and no table with holes comes back."""
    with pytest.raises(kzt_rates.Offline):
        table("2012-01-01", "2012-02-01", ["USD"], client=archive)


SETTLED = "2025-12-05"
KNOWN = {"missing": "known", "backend": "pyarrow"}


def test_what_is_known_is_a_table_without_a_question(figures):
    """All final figures of the archive per unit, exactly, by a client that may ask nobody."""
    with kzt_rates.Client(cache=False, offline=True) as client:
        rows = kzt_rates.frames.table("1993-11-15", exact=True, client=client, **KNOWN).to_pylist()
        found = {(str(row["date"]), row["currency"]): row["rate"] for row in rows}
        given = kzt_rates.frames.table(SETTLED, SETTLED, ["eur", "USD"], client=client, **KNOWN)
        none = kzt_rates.frames.table(SETTLED, SETTLED, ["LVL"], client=client, **KNOWN)
    expected = {
        (day, code): Fraction(value) / nominal
        for day, codes in figures.items()
        for code, (value, nominal) in codes.items()
    }
    assert {key: Fraction(rate) for key, rate in found.items()} == expected
    assert given["currency"].to_pylist() == ["EUR", "USD"]
    assert none.column_names == ["date", "currency", "rate"]
    assert none.num_rows == 0


def test_what_is_known_has_drafts_while_they_hold(bank, tmp_path):
    """Tomorrow's draft is there while it would be given, and not when it is too old."""
    clock = SettableClock(NOON)
    options = {"archive": False, "offline": False, "retries": 0, "clock": clock}
    with kzt_rates.Client(bank.url, str(tmp_path / "known.sqlite"), **options) as client:
        client.rate("USD", on=TOMORROW)
        questions = len(bank.requests)
        fresh = kzt_rates.frames.table(TODAY, TOMORROW, client=client, **KNOWN)
        clock.advance(days=2)
        stale = kzt_rates.frames.table(TODAY, TOMORROW, client=client, **KNOWN)
        assert len(bank.requests) == questions
    assert TOMORROW in fresh["date"].to_pylist()
    assert TOMORROW not in stale["date"].to_pylist()


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"missing": "null"}, ValueError, "'skip', 'raise', 'previous' or 'known', not 'null'"),
        ({"currencies": 5}, TypeError, r"currencies are codes, \['USD', 'EUR'\], not int"),
        ({"currencies": ["USB"]}, kzt_rates.UnknownCurrency, "USB"),
        ({"end": "2025-12-04"}, ValueError, "2025-12-05 to 2025-12-04 ends before it starts"),
    ],
)
def test_misuse_of_what_is_known(archive, options, error, words):
    """What cannot be is said, of a table that asks nobody too."""
    with pytest.raises(error, match=words):
        kzt_rates.frames.table(SETTLED, **{"client": archive, "missing": "known", **options})
