"""The public face as a type checker sees it; never run, checked by mypy and pyright."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Literal, assert_type

import pandas as pd
import polars as pl

import kzt_rates
from kzt_rates import (
    AsyncClient,
    Client,
    Currency,
    FeedStatus,
    Rate,
    RateSheet,
    Series,
    Status,
    SyncProgress,
    SyncReport,
    WatchedSheet,
    frames,
)

assert_type(kzt_rates.convert(100, "USD", on="2025-12-05"), Decimal)
assert_type(kzt_rates.convert(Decimal("1.5"), "USD", "EUR", on=dt.date(2025, 12, 5)), Decimal)
assert_type(kzt_rates.convert("1.5", "USD", missing="previous", places=2, refresh=True), Decimal)
assert_type(kzt_rates.rate("AMD", on=dt.datetime.now(dt.timezone.utc)), Rate)
assert_type(kzt_rates.sheet(), RateSheet)
assert_type(kzt_rates.latest(refresh=True), RateSheet)
assert_type(kzt_rates.currencies(), tuple[Currency, ...])
assert_type(kzt_rates.sheet("2025-12-05")["USD"], Rate)
assert_type(kzt_rates.sheet("2025-12-05").get("USD"), Rate | None)
assert_type(kzt_rates.sheet("2025-12-05").ticker(), str)
mapping: Mapping[str, Rate] = kzt_rates.sheet()

series = kzt_rates.history("USD", start=dt.date(2016, 1, 1), end="2016-12-31", missing="skip")
assert_type(series, Series)
assert_type(kzt_rates.history(["USD", "EUR"], start="2016-01-01"), dict[str, Series])
assert_type(next(kzt_rates.sheets("2016-01-01", end="2016-12-31")), RateSheet)
assert_type(kzt_rates.status(), Status)
assert_type(kzt_rates.status().feeds["latest"], FeedStatus)
for new in kzt_rates.watch(codes=["USD"], threshold="0.5", until="2030-12-31"):
    assert_type(new, WatchedSheet)
    assert_type(new.reason, Literal["published", "corrected", "final"])
    assert_type(new.before, RateSheet)
assert_type(series.at("2016-01-22"), Decimal)
assert_type(series["2016-03-01":"2016-03-31"], Series)
assert_type(series["2016-03-01"], Decimal)
assert_type(series[0].date, dt.date)
assert_type([value for _, value in series], list[Decimal])
assert_type(series.change(), Decimal)
assert_type(series.max().value, Decimal)
assert_type(series.resample("month", "mean"), Series)
assert_type(series.to_csv(), str)
assert_type(series.to_json("usd.json"), None)
assert_type(series.to_pandas(), pd.DataFrame)
assert_type(kzt_rates.sheet().to_polars(exact=True), pl.DataFrame)

invoices = pd.DataFrame({"amount": [1.0], "currency": ["USD"], "date": ["2016-01-22"]})
assert_type(frames.convert(invoices, places=2), pd.DataFrame)
assert_type(kzt_rates.frames.convert(invoices), pd.DataFrame)
assert_type(frames.convert(pl.LazyFrame(), to="EUR", missing="null"), pl.LazyFrame)


def invoice(
    amount: kzt_rates.typing.Amount,
    day: kzt_rates.typing.DateLike,
    missing: kzt_rates.typing.Missing = "raise",
) -> Decimal:
    """Pass on what the public types allow."""
    return kzt_rates.convert(amount, "USD", on=day, missing=missing)


def open_client(
    cache: kzt_rates.typing.CacheLike, clock: kzt_rates.typing.Clock, store: kzt_rates.typing.Store
) -> Client:
    """Open clients with what the public types allow."""
    Client(cache=store).close()
    return Client(cache=cache, clock=clock)


assert_type(invoice(1, dt.date(2025, 12, 5)), Decimal)
invoice(None, "2025-12-05")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
kzt_rates.typing.Sum  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]  # noqa: B018


def show(progress: SyncProgress) -> None:
    """Take what a sync tells."""
    assert_type(progress.days_done, int)


assert_type(kzt_rates.sync("2016-01-01", currencies=["USD"], progress=show), SyncReport)

rate = kzt_rates.rate("USD")
assert_type(rate.per_unit, Decimal)
assert_type(rate.carried, bool)
assert_type(rate.inverse().convert(1, places=2), Decimal)
assert_type(rate.change, Decimal | None)
assert_type(rate.format(language="kk"), str)
assert_type(kzt_rates.format_money(1, "USD", language="ru"), str)
assert_type(kzt_rates.sheet().ticker(language=None), str)

with Client(cache=False, offline=True, timeout=5) as client:
    assert_type(client.convert(1, "USD"), Decimal)


async def main() -> None:
    """Use the async client."""
    async with AsyncClient("http://127.0.0.1:8000", archive=False) as client:
        assert_type(await client.convert(1, "USD"), Decimal)
        assert_type(await client.rate("USD"), Rate)
        assert_type(await client.sheet(), RateSheet)
        assert_type(await client.latest(), RateSheet)
        assert_type(await client.history("USD", "EUR", start="2016-01-01"), Series)
        assert_type(await client.sync("2016-01-01"), SyncReport)
        assert_type(await client.history(("USD", "EUR"), start="2016-01-01"), dict[str, Series])
        assert_type(await client.status(), Status)
        async for sheet in client.sheets("2016-01-01"):
            assert_type(sheet, RateSheet)
        async for new in client.watch(until=dt.date(2030, 12, 31)):
            assert_type(new, WatchedSheet)


async def mistaken() -> None:
    """Await a client for threads, which must not pass either."""
    async with kzt_rates.Client():  # type: ignore[call-arg]  # pyright: ignore[reportGeneralTypeIssues]
        pass


# calls that must not pass: an ignore that is not needed is an error of its own
kzt_rates.convert(100, 840)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
kzt_rates.convert(100, "USD", "EUR", "2025-12-05")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
kzt_rates.rate("USD", missing="skip")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
rate.format(language="de")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
kzt_rates.watch(threshold=None, until=2030)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
kzt_rates.history("USD")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
kzt_rates.history("USD", start="2016-01-01", missing="fill")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
kzt_rates.sheet(20251205)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
frames.convert(invoices, missing="skip")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
frames.table("2016-01-01", backend="numpy")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
rate.value = Decimal(1)  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
