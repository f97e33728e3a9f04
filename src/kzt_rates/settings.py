"""What a client is set to: its arguments, else the environment, else the built-in default."""

import os
import sys

from kzt_rates.dates import utc_now
from kzt_rates.store.layers import Layers
from kzt_rates.store.sqlite import MEMORY, SqliteStore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    from kzt_rates.store.protocol import Store
    from kzt_rates.typing import ArchiveLike, CacheLike, Clock

    T = TypeVar("T")

# A browser has no sockets and no threads, and no files that outlive the page.
IN_BROWSER = sys.platform == "emscripten"

DEFAULT_BASE_URL = "https://nationalbank.kz"
CACHE_FILE = "cache.sqlite"
ARCHIVE_FILE = "archive.sqlite"

# Names a file with the instant it is, for the programs that a test starts (`kzt_everywhere`).
TEST_CLOCK = "KZT_RATES_TEST_CLOCK"
BANK_OF_TESTS = "http://127.0.0.1:"

_SWITCHES = {
    **dict.fromkeys(("1", "true", "yes", "on"), True),
    **dict.fromkeys(("0", "false", "no", "off"), False),
}
_NO_CACHE = ("off", "no", "none", "false", "0")


def base_url_of(base_url: "str | None") -> str:
    """Return the bank's address as it may be shown; `ValueError` where it is none."""
    return bank_of(base_url)[0]


def bank_of(base_url: "str | None") -> "tuple[str, tuple[str, str] | None]":
    """Return the bank's address, without a closing slash, and the user and password of it.

    These are sent, and stand nowhere else: in no message, no log and no file's name.
    """
    if base_url is not None and not isinstance(base_url, str):
        raise TypeError(f"a base URL is text, not {type(base_url).__name__}")
    given = os.environ.get("KZT_RATES_BASE_URL", "")
    url = (base_url or given or DEFAULT_BASE_URL).rstrip("/")
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
        what = "a base URL" if base_url else "KZT_RATES_BASE_URL"
        raise ValueError(f"{what} must be an address like {DEFAULT_BASE_URL}, not {said}")
    name, _, password = user.partition(":")
    return shown, (unquote(name), unquote(password)) if at else None


def offline_of(offline: "bool | None") -> bool:
    """Return whether the bank may not be asked."""
    if offline is not None:
        if not isinstance(offline, bool):
            raise TypeError(f"offline is True or False, not {offline!r}")
        return offline
    return switch_of("KZT_RATES_OFFLINE", default=IN_BROWSER)


def switch_of(name: str, *, default: bool) -> bool:
    """Return whether a variable of the environment is on; `ValueError` where it is neither."""
    value = os.environ.get(name, "").strip()
    switch = _SWITCHES.get(value.lower()) if value else default
    if switch is None:
        raise ValueError(f"{name} must be on or off (or 1/0, true/false, yes/no), not {value!r}")
    return switch


def archive_is_on() -> bool:
    """Return whether the packaged archive counts, by the environment."""
    return switch_of("KZT_RATES_ARCHIVE", default=True)


def packaged_path() -> str:
    """Return where the build puts the archive: beside the package's own modules."""
    return os.path.join(os.path.dirname(__file__), ARCHIVE_FILE)


def open_archive(path: str) -> SqliteStore:
    """Open an archive; it is never written to, so SQLite takes no locks on it."""
    return SqliteStore(path, source="archive", immutable=True)


def clock_of(clock: "Clock | None", base_url: "str | None" = None) -> "Clock":
    """Return the clock of a bank's client; `TypeError` where it cannot be asked."""
    if clock is not None and not callable(clock):
        raise TypeError("a clock is a callable that returns an aware datetime")
    return clock or _clock_of_tests(os.environ.get(TEST_CLOCK), base_url) or utc_now


def _clock_of_tests(path: "str | None", base_url: "str | None") -> "Clock | None":
    """Return a clock that shows what stands in a file; only for a bank on this machine.

    Left behind in the environment of a service it would give another day's rates for today's.
    A client that was given another bank than the environment names has the machine's clock.
    """
    if not path:
        return None
    bank = base_url_of(None)  # without a user, who may be called 127.0.0.1
    if not bank.startswith(BANK_OF_TESTS):
        raise ValueError(
            f"{TEST_CLOCK} is for tests with a bank on 127.0.0.1, and KZT_RATES_BASE_URL names"
            f" none; unset {TEST_CLOCK}"
        )
    if not (base_url or bank).startswith(BANK_OF_TESTS):
        return None
    from datetime import datetime

    def now() -> "datetime":
        with open(path, encoding="ascii") as lines:
            return datetime.fromisoformat(lines.read())

    return now


def transport_of(transport: "T", method: str) -> "T":
    """Return a transport that was given; `TypeError` where it lacks the method that is called."""
    if isinstance(transport, type):
        given = f"the class {transport.__name__}: call it"
    elif transport is None or hasattr(transport, method):
        return transport
    else:
        given = type(transport).__name__
    wanted = "AsyncBaseTransport" if "async" in method else "BaseTransport"
    raise TypeError(f"transport is an httpx.{wanted}, not {given}")


def store_of(base_url: str, cache: "CacheLike", archive: "ArchiveLike") -> Layers:
    """Return the archive and the cache as one store."""
    return Layers(_archive_of(archive), _cache_of(base_url, cache))


def cache_path(base_url: str = DEFAULT_BASE_URL) -> "str | None":
    """Return the path of the cache by the environment, `None` where it is off.

    By default another bank than the National Bank's own, a stand-in for tests say, has a cache
    of its own: its figures must never answer for the real ones.
    """
    value = os.environ.get("KZT_RATES_CACHE", "").strip()
    if value.lower() in _NO_CACHE or (IN_BROWSER and not value):
        return None
    if value.lower() in _SWITCHES:
        raise ValueError(
            f"KZT_RATES_CACHE is the path of a file, or off, not {value!r}; leave it unset for the "
            "default path"
        )
    if value:
        return _file_of(value, "KZT_RATES_CACHE")
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
        return SqliteStore(_file_of(os.fspath(cache), "cache"))
    from kzt_rates.store.protocol import Lent

    return Lent(cache, "a cache")


def _archive_of(archive: "ArchiveLike") -> "Store | None":
    if archive is None:
        return open_archive(packaged_path()) if archive_is_on() else None
    if archive is False:
        return None
    if isinstance(archive, str | os.PathLike):
        return open_archive(_file_of(os.fspath(archive), "archive"))
    from kzt_rates.store.protocol import READING, Lent

    return Lent(archive, "an archive", READING)


def _file_of(given: str, name: str) -> str:
    """Return a path; a URL would become a folder called `redis:`."""
    if "://" in given:
        scheme = given.partition("://")[0]
        or_else = ", or off" if name.isupper() else ""
        raise ValueError(
            f"{name} must be the path of a file{or_else}; there is no store for {scheme} URLs"
        )
    path = os.path.expanduser(given)
    if not path or "\0" in path:
        raise ValueError(f"{name} is the path of a file, not {path!r}")
    return path


def _user_cache_folder() -> str:
    # What platformdirs answers on a plain Linux, without the 25 ms that importing it takes.
    if sys.platform == "linux":
        folder = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
        if os.path.isabs(folder) and not hasattr(sys, "getandroidapilevel"):
            return os.path.join(folder, "kzt_rates")
    from platformdirs import user_cache_dir

    return user_cache_dir("kzt_rates", appauthor=False)
