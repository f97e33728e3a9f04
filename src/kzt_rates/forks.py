"""After a fork the child opens its own files and connections, and its locks are free."""

import os
from weakref import WeakSet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class Forkable(Protocol):
        """What can start afresh in a forked child, where it is alone."""

        def start_afresh(self) -> None:
            """Let go of what is the parent's, without closing it."""


_forkables: "WeakSet[Forkable]" = WeakSet()


def start_afresh_in_children(forkable: "Forkable") -> None:
    """Have an object's `start_afresh` called in every child forked while it lives."""
    _forkables.add(forkable)


def _start_afresh() -> None:
    for forkable in list(_forkables):
        forkable.start_afresh()


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_start_afresh)
