from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kzt_rates.testing import SettableClock
from kzt_rates.testing.bank import aware


def test_stands_still() -> None:
    """Two looks at the clock show the same aware instant."""
    clock = SettableClock("2025-12-05T12:00+05:00")
    assert clock() == clock() == datetime(2025, 12, 5, 7, tzinfo=UTC)
    assert clock().utcoffset() == timedelta(hours=5)


def test_what_is_shown_moves_along(tmp_path: Path) -> None:
    """Other processes see each instant, that of a wait as well."""
    clock, file = SettableClock("2025-12-05T12:00+05:00"), tmp_path / "clock"
    clock.show_in(file)
    for move, shown in (
        (lambda: clock.set("2025-12-05T13:00+05:00"), "2025-12-05T13:00:00+05:00"),
        (lambda: clock.advance(hours=1), "2025-12-05T14:00:00+05:00"),
        (lambda: clock.wait_until(aware("2025-12-06T00:05+05:00")), "2025-12-06T00:05:00+05:00"),
    ):
        move()
        assert file.read_text() == shown


def test_set_and_advance() -> None:
    """It is set by datetimes and texts, and moved by timedeltas and their units."""
    clock = SettableClock(datetime(2025, 12, 5, 7, tzinfo=UTC))
    clock.advance(hours=1, minutes=30)
    clock.advance(timedelta(minutes=-30))
    assert clock() == datetime(2025, 12, 5, 8, tzinfo=UTC)
    clock.set("2024-02-29T18:00Z")
    assert clock() == datetime(2024, 2, 29, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    "naive",
    ["2025-12-05T12:00", "2025-12-05", "noon", datetime(2025, 12, 5)],  # noqa: DTZ001  # naive
)
def test_naive_is_refused(naive: str | datetime) -> None:
    """An instant without an offset is no instant."""
    clock = SettableClock("2025-12-05T12:00+05:00")
    for set_to in (SettableClock, clock.set):
        with pytest.raises(ValueError, match=r"aware|instant|isoformat"):
            set_to(naive)


def test_other_types_are_refused() -> None:
    """A timestamp is not taken for an instant."""
    with pytest.raises(TypeError, match="not int"):
        SettableClock(1764918000)  # type: ignore[arg-type]


def test_repr_makes_another() -> None:
    """The repr is the expression that makes the clock."""
    clock = SettableClock("2025-12-05T12:00+05:00")
    assert repr(clock) == 'SettableClock("2025-12-05T12:00:00+05:00")'
    assert eval(repr(clock))() == clock()
