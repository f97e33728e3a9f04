"""What a second Ctrl-C, which often follows the first, must not disturb."""

import signal
from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType


@contextmanager
def undisturbed() -> "Iterator[None]":
    """Let Ctrl-C wait for the end of what it must not leave half done."""
    caught: list[int] = []

    def note(number: int, _: "FrameType | None") -> None:
        caught.append(number)

    try:
        before = signal.signal(signal.SIGINT, note)
    except ValueError:  # only the main thread is interrupted, and this is another
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before or signal.default_int_handler)
        if caught:
            raise KeyboardInterrupt
