"""What following the bank costs: requests a day, and processor time while it waits.

`python3 -m benchmarks.watching` measures a week by a stand-in bank and a clock that moves itself,
then ten seconds of real waiting, and what it takes to compare two sheets of 48 codes. The limits
are 60 requests a day, a thousandth of the processor, and a millisecond.
"""

import sys
import time
import timeit
from collections import Counter
from threading import Timer

import kzt_rates
from kzt_rates.plans.following import wait_until
from kzt_rates.testing import SettableClock, StandInBank, archive_sheets

MAX_REQUESTS_A_DAY = 60
MAX_SHARE_OF_PROCESSOR = 0.001
WAITING_SECONDS = 10
MAX_CHANGE_SECONDS = 0.001


def week() -> tuple[int, float]:
    """Return the most requests that a day of a week takes, and the processor time of a look."""
    clock = SettableClock("2025-12-03T12:00+05:00")
    sheets = archive_sheets("2025-12-01", "2025-12-12")
    with (
        StandInBank(sheets, clock=clock, tomorrow_at="15:58") as bank,
        kzt_rates.Client(bank.url, cache=False, archive=False, clock=clock) as client,
    ):
        client.latest()
        started = time.process_time()
        given = sum(1 for _ in client.watch(until="2025-12-10"))
        seconds = time.process_time() - started
        days = Counter(request.at.date() for request in bank.requests)
    assert given == 15, given
    return max(days.values()), seconds / sum(days.values())


def waiting() -> float:
    """Return the share of the processor that a client takes while it waits for its next look."""
    client = kzt_rates.Client(cache=False, offline=True)
    terms = client._core.terms  # noqa: SLF001  # the waiting alone, without a bank to wait for
    later = terms.clock().replace(year=terms.clock().year + 1)
    Timer(WAITING_SECONDS, client.close).start()
    started, begun = time.process_time(), time.perf_counter()
    client._run(wait_until(terms, later, lambda: client._core.closed))  # noqa: SLF001
    return (time.process_time() - started) / (time.perf_counter() - begun)


def change() -> float:
    """Return the seconds that `change_since` takes for two sheets of 48 codes."""
    with kzt_rates.Client(cache=False, offline=True) as client:
        sheet, before = client.sheet("2026-08-21"), client.sheet("2026-08-20")
    assert len(sheet.change_since(before)) == 48
    # the best of several: another program's time is none of ours
    return min(timeit.repeat(lambda: sheet.change_since(before), number=50, repeat=10)) / 50


def main() -> int:
    """Print the figures; return 1 where one is beyond its limit."""
    requests, look = week()
    share = waiting()
    seconds = change()
    print(f"a week: at most {requests} requests a day, {1000 * look:.1f} ms of processor a look")
    print(f"waiting: {100 * share:.4f} % of a processor")
    print(f"change_since of 48 codes: {1000 * seconds:.2f} ms")
    return int(
        requests > MAX_REQUESTS_A_DAY
        or share > MAX_SHARE_OF_PROCESSOR
        or seconds > MAX_CHANGE_SECONDS
    )


if __name__ == "__main__":
    sys.exit(main())
