"""What a client is set to: its arguments, else the environment, else the built-in default."""

import os
import sys

from kzt_rates.calendar import utc_now
from kzt_rates.store.archive import open_archive, packaged_path
from kzt_rates.store.file import MEMORY
from kzt_rates.store.shelves import Shelves
from kzt_rates.store.sqlite import SqliteStore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from kzt_rates.calendar import Clock
    from kzt_rates.store.protocol import Store

    CacheLike = str | os.PathLike[str] | Store | Literal[False] | None
    ArchiveLike = str | os.PathLike[str] | Store | Literal[False] | None

DEFAULT_BASE_URL = "https://nationalbank.kz"
CACHE_FILE = "cache.sqlite"

_ON = ("1", "true", "yes", "on")
_OFF = ("0", "false", "no", "off", "")


def base_url_of(base_url: "str | None") -> str:
    """Return the bank's address without a closing slash; `ValueError` where it is none."""
    url = (base_url or os.environ.get("KZT_RATES_BASE_URL") or DEFAULT_BASE_URL).rstrip("/")
    scheme, _, rest = url.partition("://")
    if scheme not in ("http", "https") or not rest.strip("/ "):
        raise ValueError(f"a base URL begins with http:// or https://, not {url!r}")
    return url


def offline_of(offline: "bool | None") -> bool:
    """Return whether the bank may not be asked."""
    if offline is not None:
        return bool(offline)
    value = os.environ.get("KZT_RATES_OFFLINE", "").strip().lower()
    if value not in _ON + _OFF:
        raise ValueError(f"KZT_RATES_OFFLINE is 1 or 0, not {value!r}")
    return value in _ON


def clock_of(clock: "Clock | None") -> "Clock":
    """Return the clock; `TypeError` where it cannot be asked."""
    if clock is not None and not callable(clock):
        raise TypeError("a clock is a callable that returns an aware datetime")
    return clock or utc_now


def store_of(cache: "CacheLike", archive: "ArchiveLike") -> Shelves:
    """Return the archive and the cache as one store."""
    return Shelves(_archive_of(archive), _cache_of(cache))


def cache_path() -> "str | None":
    """Return the path of the cache by the environment, `None` where it is off."""
    value = os.environ.get("KZT_RATES_CACHE", "")
    if value.lower() == "off":
        return None
    return os.path.expanduser(value) if value else os.path.join(_user_cache_folder(), CACHE_FILE)


def _cache_of(cache: "CacheLike") -> "Store":
    if cache is None:
        cache = cache_path() or False
    if cache is False:
        return SqliteStore(MEMORY)
    if isinstance(cache, str | os.PathLike):
        return SqliteStore(os.path.expanduser(os.fspath(cache)))
    if not hasattr(cache, "keep_silence"):
        raise TypeError("a cache is a path, a store, or False for none")
    return cache


def _archive_of(archive: "ArchiveLike") -> "Store | None":
    if archive is None and os.environ.get("KZT_RATES_ARCHIVE", "").lower() == "off":
        archive = False
    if archive is False:
        return None
    if archive is None:
        return open_archive(packaged_path())
    if isinstance(archive, str | os.PathLike):
        return open_archive(os.path.expanduser(os.fspath(archive)))
    if not hasattr(archive, "day"):
        raise TypeError("an archive is a path, a store, or False for none")
    return archive


def _user_cache_folder() -> str:
    # What platformdirs answers on a plain Linux, without the 25 ms that importing it takes.
    if sys.platform == "linux" and not os.environ.get("XDG_CACHE_HOME"):
        home = os.path.expanduser("~/.cache")
        if os.path.isabs(home) and not hasattr(sys, "getandroidapilevel"):
            return os.path.join(home, "kzt_rates")
    from platformdirs import user_cache_dir

    return user_cache_dir("kzt_rates", appauthor=False)
