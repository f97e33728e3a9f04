"""Dask frames converted partition by partition: by threads, by processes and on a cluster."""

import pickle
from datetime import date, datetime, timezone
from decimal import Decimal, localcontext
from fractions import Fraction

import dask
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from distributed import Client, LocalCluster

import kzt_rates
from kzt_rates.errors import RateNotFound, UnknownCurrency
from kzt_rates.frames.in_memory import convert_dask as convert

DAY = date(2025, 12, 5)
ARROW_DECIMALS = pd.ArrowDtype(pa.decimal128(15, 2))
KINDS = {
    "float64": ("float64", "float64"),
    "Float64": ("Float64", "Float64"),
    "double[pyarrow]": ("double[pyarrow]", "double[pyarrow]"),
    "decimal": (ARROW_DECIMALS, None),
    "object": ("object", "object"),
    "Int64": ("Int64", "Float64"),
}


def pandas_of(rows, kind: str) -> pd.DataFrame:
    """Rows as pandas: amounts of a kind, codes as a category, dates as of Arrow."""
    money = [None if row["cents"] is None else Decimal(row["cents"]).scaleb(-2) for row in rows]
    if kind == "Int64":
        amounts = pd.array([row["cents"] for row in rows], dtype="Int64")
    elif kind in ("decimal", "object"):
        amounts = pd.array(money, dtype=KINDS[kind][0])
    else:
        floats = [None if amount is None else float(amount) for amount in money]
        amounts = pd.Series(floats, dtype="float64").astype(KINDS[kind][0]).array
    return pd.DataFrame(
        {
            "amount": amounts,
            "currency": pd.Categorical([row["currency"] for row in rows]),
            "date": pd.array([row["date"] for row in rows], dtype="date32[pyarrow]"),
            "to": pd.array([row["to"] for row in rows], dtype="str"),
        },
        index=pd.Index([row["n"] * 2 for row in rows], name="number"),
    )


@pytest.mark.parametrize(("to", "places"), [("KZT", None), ("to", 2), ("EUR", 2)])
@pytest.mark.parametrize("kind", KINDS)
def test_random_rows(rates, check, kind, to, places):
    """Every kind of amount comes out right, of the type that was announced, in its own place."""
    rows = rates.rows(1000, seed=7)
    frame = pandas_of(rows, kind)
    # or Dask makes text of all objects, of decimals too
    with dask.config.set({"dataframe.convert-string": False}):
        lazy = dd.from_pandas(frame, npartitions=4, sort=True)
    request = rates.request(lazy.columns, to=to, places=places, missing="null")
    found = convert(lazy, request, rates.table(None))
    assert found.divisions == lazy.divisions == (0, 500, 1000, 1500, 1998)
    assert list(found.columns) == [*frame.columns, "converted"]
    scale = 18 if places is None else places
    new = KINDS[kind][1] or str(pd.ArrowDtype(pa.decimal128(38, scale)))
    assert str(found.dtypes["converted"]) == new
    result = found.compute(scheduler="threads")
    assert result.dtypes.astype(str).tolist() == found.dtypes.astype(str).tolist()
    pd.testing.assert_frame_equal(result[lazy.columns], lazy.compute(scheduler="sync"))
    assert result["currency"].dtype == frame["currency"].dtype
    for row, value in zip(rows, result["converted"], strict=True):
        if None in (row["cents"], row["currency"], row["date"], row["to"] if to == "to" else to):
            assert pd.isna(value)
            continue
        ratio = rates.ratio(row["currency"], row["date"], row["to"] if to == "to" else to)
        amount = Fraction(row["cents"], 1 if kind == "Int64" else 100)
        if ratio is None:
            assert pd.isna(value)
        elif kind == "object" and places is None:
            exact = Fraction(*value.as_integer_ratio())
            assert abs(exact - amount * ratio) <= abs(exact) / 10**27
        else:
            with localcontext(prec=60):
                check(value, amount, ratio, places)


@pytest.fixture(scope="module")
def lazy():
    """Three partitions, one of them empty, with categories not known beforehand."""
    frame = pd.DataFrame(
        {"amount": [1.0, 2.0, None, 3.0], "currency": ["USD", "eur", "XXX", "KZT"]},
        index=list("abcd"),
    ).assign(date=pd.Timestamp(DAY))
    parts = dd.from_pandas(frame, npartitions=2).repartition(divisions=["a", "c", "d"])
    empty = dd.from_pandas(frame.iloc[:0].copy(), npartitions=1)
    return dd.concat([parts, empty])


def expected(rates) -> list[float]:
    """By hand: the figures of 2025-12-05."""
    euro = rates.ratio("EUR", DAY)
    return [499.65, float(2 * euro), float("nan"), 3.0]


def test_nothing_is_computed_beforehand(rates, lazy):
    """Building computes no partition; a partition that is not asked for is not computed after."""
    computed = []

    def loud(part):
        computed.append(len(part))
        return part

    frame = lazy.map_partitions(loud, meta=lazy._meta)
    computed.clear()
    found = convert(frame, rates.request(frame.columns), rates.table(None))
    assert computed == []
    assert found.npartitions == lazy.npartitions
    with dask.config.set(scheduler="sync"):
        np.testing.assert_allclose(found.compute()["converted"], expected(rates), rtol=1e-15)
        computed.clear()
        assert found.partitions[0].compute()["converted"].tolist() == expected(rates)[:2]
    assert computed == [2]


def test_processes(rates, lazy):
    """Other processes convert as this one does, from rates that came with the graph."""
    found = convert(lazy, rates.request(lazy.columns), rates.table(None))
    result = found.compute(scheduler="processes", num_workers=1)
    np.testing.assert_allclose(result["converted"], expected(rates), rtol=1e-15)
    assert result.index.tolist() == list("abcd")


def test_cluster(rates, lazy, monkeypatch):
    """Workers of a cluster need no store and no client; the rates are sent to each just once."""
    monkeypatch.setattr(kzt_rates.Client, "__init__", lambda *_, **__: pytest.fail("a client"))
    found = convert(lazy, rates.request(lazy.columns), rates.table(None))
    here = {"host": "127.0.0.1", "protocol": "tcp://", "dashboard_address": None}
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, processes=False, **here) as cluster,
        Client(cluster) as client,
    ):
        result = client.compute(found).result()
    np.testing.assert_allclose(result["converted"], expected(rates), rtol=1e-15)


def test_rates_are_in_the_graph_once(rates):
    """A graph of many partitions is not larger by a copy of the rates for each."""
    frame = pd.DataFrame({"amount": np.ones(500), "currency": "USD", "date": pd.Timestamp(DAY)})

    def size(parts: int) -> int:
        lazy = dd.from_pandas(frame, npartitions=parts)
        found = convert(lazy, rates.request(lazy.columns), rates.table(None))
        tasks = found.optimize().__dask_graph__()
        return sum(len(pickle.dumps(task)) for task in tasks.values())

    few, many = size(2), size(50)
    assert few > 100_000
    assert many < 2 * few


def test_missing_is_raised_by_its_partition(rates, lazy):
    """A row without a rate is named by its index; partitions without one are not stopped by it."""
    wrong = lazy.assign(amount=lazy["amount"].fillna(1))
    found = convert(wrong, rates.request(wrong.columns), rates.table(None))
    with dask.config.set(scheduler="sync"):
        assert len(found.partitions[0].compute()) == 2
        with pytest.raises(UnknownCurrency, match=r"index c.*XXX"):
            found.compute()
        early = lazy.assign(date=pd.Timestamp("1999-01-01"))
        found = convert(early, rates.request(lazy.columns), rates.table(None))
        with pytest.raises(RateNotFound, match="no official rate of USD for 1999-01-01"):
            found.compute()


def test_timestamps(rates):
    """Aware timestamps are of their date in Almaty, naive ones of their own."""
    moment = datetime(2025, 12, 5, 19, 0, tzinfo=timezone.utc)
    rows = {"amount": [1.0, 1.0], "aware": [moment, moment.replace(hour=18)], "currency": "USD"}
    frame = dd.from_pandas(pd.DataFrame(rows), npartitions=1)
    request = rates.request(frame.columns, day="aware")
    found = convert(frame, request, rates.table(None)).compute(scheduler="sync")
    days = [date(2025, 12, 6), date(2025, 12, 5)]
    assert found["converted"].tolist() == [float(rates.ratio("USD", day)) for day in days]


@pytest.mark.parametrize("wrong", ["amount", "currency", "date"])
def test_other_types_are_refused(rates, wrong):
    """A column of another type is a `TypeError` before anything runs."""
    frame = pd.DataFrame({"amount": [1.0], "currency": ["USD"], "date": [pd.Timestamp(DAY)]})
    frame[wrong] = [True] if wrong == "amount" else [1]
    lazy = dd.from_pandas(frame, npartitions=1)
    with pytest.raises(TypeError, match="column"):
        convert(lazy, rates.request(lazy.columns), rates.table(None))


def test_keys_of_other_types(rates):
    """Dates and codes that a merge would lose without a word are found: text, objects, Arrow."""
    frame = pd.DataFrame({"amount": [1.0, 1.0], "currency": ["USD", "usd"]})
    kinds = {
        "object": pd.Series([DAY, DAY], dtype=object),
        "text": pd.Series(["2025-12-05", "05.12.2025"]),
        "seconds": pd.Series([pd.Timestamp(DAY)] * 2, dtype="datetime64[s]"),
        "arrow": pd.Series([DAY, DAY], dtype="date32[pyarrow]"),
    }
    for kind, days in kinds.items():
        lazy = dd.from_pandas(frame.assign(date=days), npartitions=2)
        found = convert(lazy, rates.request(lazy.columns), rates.table(None))
        assert found["converted"].compute(scheduler="sync").tolist() == [499.65] * 2, kind
