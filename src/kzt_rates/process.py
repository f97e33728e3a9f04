"""The process: what happens around a fork, and which extra brings a missing library."""

import os
from _weakrefset import WeakSet  # weakref itself would cost the first conversion one percent
from threading import Lock, get_ident

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol, TypeVar

    R = TypeVar("R")

    class Forkable(Protocol):
        """What can start afresh in a forked child, where it is alone."""

        def start_afresh(self) -> None:
            """Forget the parent's connections and locks, without closing them."""

    class Pausing(Forkable, Protocol):
        """What finishes its work before a fork."""

        def pause(self) -> None:
            """Finish the work under way and start no other."""

        def resume(self) -> None:
            """Continue, in the parent."""


_forkables: "WeakSet[Forkable]" = WeakSet()
_pausing: "WeakSet[Pausing]" = WeakSet()
_paused: "list[Pausing]" = []
_left_open: "list[object]" = []
_lock = Lock()


def start_afresh_in_children(forkable: "Forkable") -> None:
    """Have an object's `start_afresh` called in every child forked while it lives."""
    with _lock:
        _forkables.add(forkable)


def pause_for_forks(one: "Pausing") -> None:
    """Have an object paused before each fork, and then resumed or, in the child, started afresh."""
    with _lock:
        _pausing.add(one)


class OnePerProcess:
    """An object for one thread at a time; a fork waits for it, and a child makes a new one."""

    def __init__(self, make: "Callable[[], Any]") -> None:
        self._make = make
        self._user = 0
        self.start_afresh()
        pause_for_forks(self)

    def use(self, work: "Callable[[Any], R]") -> "R":
        """Call a function with the object, while no other thread uses it; return its result."""
        with self._lock:
            self._user = get_ident()
            try:
                return work(self._thing)
            finally:
                self._user = 0

    def pause(self) -> None:
        """Wait until no other thread uses it."""
        if self._user != get_ident():
            self._lock.acquire()

    def resume(self) -> None:
        """Let others use it again."""
        if self._user != get_ident():
            self._lock.release()

    def start_afresh(self) -> None:
        """Make the object, and a lock that no thread holds."""
        self._lock, self._thing = Lock(), self._make()


def leave_open(thing: object) -> None:
    """Keep a connection from ever being closed, at the end of the process too.

    It was inherited through a fork that called no hooks, or its file was removed. Closing it would
    end the parent's locks, or delete the companions of the file that has taken its place.
    """
    _left_open.append(thing)
    from contextlib import suppress

    with suppress(ImportError, AttributeError):
        from ctypes import py_object, pythonapi

        pythonapi.Py_IncRef(py_object(thing))


def _before() -> None:
    with _lock:
        pausing = list(_pausing)
    for one in pausing:
        one.pause()
    _paused.extend(pausing)
    _lock.acquire()  # no list may be in the middle of growing


def _after_in_parent() -> None:
    _lock.release()
    while _paused:
        _paused.pop().resume()


def _start_afresh() -> None:
    global _lock  # noqa: PLW0603  # the parent's may be held, by a thread that is not here
    _lock = Lock()
    _paused.clear()
    for forkable in [*_forkables, *_pausing]:
        forkable.start_afresh()


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(
        before=_before, after_in_parent=_after_in_parent, after_in_child=_start_afresh
    )


# What the extras bring, by name: kzt_rates is installed from a clone or from an index, and what to
# type must be right in both cases. A test holds it against pyproject.toml.
EXTRAS = {
    "frames": "'narwhals>=2.10.1' 'numpy>=1.26' 'pyarrow>=18'",
    "plot": "'matplotlib>=3.9'",
    "web": (
        "'httptools>=0.6.3' 'starlette>=0.40' 'uvicorn>=0.30' "
        "'uvloop>=0.21; sys_platform != \"win32\"'"
    ),
}


def require(module: str, extra: str | None = None) -> "Any":
    """Return a module of another library, imported; `ImportError` says how to install it.

    `extra` is the extra of kzt_rates that brings it, `None` where one installs it by itself.
    A library of an extra that is older than the extra wants is an `ImportError`, too. A module
    that is there and fails to import for a reason of its own says so itself.

    >>> require("json").dumps("₸", ensure_ascii=False)
    '"₸"'
    """
    import sys
    from importlib import import_module

    library = module.partition(".")[0]
    wanted = library if extra is None else EXTRAS[extra]
    try:
        found = import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != library:
            raise
        raise ImportError(
            f"this needs {library}, which is not installed: pip install {wanted}", name=library
        ) from error
    version = getattr(sys.modules[library], "__version__", "")
    oldest = wanted.partition(f"'{library}>=")[2].partition("'")[0].partition(";")[0]
    if oldest and version and version_numbers(version) < version_numbers(oldest):
        raise ImportError(
            f"this needs {library} {oldest} or newer, not {version}: pip install {wanted}",
            name=library,
        )
    return found


def version_numbers(version: str) -> tuple[int, ...]:
    """Return the first numbers of a version.

    >>> version_numbers("3.0rc1"), version_numbers("2025.12.0+local"), version_numbers("2.10.1.7")
    ((3, 0), (2025, 12, 0), (2, 10, 1))
    """
    found = []
    for part in version.split(".")[:3]:
        digits = part[: next((at for at, sign in enumerate(part) if not sign.isdigit()), None)]
        found.append(int(digits or 0))
    return tuple(found)
