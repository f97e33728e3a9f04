"""The table of the cases of frames, for a million and for ten million rows."""

from benchmarks.cases import CC, Group, Part, Row


def _frames(name: str, rows: int, rounds: int) -> tuple[Group, ...]:
    def row(title: str, case: str, part: Part = "also ours", rounds: int | None = None) -> Row:
        return Row(title, "frames", f"{case}:{rows}", part, rounds)

    peers = (
        Row(f"{CC}, Decimal, a loop", "currency_converter", f"loop:{rows}:Decimal", rounds=1),
        Row(f"{CC}, `df.apply`", "currency_converter", f"apply:{rows}", rounds=1),
    )
    multiply = row("NumPy, the multiply alone", "numpy_multiply", "limit")
    look_up = row("NumPy, a look-up in a ready grid, and the multiply", "numpy_gather", "peer")
    return (
        Group(
            f"{name}, codes and dates",
            "turns",
            rounds,
            (
                multiply,
                look_up,
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
                multiply,
                row("`frames.convert`", "pandas:text", "ours"),
                row("by hand: `merge` on both", "pandas_by_hand:merge", "peer", 5),
                row("by hand: `sort_values`, `merge_asof`", "pandas_by_hand:merge_asof", "peer", 3),
                *(peers if rows <= 1_000_000 else ()),
            ),
        ),
        Group(
            f"{name}, text in Polars",
            "turns",
            rounds,
            (
                multiply,
                row("`frames.convert`", "polars:String", "ours"),
                row("by hand: `join` on both", "polars_by_hand:join", "peer"),
                row("by hand: `sort`, `join_asof`", "polars_by_hand:join_asof", "peer"),
            ),
        ),
        Group(
            f"{name}, text in DuckDB",
            "turns",
            min(rounds, 7),
            (
                row("its equi-join with a table of rates", "duckdb_join:equal", "limit"),
                row("`frames.convert`", "duckdb_convert", "ours"),
                row("Ibis over DuckDB, `frames.convert`", "ibis"),
                row("by hand: `ASOF JOIN`", "duckdb_join:asof", "peer", 3),
            ),
        ),
        Group(
            f"{name}, in Dask",
            "turns",
            min(rounds, 5),
            (
                row("the sum of the amounts alone", "dask:amounts", "limit"),
                row("`frames.convert`", "dask:convert", "ours"),
            ),
        ),
        Group(
            f"{name}, in Spark",
            "turns",
            3,
            (
                row("the sum of the amounts alone", "spark:amounts", "limit"),
                row("`frames.convert`", "spark:convert", "ours"),
                row("by hand: a broadcast join", "spark:join", "peer"),
            ),
        ),
    )


GROUPS_OF_FRAMES = (
    *_frames("a million rows", 1_000_000, 9),
    *_frames("ten million rows", 10_000_000, 5),
    Group(
        "small frames",
        "turns",
        15,
        (
            Row("pandas, a column multiplied, 1 row", "frames", "pandas_multiply:1", "limit"),
            Row("`frames.convert`, 1 row", "frames", "pandas:text:1", "ours"),
            Row("`frames.convert`, 100 rows", "frames", "pandas:text:100", "also ours"),
            Row("`frames.convert`, 10,000 rows", "frames", "pandas:text:10000", "also ours"),
        ),
    ),
)
