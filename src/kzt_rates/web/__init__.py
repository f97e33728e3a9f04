"""The rates over HTTP: an ASGI app to serve or to mount (extra `[web]`)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import kzt_rates.web  # binds the name that annotations begin with, to be read at run time
from kzt_rates.process import require

if TYPE_CHECKING:
    from kzt_rates.web.service import Service as Service

__all__ = ["app"]


def app(
    client: "kzt_rates.Client | kzt_rates.AsyncClient | None" = None,
    *,
    ask: Literal["none", "recent", "any"] = "recent",
    metrics_from: Sequence[str] = (),
) -> "kzt_rates.web.Service":
    """Return an ASGI app that answers with the rates of a client.

    It is served by itself or mounted in FastAPI, Starlette or Litestar, on asyncio.

    Args:
        client: whose cache, bank and clock to use; `None` makes one by the environment.
        ask: for which days the bank is asked where a request needs it: `"recent"` days, `"any"`,
            or `"none"`. It is asked once for all who wait, and at most once a second.
        metrics_from: networks such as `"10.0.0.0/8"` that may read `/metrics`, besides this
            machine.

    Raises `ImportError` without the extra `[web]`, `ValueError` or `TypeError` for arguments.

    >>> import kzt_rates.web
    >>> service = kzt_rates.web.app(ask="none")
    """
    require("starlette", "web")
    from kzt_rates.async_client import AsyncClient
    from kzt_rates.client import Client
    from kzt_rates.web.service import Service

    if ask not in ("none", "recent", "any"):
        raise ValueError(f"ask is 'none', 'recent' or 'any', not {ask!r}")
    own = client is None
    if client is None:
        client = Client()
    if not isinstance(client, Client | AsyncClient):
        raise TypeError(f"a client is a Client or an AsyncClient, not {type(client).__name__}")
    return Service(client, ask, owns_client=own, metrics_from=metrics_from)


if not TYPE_CHECKING:  # a checker would take every name for one that is there

    def __getattr__(name: str) -> Any:
        if name != "Service":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        try:
            from kzt_rates.web.service import Service
        except ImportError:  # the result of a function that cannot be called without the extra
            return Any
        return Service
