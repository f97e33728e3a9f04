"""The table of all cases: what is measured, beside which limit, in how many rounds."""

from typing import Literal, NamedTuple

from benchmarks.environments import FRAMES, OURS

ENVIRONMENT_OF = {
    **dict.fromkeys(("limits", "ours"), OURS),
    **dict.fromkeys(("by_hand", "frames"), FRAMES),
    "currency_converter": "CurrencyConverter",
    "forex_python": "forex-python",
    "pycbrf": "pycbrf",
    "kzt_exchangerates": "python-kzt-exchangerates",
}

CC, FOREX = "CurrencyConverter 0.18", "forex-python 1.9.2"
CBRF, KZT = "pycbrf 1.1.0", "python-kzt-exchangerates 0.1.2"


class Row(NamedTuple):
    """A row of a table: a case of a subject, or the code of a new process.

    `part` says what the row is there for: the limit that the others are held against, ours,
    which the peers are compared with, or neither.
    """

    name: str
    subject: str
    case: str
    part: Literal["limit", "ours", "peer", "other"] = "peer"
    rounds: int | None = None


class Group(NamedTuple):
    """One table: rows that do the same, run in turns."""

    name: str
    kind: Literal["process", "turns", "memory"]
    rounds: int
    rows: tuple[Row, ...]


PROCESSES = (
    Group(
        "import",
        "process",
        31,
        (
            Row("bare Python", "limits", "-c|pass", "limit"),
            Row("`import kzt_rates`", "ours", "-c|import kzt_rates", "ours"),
            Row(CC, "currency_converter", "-c|import currency_converter"),
            Row(FOREX, "forex_python", "-c|import forex_python.converter"),
            Row(CBRF, "pycbrf", "-c|import pycbrf"),
            Row(KZT, "kzt_exchangerates", "-c|import kzt_exchangerates"),
        ),
    ),
    Group(
        "cold",
        "process",
        31,
        (
            Row("bare Python", "limits", "-c|pass", "other"),
            Row("`import sqlite3, decimal`", "limits", "-c|import sqlite3, decimal", "limit"),
            Row(
                "`kzt_rates.convert`, a day of 39 codes",
                "ours",
                "-c|import kzt_rates; kzt_rates.convert(100, 'USD', on='2025-12-05')",
                "ours",
            ),
            Row(
                "`kzt_rates.convert`, a day of 4 codes",
                "ours",
                "-c|import kzt_rates; kzt_rates.convert(100, 'USD', on='2016-05-05')",
                "other",
            ),
            Row(f"{CC}, float", "currency_converter", "currency_converter_cold.py"),
            Row(f"{CC}, Decimal", "currency_converter", "currency_converter_cold.py|Decimal"),
            Row(f"{FOREX}, answered at once", "forex_python", "forex_python_cold.py"),
            Row(f"{CBRF}, answered at once", "pycbrf", "pycbrf_cold.py"),
        ),
    ),
    Group(
        "cold from the bank",
        "process",
        15,
        (
            Row("`http.client`, one request", "limits", "one_request.py", "limit"),
            Row(
                "`kzt_rates.convert`, nothing cached, 1 request",
                "ours",
                "kzt_rates_from_bank.py",
                "ours",
            ),
            Row(f"{KZT}, 2 requests", "kzt_exchangerates", "kzt_exchangerates_from_bank.py"),
        ),
    ),
    Group(
        "command line",
        "process",
        31,
        (
            Row(
                "`import sqlite3, decimal, argparse`",
                "limits",
                "-c|import sqlite3, decimal, argparse",
                "limit",
            ),
            Row(
                "`kzt-rates convert 100 USD --on 2025-12-05`",
                "ours",
                "-m|kzt_rates|convert|100|USD|--on|2025-12-05",
                "ours",
            ),
            Row(
                f"{CC}, its own",
                "currency_converter",
                "-m|currency_converter|100|USD|-d|2016-03-04",
            ),
        ),
    ),
)


def _conversions(name: str, quote: str, when: str) -> Group:
    rows = [
        Row("dict look-up, one product of floats", "limits", f"look_up:float:{when}", "other"),
        Row("dict look-up, one product of decimals", "limits", f"look_up:Decimal:{when}", "limit"),
        Row("`kzt_rates.convert`", "ours", f"convert:{quote}:{when}", "ours"),
        Row("`Client.convert`", "ours", f"convert_by_client:{quote}:{when}", "other"),
        Row("`kzt_rates.convert`, a float amount", "ours", f"convert:{quote}:{when}:12.5", "other"),
        Row(f"{CC}, float", "currency_converter", f"convert:{quote}:{when}"),
        Row(f"{CC}, Decimal", "currency_converter", f"convert:{quote}:{when}:Decimal"),
        Row(f"{CBRF}, days kept by the caller", "pycbrf", f"convert:{quote}:{when}", rounds=7),
    ]
    if quote == "KZT":
        rows += [
            Row(f"{FOREX}, answered at once", "forex_python", f"convert:KZT:{when}", rounds=7),
        ]
    if when == "same":
        rows.append(
            Row(f"{KZT}, the latest rates only", "kzt_exchangerates", f"convert:{quote}", rounds=7)
        )
    return Group(name, "turns", 21, tuple(rows))


CALLS = (
    _conversions("direct, same date", "KZT", "same"),
    _conversions("direct, random dates", "KZT", "random"),
    _conversions("cross, same date", "EUR", "same"),
    _conversions("cross, random dates", "EUR", "random"),
    Group(
        "threads",
        "turns",
        11,
        (
            Row("dict look-up, one product of decimals", "limits", "threads", "limit"),
            Row("`kzt_rates.convert`", "ours", "threads", "ours"),
            Row(f"{CC}, float", "currency_converter", "threads"),
        ),
    ),
    Group(
        "sheet",
        "turns",
        31,
        (
            Row("`lxml`, the tree alone", "limits", "tree", "limit"),
            Row("kzt_rates, `RateSheet`", "ours", "sheet", "ours"),
            Row("by hand: `xml.etree`, 5 fields by pydantic", "by_hand", "sheet:five"),
            Row("by hand: `xml.etree`, the 10 fields of `Rate`", "by_hand", "sheet:ten"),
            Row(f"{CBRF}, its own format, named tuples", "pycbrf", "sheet"),
            Row(f"{KZT}, a dict of floats, no nominal", "kzt_exchangerates", "sheet"),
        ),
    ),
)


def _histories(name: str, start: str, peers_rounds: int) -> Group:
    span = f"{start}:2024-12-31"
    return Group(
        name,
        "turns",
        21,
        (
            Row("`SELECT`, a `Decimal` of each", "limits", f"select:{span}", "limit"),
            Row("`kzt_rates.history`", "ours", f"history:{span}", "ours"),
            Row(
                f"{CC}, Decimal, a call a day",
                "currency_converter",
                f"history:{span}",
                rounds=peers_rounds,
            ),
            Row(
                f"{CBRF}, a request a day, answered at once",
                "pycbrf",
                f"history:{span}",
                rounds=min(peers_rounds, 3),
            ),
            Row(
                f"{FOREX}, a request a day, answered at once",
                "forex_python",
                f"history:{span}",
                rounds=peers_rounds,
            ),
        ),
    )


RANGES = (
    _histories("a year", "2024-01-01", 11),
    _histories("25 years", "2000-01-01", 5),
    Group(
        "export",
        "turns",
        7,
        (
            Row("openpyxl, the cells alone", "by_hand", "workbook:2016-01-01:2019-12-31"),
            Row("kzt_rates, checked figures", "ours", "workbook:2016-01-01:2019-12-31", "ours"),
        ),
    ),
    Group(
        "fill a year",
        "turns",
        5,
        (
            Row(
                "its request, and rows into SQLite",
                "by_hand",
                "fill:2024-01-01:2024-12-31",
                "limit",
            ),
            Row("kzt_rates, `sync`", "ours", "fill:2024-01-01:2024-12-31", "ours"),
            Row(
                f"{KZT}, a request a day",
                "kzt_exchangerates",
                "fill:2024-01-01:2024-12-31",
                rounds=1,
            ),
        ),
    ),
    Group(
        "fill thirty years",
        "turns",
        3,
        (
            Row(
                "its 8 requests, and rows into SQLite",
                "by_hand",
                "fill:1995-01-01:2024-12-31",
                "limit",
            ),
            Row("kzt_rates, `sync`", "ours", "fill:1995-01-01:2024-12-31", "ours"),
            Row("kzt_rates, `sync` again", "ours", "fill_again:1995-01-01:2024-12-31", "other"),
        ),
    ),
    Group(
        "tasks",
        "turns",
        7,
        (
            Row("httpx, one request", "by_hand", "tasks:1", "limit"),
            Row("kzt_rates, 1,000 tasks", "ours", "tasks", "ours"),
            Row("by hand: httpx, 1,000 tasks, 16 at a time", "by_hand", "tasks:1000", rounds=3),
            Row(f"{KZT}, 1,000 calls in 16 threads", "kzt_exchangerates", "tasks", rounds=3),
        ),
    ),
    Group(
        "memory",
        "memory",
        3,
        (
            Row("an array of doubles", "limits", "grid", "limit"),
            Row(
                "kzt_rates, a client that has given 39 series",
                "ours",
                "client_of_histories",
                "ours",
            ),
            Row("kzt_rates, the 39 series, kept", "ours", "kept_series", "other"),
            Row(
                "kzt_rates, a client that has converted frames",
                "frames",
                "client_of_arrays",
                "other",
            ),
            Row(f"{CC}, float", "currency_converter", "loaded:float"),
            Row(f"{CC}, Decimal", "currency_converter", "loaded:Decimal"),
            Row(f"{FOREX}, dicts of floats", "forex_python", "loaded"),
            Row(f"{CBRF}, its objects", "pycbrf", "loaded"),
            Row(f"{KZT}, dicts of floats", "kzt_exchangerates", "loaded"),
        ),
    ),
    Group(
        "reading rates",
        "turns",
        5,
        (
            Row("`SELECT` of all rows, fetched", "limits", "select_all", "limit"),
            Row("`frames.convert`, the first of a client", "frames", "read_rates", "ours"),
        ),
    ),
)


def _frames(name: str, rows: int, rounds: int) -> tuple[Group, ...]:
    def row(title: str, case: str, part: str = "other", rounds: int | None = None) -> Row:
        return Row(title, "frames", f"{case}:{rows}", part, rounds)  # type: ignore[arg-type]

    peers = [
        Row(f"{CC}, Decimal, a loop", "currency_converter", f"loop:{rows}:Decimal", rounds=1),
        Row(f"{CC}, `df.apply`", "currency_converter", f"apply:{rows}", rounds=1),
    ]
    return (
        Group(
            f"{name}, codes and dates",
            "turns",
            rounds,
            (
                row("NumPy, the multiply alone", "numpy_multiply", "limit"),
                row("NumPy, a look-up in a ready grid, and the multiply", "numpy_gather"),
                row("Polars, `Enum`", "polars:Enum", "ours"),
                row("PyArrow, dictionary", "pyarrow"),
                row("pandas, categories", "pandas:categories"),
                row("Polars, `Enum`, to EUR", "polars_to_euro"),
                row("Polars, `Enum`, `places=2`", "polars_to_places"),
            ),
        ),
        Group(
            f"{name}, text in pandas",
            "turns",
            rounds,
            (
                row("NumPy, the multiply alone", "numpy_multiply", "limit"),
                row("`frames.convert`", "pandas:text", "ours"),
                row("by hand: `sort_values`, `merge_asof`", "merge_asof", "peer", min(rounds, 5)),
                *(peers if rows <= 1_000_000 else ()),
            ),
        ),
        Group(
            f"{name}, text in Polars",
            "turns",
            rounds,
            (
                row("NumPy, the multiply alone", "numpy_multiply", "limit"),
                row("`frames.convert`", "polars:String", "ours"),
                row("by hand: `sort`, `join_asof`", "join_asof", "peer"),
            ),
        ),
        Group(
            f"{name}, text in DuckDB",
            "turns",
            rounds,
            (
                row("its equi-join with a table of rates", "duckdb_join:equal", "limit"),
                row("`frames.convert`", "duckdb_convert", "ours"),
                row("Ibis over DuckDB, `frames.convert`", "ibis"),
                row("by hand: `ASOF JOIN`", "duckdb_join:asof", "peer"),
            ),
        ),
        Group(
            f"{name}, in Dask and Spark",
            "turns",
            min(rounds, 5),
            (
                row("pandas, `frames.convert`", "pandas:text", "limit"),
                row("Dask, 4 partitions, `frames.convert`", "dask"),
                row("Spark, 2 threads, `frames.convert`", "spark:convert", "ours"),
                row("by hand: Spark, a broadcast join", "spark:join", "peer"),
            ),
        ),
    )


OF_FRAMES = (
    *_frames("a million rows", 1_000_000, 9),
    *_frames("ten million rows", 10_000_000, 5),
    Group(
        "small frames",
        "turns",
        15,
        (
            Row("1 row", "frames", "small:1", "other"),
            Row("100 rows", "frames", "small:100", "other"),
            Row("10,000 rows", "frames", "small:10000", "other"),
        ),
    ),
)

GROUPS = (*PROCESSES, *CALLS, *RANGES, *OF_FRAMES)
