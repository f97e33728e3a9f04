"""DuckDB's dates, timestamps and texts as dates in Kazakhstan, whatever the session's zone."""

from datetime import date, datetime, timedelta, timezone
from fractions import Fraction

import duckdb
import pyarrow as pa
import pytest

from kzt_rates.frames.engines.duckdb import convert
from kzt_rates.frames.rate_tables import RateTable

EPOCH = date(1970, 1, 1)
UTC = timezone.utc


@pytest.fixture(scope="module")
def day_rates() -> RateTable:
    """One USD costs as many tenge as days have passed since 1970: the rate tells its day."""
    days = [date(1993, 11, 18) + timedelta(days=number) for number in range(12_000)]
    numbers = [(day - EPOCH).days for day in days]
    columns = {
        "code": pa.array(["USD"] * len(days)),
        "day": pa.array(days, pa.date32()),
        "top": pa.array(numbers, pa.int64()),
        "bottom": pa.array([1] * len(days), pa.int64()),
        "rate": pa.array(numbers, pa.float64()),
        "effective": pa.array(days, pa.date32()),
    }
    return RateTable(pa.table(columns), days[0], days[-1])


@pytest.fixture
def day_of(rates, day_rates):
    """The day whose rate a column of dates is given, in a session of a time zone."""

    def answer(sql: str, zone: str = "UTC", missing: str = "raise") -> date | None:
        with duckdb.connect() as connection:
            connection.execute(f"SET TimeZone = '{zone}'")
            frame = connection.sql(f"SELECT 1::BIGINT AS amount, 'USD' AS currency, {sql} AS date")
            request = rates.request(frame.columns, missing=missing, places=0)
            found = convert(frame, request, day_rates).project("converted").fetchall()[0][-1]
        return None if found is None else EPOCH + timedelta(days=int(found))

    return answer


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Tokyo", "Asia/Almaty"])
@pytest.mark.parametrize(
    ("midnight", "ahead"),
    [
        (date(2003, 7, 15), 7),
        (date(2003, 12, 15), 6),
        (date(2024, 1, 10), 6),
        (date(2024, 2, 29), 6),
        (date(2024, 3, 2), 5),
        (date(2025, 12, 6), 5),
    ],
)
def test_instants_are_dates_in_almaty(day_of, midnight, ahead, zone):
    """The day begins at midnight by the clocks of Almaty, which were moved in 2004 and 2024."""
    first = datetime(midnight.year, midnight.month, midnight.day, tzinfo=UTC)
    first -= timedelta(hours=ahead)
    last = first - timedelta(microseconds=1)
    sql = "TIMESTAMPTZ '{}'"
    assert day_of(sql.format(first.isoformat(" ")), zone) == midnight
    assert day_of(sql.format(last.isoformat(" ")), zone) == midnight - timedelta(days=1)


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Tokyo"])
@pytest.mark.parametrize("kind", ["TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"])
def test_timestamps_without_a_zone_are_of_their_own_date(day_of, kind, zone):
    """A timestamp without a zone has its own date, to its last second."""
    for time in ("00:00:00", "23:59:59"):
        assert day_of(f"CAST('2025-12-05 {time}' AS {kind})", zone) == date(2025, 12, 5)


@pytest.mark.parametrize("text", ["2025-12-05", "05.12.2025"])
def test_texts(day_of, text):
    """The two ways to write a date are read."""
    assert day_of(f"'{text}'") == date(2025, 12, 5)


@pytest.mark.parametrize(
    "text",
    [
        "20251205",
        "2025-12-5",
        "5.12.2025",
        "05.12.25",
        " 2025-12-05",
        "2025-12-05 ",
        "2025-12-05T00:00",
        "2025/12/05",
        "05-12-2025",
        "２０２５-12-05",
        "2025-02-30",
        "0000-01-01",
        "01.01.0000",
        "30.02.2025",
        "2025-13-01",
        "",
    ],
)
@pytest.mark.parametrize("missing", ["raise", "null"])
def test_texts_that_are_no_date(day_of, text, missing):
    """Any other text is an error, also where rates may be missing: nothing is guessed."""
    with pytest.raises(duckdb.Error):
        day_of(f"'{text}'", missing=missing)


@pytest.mark.parametrize("kind", ["DATE", "TIMESTAMP", "TIMESTAMPTZ"])
def test_infinite_dates_have_no_rate(day_of, kind):
    """An infinite date is no null: it has no rate."""
    assert day_of(f"CAST('infinity' AS {kind})", missing="null") is None
    with pytest.raises(duckdb.Error, match="no official rate of USD for infinity"):
        day_of(f"CAST('infinity' AS {kind})")


def test_null_dates(day_of):
    """A null date gives null, whatever its type."""
    for kind in ("DATE", "TIMESTAMP", "TIMESTAMPTZ", "VARCHAR"):
        assert day_of(f"CAST(NULL AS {kind})") is None


def test_random_instants(rates, day_rates):
    """Instants of thirty years have the date of a clock in Almaty, by the time-zone database."""
    from random import Random

    from dateutil.tz import gettz

    dice, law = Random(4), datetime(2024, 2, 29, 19, tzinfo=UTC)
    start = int(datetime(1994, 1, 1, tzinfo=UTC).timestamp())
    seconds = [start + dice.randrange(32 * 365 * 86400) for _ in range(5000)]
    instants = [datetime.fromtimestamp(second, UTC) for second in seconds]
    with duckdb.connect() as connection:
        given = pa.table({"date": pa.array(instants, pa.timestamp("us", "UTC"))})
        connection.register("given", given)
        frame = connection.sql("SELECT 1::BIGINT AS amount, 'USD' AS currency, date FROM given")
        found = (
            convert(frame, rates.request(frame.columns), day_rates).project("converted").fetchall()
        )
    fixed = timezone(timedelta(hours=5))
    for instant, row in zip(instants, found, strict=True):
        local = instant.astimezone(fixed if instant >= law else gettz("Asia/Almaty"))
        assert Fraction(row[-1]) == (local.date() - EPOCH).days
