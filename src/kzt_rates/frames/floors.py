"""The oldest versions of libraries whose frames are converted, and what an older one is told."""

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

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


def _libraries(frame: Any) -> "Iterator[str]":
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
