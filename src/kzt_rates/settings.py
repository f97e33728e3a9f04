"""What a client is set to: its arguments, else the environment, else the built-in default."""

import os
import sys

from kzt_rates.calendar import utc_now
from kzt_rates.store.archive import open_archive, packaged_path
from kzt_rates.store.file import MEMORY
from kzt_rates.store.layers import Layers
from kzt_rates.store.sqlite import SqliteStore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from kzt_rates.calendar import Clock
    from kzt_rates.store.protocol import Store

    CacheLike = str | os.PathLike[str] | Store | Literal[False] | None
    ArchiveLike = str | os.PathLike[str] | Store | Literal[False] | None

# A browser has no sockets and no threads, and no files that outlive the page.
IN_BROWSER = sys.platform == "emscripten"

DEFAULT_BASE_URL = "https://nationalbank.kz"
CACHE_FILE = "cache.sqlite"

_ON = ("1", "true", "yes", "on")
_OFF = ("0", "false", "no", "off", "")


def base_url_of(base_url: "str | None") -> str:
    """Return the bank's address as it may be shown; `ValueError` where it is none."""
    return bank_of(base_url)[0]


def bank_of(base_url: "str | None") -> "tuple[str, tuple[str, str] | None]":
    """Return the bank's address, without a closing slash, and the user and password of it.

    These are sent, and stand nowhere else: in no message, no log and no file's name.
    """
    if base_url is not None and not isinstance(base_url, str):
        raise TypeError(f"a base URL is text, not {type(base_url).__name__}")
    url = (base_url or os.environ.get("KZT_RATES_BASE_URL") or DEFAULT_BASE_URL).rstrip("/")
    if url == DEFAULT_BASE_URL:
        return url, None
    from urllib.parse import unquote, urlsplit  # here, because the cold path needs no other bank

    shown = url
    scheme, slashes, rest = url.partition("://")
    place, slash, path = rest.partition("/")
    user, at, place = place.rpartition("@")
    if at:
        shown = f"{scheme}{slashes}{place}{slash}{path}"
    try:
        parts = urlsplit(shown)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        good = False
    # a path is put behind it, and urlsplit takes line breaks and tabs away without a word
    if not good or any(character in shown for character in "?#@\\ ") or not url.isprintable():
        said = "one with an @ in its path" if "@" in shown else repr(shown)  # maybe a password
        raise ValueError(f"a base URL is like {DEFAULT_BASE_URL}, not {said}")
    name, _, password = user.partition(":")
    return shown, (unquote(name), unquote(password)) if at else None


def offline_of(offline: "bool | None") -> bool:
    """Return whether the bank may not be asked."""
    if offline is not None:
        if not isinstance(offline, bool):
            raise TypeError(f"offline is True or False, not {offline!r}")
        return offline
    value = os.environ.get("KZT_RATES_OFFLINE", "").strip().lower()
    if value not in _ON + _OFF:
        raise ValueError(f"KZT_RATES_OFFLINE is 1 or 0, not {value!r}")
    return value in _ON or (IN_BROWSER and not value)


def clock_of(clock: "Clock | None") -> "Clock":
    """Return the clock; `TypeError` where it cannot be asked."""
    if clock is not None and not callable(clock):
        raise TypeError("a clock is a callable that returns an aware datetime")
    return clock or utc_now


def store_of(base_url: str, cache: "CacheLike", archive: "ArchiveLike") -> Layers:
    """Return the archive and the cache as one store."""
    return Layers(_archive_of(archive), _cache_of(base_url, cache))


def cache_path(base_url: str = DEFAULT_BASE_URL) -> "str | None":
    """Return the path of the cache by the environment, `None` where it is off.

    By default another bank than the National Bank's own, a stand-in for tests say, has a cache
    of its own: its figures must never answer for the real ones.
    """
    value = os.environ.get("KZT_RATES_CACHE", "")
    if value.lower() == "off" or (IN_BROWSER and not value):
        return None
    if value:
        return os.path.expanduser(value)
    name, ending = os.path.splitext(CACHE_FILE)
    if base_url != DEFAULT_BASE_URL:
        place = base_url.partition("://")[2]
        name += "-" + "".join(c if c.isalnum() or c in ".-" else "_" for c in place)
    return os.path.join(_user_cache_folder(), name + ending)


def _cache_of(base_url: str, cache: "CacheLike") -> "Store":
    if cache is None:
        cache = cache_path(base_url) or False
    if cache is False:
        return SqliteStore(MEMORY)
    if isinstance(cache, str | os.PathLike):
        return SqliteStore(_path_of(cache))
    from kzt_rates.store.lent import Lent

    return Lent(cache, "a cache")


def _archive_of(archive: "ArchiveLike") -> "Store | None":
    if archive is None and os.environ.get("KZT_RATES_ARCHIVE", "").lower() == "off":
        archive = False
    if archive is False:
        return None
    if archive is None:
        return open_archive(packaged_path())
    if isinstance(archive, str | os.PathLike):
        return open_archive(_path_of(archive))
    from kzt_rates.store.lent import READING, Lent

    return Lent(archive, "an archive", READING)


def _path_of(path: "str | os.PathLike[str]") -> str:
    text = os.path.expanduser(os.fspath(path))
    if not text or "\0" in text:
        raise ValueError(f"no file can be called {text!r}")
    return text


def _user_cache_folder() -> str:
    # What platformdirs answers on a plain Linux, without the 25 ms that importing it takes.
    if sys.platform == "linux":
        folder = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
        if os.path.isabs(folder) and not hasattr(sys, "getandroidapilevel"):
            return os.path.join(folder, "kzt_rates")
    from platformdirs import user_cache_dir

    return user_cache_dir("kzt_rates", appauthor=False)
