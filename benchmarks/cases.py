"""The table of all cases but those of frames: what is measured, beside which limit."""

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


# The limit that others are held against, ours, another of ours, a peer's, or none of these.
Part = Literal["limit", "ours", "also ours", "peer", "other"]


class Row(NamedTuple):
    """A row of a table: a case of a subject, or what a new process is given.

    The words of a case are parted by colons, those of a process by bars. `rounds` bounds the
    turns of a row that takes long.
    """

    name: str
    subject: str
    case: str
    part: Part = "peer"
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
                "also ours",
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
                "`python -m kzt_rates convert 100 USD --on 2025-12-05`",
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
        Row("`Client.convert`", "ours", f"convert_by_client:{quote}:{when}", "also ours"),
        Row(
            "`kzt_rates.convert`, a float amount",
            "ours",
            f"convert:{quote}:{when}:12.5",
            "also ours",
        ),
        Row(f"{CC}, float", "currency_converter", f"convert:{quote}:{when}"),
        Row(f"{CC}, Decimal", "currency_converter", f"convert:{quote}:{when}:Decimal"),
        Row(f"{CBRF}, days kept by the caller", "pycbrf", f"convert:{quote}:{when}", rounds=7),
    ]
    rows += [
        Row(
            f"{FOREX}, {kind}, answered at once",
            "forex_python",
            f"convert:{quote}:{when}:{kind}",
            rounds=7,
        )
        for kind in ("float", "Decimal")
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
        "any currency and date, never asked before",
        "turns",
        7,
        (
            Row("`SELECT` of one value", "limits", "select_one", "limit"),
            Row("`Client.convert`", "ours", "pairs", "ours"),
            Row(f"{CC}, float, all rates in memory", "currency_converter", "pairs"),
        ),
    ),
    Group(
        "threads",
        "turns",
        11,
        (
            Row("dict look-up, one product of decimals", "limits", "threads", "limit"),
            Row("`kzt_rates.convert`", "ours", "threads", "ours"),
            Row(f"{CC}, float", "currency_converter", "threads:float"),
            Row(f"{CC}, Decimal", "currency_converter", "threads:Decimal"),
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
            *(
                Row(
                    f"{CC}, {kind}, a call a day",
                    "currency_converter",
                    f"history:{span}:{kind}",
                    rounds=peers_rounds,
                )
                for kind in ("float", "Decimal")
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
            Row(
                "`zipfile` and lxml's tree",
                "by_hand",
                "workbook_tree:2016-01-01:2019-12-31",
                "limit",
            ),
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
            Row("one round trip", "limits", "round_trip", "limit"),
            Row("httpx, a new client and one request", "by_hand", "tasks:1", "other"),
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
            Row("kzt_rates, the 39 series, kept", "ours", "kept_series", "ours"),
            Row(
                "kzt_rates, a client that has given them",
                "ours",
                "client_of_histories",
                "also ours",
            ),
            Row(
                "kzt_rates, a client that has converted frames",
                "frames",
                "client_of_arrays",
                "also ours",
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


GROUPS = (*PROCESSES, *CALLS, *RANGES)
