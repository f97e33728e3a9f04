"""The libraries that are installed on wish: a missing one says which line to type."""

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def require(module: str, extra: str | None = None) -> "Any":
    """Return a module of another library, imported; `ImportError` says how to install it.

    `extra` is the extra of kzt_rates that brings it, `None` where one installs it by itself.
    A module that is there and fails to import for a reason of its own says so itself.

    >>> require("json").dumps("₸", ensure_ascii=False)
    '"₸"'
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        library = module.partition(".")[0]
        if error.name is None or error.name.partition(".")[0] != library:
            raise
        wanted = library if extra is None else f"'kzt_rates[{extra}]'"
        raise ImportError(
            f"this needs {library}, which is not installed: pip install {wanted}", name=library
        ) from error
