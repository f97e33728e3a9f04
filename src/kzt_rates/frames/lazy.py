"""Frames that are plans: each gets the join of its own engine, by what the store knows."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from kzt_rates.frames.known_rates import rate_table

if TYPE_CHECKING:
    from kzt_rates.client import Client
    from kzt_rates.frames.asked import Asked
    from kzt_rates.typing import DateLike

# by the name that narwhals gives a library: the module, and whether it wants rates in tenge
ENGINES = {
    "polars": ("polars_batches", True),
    "dask": ("dask_partitions", True),
    "duckdb": ("duckdb_join", False),
    "ibis": ("ibis_join", False),
    "pyspark": ("spark_join", False),
    "pyspark_connect": ("spark_join", False),
}


def convert_lazy(
    frame: Any,
    library: str,
    asked: "Asked",
    client: "Client",
    between: "tuple[DateLike, DateLike] | None",
) -> Any:
    """Return a lazy frame with one column more; nothing is collected, and no bank is asked."""
    if library not in ENGINES:
        raise TypeError(
            f"a lazy frame of {library} cannot be converted; those of {', '.join(ENGINES)} can"
        )
    module, in_tenge = ENGINES[library]
    table = rate_table(
        client,
        None if in_tenge else asked.to.code,
        between,
        carried=asked.missing == "previous",
        reaches_back=in_tenge,
    )
    engine = import_module(f"kzt_rates.frames.engines.{module}")
    return engine.convert(frame, asked, table)
