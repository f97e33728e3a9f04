"""Which library a frame is of, and who converts its frames."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from kzt_rates.frames.asked import asked_of
from kzt_rates.frames.floors import require_new_enough
from kzt_rates.process import require

if TYPE_CHECKING:
    from collections.abc import Callable

    from kzt_rates.client import Client
    from kzt_rates.frames.asked import Asked
    from kzt_rates.typing import DateLike


def convert_frame(
    frame: Any,
    *,
    client: "Client | None",
    between: "tuple[DateLike, DateLike] | None",
    **given: Any,
) -> Any:
    """Return a frame of any library with one column more; `given` is for `asked_of`."""
    nw = require_frames()
    is_narwhals = isinstance(frame, nw.DataFrame | nw.LazyFrame)
    require_new_enough(frame.to_native() if is_narwhals else frame)
    is_dask = not is_narwhals and nw.dependencies.is_dask_dataframe(frame)
    # narwhals is about to leave Dask to a package of its own, and its frames have a pandas one
    wrapped = nw.from_native(frame._meta if is_dask else frame)  # noqa: SLF001
    is_lazy = isinstance(wrapped, nw.LazyFrame)
    asked = asked_of(
        wrapped.collect_schema().names() if is_lazy else wrapped.columns,
        **given,
        is_numeric=lambda name: wrapped.collect_schema()[name].is_numeric(),
    )
    from kzt_rates.frames.source import client_of, require_known  # needs numpy

    client = client_of(client)
    require_known(client, filter(None, (asked.currency.code, asked.to.code)))
    native = frame if is_dask else wrapped.to_native()
    if is_dask or is_lazy:
        from kzt_rates.frames.lazy import convert_lazy

        library = "dask" if is_dask else wrapped.implementation.name.lower()
        result = convert_lazy(native, library, asked, client, between)
    else:
        if between is not None:
            raise ValueError("between= is for lazy frames; this one is asked for its own dates")
        result = _eager(wrapped.implementation)(native, asked, client)
    if not is_narwhals:
        return result
    namespace = import_module(type(frame).__module__)  # the stable ones have their own
    return getattr(namespace, "from_native", nw.from_native)(result)


def require_frames() -> Any:
    """Return narwhals; `ImportError` where a library of the extra `[frames]` is missing."""
    for library in ("numpy", "pyarrow"):
        require(library, "frames")
    return require("narwhals", "frames")


def _eager(implementation: Any) -> "Callable[[Any, Asked, Client], Any]":
    from kzt_rates.frames import in_memory

    if implementation.is_pandas():
        return in_memory.convert_pandas
    if implementation.is_polars():
        return in_memory.convert_polars
    if implementation.is_pyarrow():
        return in_memory.convert_arrow
    return in_memory.convert_other
