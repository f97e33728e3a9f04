"""Which library a frame is of, and what converts the frames of each."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from kzt_rates.frames.request import request_of
from kzt_rates.process import require

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kzt_rates.client import Client
    from kzt_rates.frames.request import Request
    from kzt_rates.typing import DateLike


# What the tests are run on, besides the newest; docs/reference/frames.md names them too.
OLDEST = {
    "pandas": (2, 2),
    "polars": (1, 0),
    "duckdb": (1, 1),
    "ibis": (11, 0),
    "dask": (2025, 12),
    "pyspark": (3, 5),
}
TO_INSTALL = {"ibis": "ibis-framework"}
# by the name that narwhals gives a library: the module, and whether it wants rates in tenge
ENGINES = {
    "polars": ("in_memory", "convert_lazy_polars", True),
    "dask": ("in_memory", "convert_dask", True),
    "duckdb": ("engines.duckdb", "convert", False),
    "ibis": ("engines.ibis", "convert", False),
    "pyspark": ("engines.spark", "convert", False),
    "pyspark_connect": ("engines.spark", "convert", False),
}


def require_new_enough(frame: Any) -> None:
    """Raise `ImportError` for a frame of a library that is too old, with what to type."""
    for library in _libraries(frame):
        version = getattr(sys.modules.get(library), "__version__", "")
        needed = OLDEST[library]
        if version and _numbers(version) < needed:
            name, oldest = TO_INSTALL.get(library, library), ".".join(map(str, needed))
            raise ImportError(
                f"frames of {name} {version} cannot be converted, those of {oldest} and newer "
                f"can: pip install '{name}>={oldest}'",
                name=library,
            )


def _libraries(frame: Any) -> Iterator[str]:
    """Yield the libraries that a frame is of, whatever class of one's own is derived of theirs."""
    for kind in type(frame).__mro__:
        library = kind.__module__.partition(".")[0].lstrip("_")
        if library in OLDEST:
            yield library


def _numbers(version: str) -> tuple[int, ...]:
    """Return the first two numbers of a version.

    >>> _numbers("3.0rc1"), _numbers("2025.12.0")
    ((3, 0), (2025, 12))
    """
    found = []
    for part in version.split(".")[:2]:
        digits = part[: next((at for at, sign in enumerate(part) if not sign.isdigit()), None)]
        found.append(int(digits or 0))
    return tuple(found)


def convert_frame(
    frame: Any,
    *,
    client: Client | None,
    between: tuple[DateLike, DateLike] | None,
    **given: Any,
) -> Any:
    """Return a frame of any library with one column more; `given` is for `asked_of`."""
    nw = require_frames()
    is_narwhals = isinstance(frame, nw.DataFrame | nw.LazyFrame)
    require_new_enough(frame.to_native() if is_narwhals else frame)
    is_dask = not is_narwhals and nw.dependencies.is_dask_dataframe(frame)
    # narwhals is about to leave Dask to a package of its own, and its frames have a pandas one
    wrapped = _wrapped(nw, frame._meta if is_dask else frame)  # noqa: SLF001
    is_lazy = isinstance(wrapped, nw.LazyFrame)
    request = request_of(
        wrapped.collect_schema().names() if is_lazy else wrapped.columns,
        **given,
        is_numeric=lambda name: wrapped.collect_schema()[name].is_numeric(),
        names_are_text=not wrapped.implementation.is_pandas_like(),
    )
    from kzt_rates.frames.source import client_of, require_known  # needs numpy

    client = client_of(client)
    require_known(client, filter(None, (request.currency.code, request.to.code)))
    native = frame if is_dask else wrapped.to_native()
    if is_dask or is_lazy:
        library = "dask" if is_dask else wrapped.implementation.name.lower()
        result = convert_lazy(native, library, request, client, between)
    else:
        if between is not None:
            raise ValueError("between= is for lazy frames; this one is asked for its own dates")
        result = _eager(wrapped.implementation)(native, request, client)
    if not is_narwhals:
        return result
    namespace = import_module(type(frame).__module__)  # the stable ones have their own
    return getattr(namespace, "from_native", nw.from_native)(result)


def _wrapped(nw: Any, frame: Any) -> Any:
    """Return a frame as one of narwhals; `TypeError` or `ValueError` for what is none."""
    try:
        return nw.from_native(frame)
    except TypeError:
        kind = type(frame).__name__
        hint = ""
        if hasattr(frame, "to_frame"):
            hint = ": its to_frame() makes one"
        elif type(frame).__module__.startswith("kzt_rates"):
            hint = ": its to_pandas() makes one"
        raise TypeError(
            "a frame of pandas, Polars, PyArrow, DuckDB, Ibis, Dask or PySpark is converted, "
            f"not {kind}{hint}"
        ) from None
    except nw.exceptions.DuplicateError:
        names = [*(frame.column_names if hasattr(frame, "column_names") else frame.columns)]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"there are several columns {twice!r}: rename them") from None


def require_frames() -> Any:
    """Return narwhals; `ImportError` where a library of the extra `[frames]` is missing."""
    for library in ("numpy", "pyarrow"):
        require(library, "frames")
    return require("narwhals", "frames")


def _eager(implementation: Any) -> Callable[[Any, Request, Client], Any]:
    from kzt_rates.frames import in_memory

    if implementation.is_pandas():
        return in_memory.convert_pandas
    if implementation.is_polars():
        return in_memory.convert_polars
    if implementation.is_pyarrow():
        return in_memory.convert_arrow
    return in_memory.convert_other


def convert_lazy(
    frame: Any,
    library: str,
    request: Request,
    client: Client,
    between: tuple[DateLike, DateLike] | None,
) -> Any:
    """Return a lazy frame with one column more; nothing is collected, and no bank is asked."""
    if library not in ENGINES:
        raise TypeError(
            f"a lazy frame of {library} cannot be converted; those of {', '.join(ENGINES)} can"
        )
    from kzt_rates.frames.store_table import rate_table  # needs numpy and pyarrow

    module, function, in_tenge = ENGINES[library]
    table = rate_table(
        client,
        None if in_tenge else request.to.code,
        between,
        carried=request.missing == "previous",
        reaches_back=in_tenge,
    )
    engine = import_module(f"kzt_rates.frames.{module}")
    return getattr(engine, function)(frame, request, table)
