import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kzt_rates.cli.health import (
    check_codes,
    check_export,
    check_figures,
    check_nominals,
    dates_until,
)
from kzt_rates.figures import Day, Figure
from kzt_rates.testing import SettableClock, StandInBank, archive_sheets

CHECKS = ["daily", "latest", "export", "codes", "nominals", "figures"]
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "command-line.md"
TODAY = "2025-12-19"


@pytest.fixture
def bank(clock: SettableClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandInBank]:
    """Noon of Friday 2025-12-19, and true sheets of a fortnight, today and tomorrow."""
    clock.set(f"{TODAY}T12:00+05:00")
    with StandInBank(archive_sheets("2025-12-05", "2025-12-20"), clock=clock) as stand_in:
        monkeypatch.setenv("KZT_RATES_BASE_URL", stand_in.url)
        yield stand_in


def states(said: Any) -> dict[str, str]:
    """Return the state of each check in a table, with the first reason where it is not ok."""
    lines = [line.split(maxsplit=2) for line in said.out.splitlines()[3:] if line[0] != " "]
    return {line[0]: line[1] if line[1] == "ok" else " ".join(line[1:]) for line in lines}


def check_only(said: Any, *, status: int = 5, **expected: str) -> None:
    """All checks are ok but those expected, which begin so."""
    found = states(said)
    assert (said.status, said.err) == (status, "")
    assert list(found) == CHECKS
    for name, state in found.items():
        assert state.startswith(expected.get(name, "ok")), (name, state)


def test_all_is_well(run: Any, bank: StandInBank, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bank as it was is ok in each check and status 0, asked three times and kept nowhere."""
    cache = Path(run("cache path").out.strip())
    said = run("health")
    assert (said.status, said.err) == (0, "")
    assert said.out == (
        f"{bank.url} on 2025-12-19\n"
        "\n"
        "Check     State  What\n"
        "daily     ok     39 rates for 2025-12-19\n"
        "latest    ok     39 rates for 2025-12-20\n"
        "export    ok     39 currencies on 14 days, 2025-12-06 to 2025-12-19\n"
        "codes     ok     all 39 of the table, and no others\n"
        "nominals  ok     624 figures are for the nominals known\n"  # 16 sheets of 39
        "figures   ok     39 figures of two feeds agree\n"
    )
    assert [request.feed for request in bank.requests] == ["daily", "latest", "export"]
    assert not cache.exists()
    assert said.out.partition("\n")[2] in PAGE.read_text(encoding="utf-8")


def test_always_asks(run: Any, bank: StandInBank) -> None:
    """It asks whatever the cache or the archive know."""
    assert run("sheet").status == 0
    bank.forget()
    for _ in range(2):
        assert run("health").status == 0
    assert len(bank.requests) == 6


def test_json(run: Any, bank: StandInBank) -> None:
    """JSON has an object for each check: its name, its state, what was looked at and reasons."""
    bank.fail("html", feed="latest", times=None)
    said = run("health --format json")
    report = json.loads(said.out)
    assert said.status == 5
    assert [report["base_url"], report["date"]] == [bank.url, TODAY]
    assert [check["check"] for check in report["checks"]] == CHECKS
    assert report["checks"][0] == {
        "check": "daily",
        "state": "ok",
        "what": "39 rates for 2025-12-19",
        "reasons": [],
    }
    assert [report["checks"][1][key] for key in ("state", "what")] == ["FAILED", None]
    assert "HTML" in report["checks"][1]["reasons"][0]


def sheet_of(day: str, **others: tuple[str, int]) -> dict[str, tuple[str, int]]:
    """Return the true sheet of a day, with other rates for some codes."""
    return {**archive_sheets(day, day)[date.fromisoformat(day)], **others}


def test_new_code(run: Any, bank: StandInBank) -> None:
    """A code that the table does not know, or not on that day, is a change; its rate is given."""
    for day in (TODAY, "2025-12-20"):
        bank.publish(day, sheet_of(day, XYZ=("1.5", 1), EGP=("10.2", 1)))
    said = run("health")
    check_only(said, codes="CHANGED EGP is not known to be quoted on these days (daily, latest)")
    assert "                   XYZ is not in the table (daily, latest)\n" in said.out


def test_code_that_is_gone(run: Any, bank: StandInBank) -> None:
    """A code that the bank quoted until now and that is gone is a change, in each feed."""
    for day in archive_sheets("2025-12-05", "2025-12-20"):
        sheet = sheet_of(str(day))
        del sheet["CHF"]
        bank.publish(day, sheet)
    check_only(
        run("health"),
        export="CHANGED CHF has no figures",
        codes="CHANGED CHF is gone (daily, latest)",
    )


def test_new_nominal(run: Any, bank: StandInBank) -> None:
    """Another nominal than the table's is a change, whether the figure was refused or not."""
    for day in (TODAY, "2025-12-20"):
        bank.publish(day, sheet_of(day, AMD=("1.34", 1)))
    said = run("health")
    check_only(said, nominals="CHANGED AMD was refused: 1.34 per 1, but AMD was quoted per 10 on")
    assert "the bank quoted AMD per 10 then (export)\n" in said.out


def test_feeds_that_disagree(run: Any, bank: StandInBank) -> None:
    """A figure that the export has otherwise than the daily feed is a change."""
    bank.fail("bad_value", feed="export", code="USD", value="500.5", date=TODAY)
    said = run("health")
    value = sheet_of(TODAY)["USD"][0]
    check_only(
        said,
        figures=f"CHANGED USD on {TODAY} is {value} per 1 (daily) and 500.5 per 1 (export)",
    )


def test_other_columns(run: Any, bank: StandInBank) -> None:
    """An export without a column that was asked for fails, and says which."""
    bank.fail("missing_column", feed="export", code="CHF")
    check_only(
        run("health"), export="FAILED the bank's workbook lacks", figures="FAILED no day is in two"
    )


def test_days_that_are_lacking(run: Any, bank: StandInBank) -> None:
    """No sheet of today is a failure; a day that the export lacks, and an old latest, a change."""
    bank.withdraw(TODAY)
    bank.withdraw("2025-12-20")
    check_only(
        run("health"),
        daily=f"FAILED the bank has no rates for {TODAY}",
        latest="CHANGED the latest sheet is of 2025-12-18",
        export=f"CHANGED there are no figures of {TODAY}",
    )


def test_out_of_reach(run: Any, bank: StandInBank) -> None:
    """A bank that cannot be reached is status 4; one feed alone as well, unless another changed."""
    bank.fail("status", feed="daily", times=None, status=404)
    check_only(run("health"), status=4, daily="FAILED", figures="FAILED no day is in two")
    bank.fail("html", feed="latest", times=None)
    check_only(
        run("health"), daily="FAILED", latest="FAILED", codes="FAILED no feed", figures="FAILED"
    )
    bank.stop()
    said = run("health")
    assert said.status == 4
    assert {state.split()[0] for state in states(said).values()} == {"FAILED"}


@pytest.mark.parametrize("setting", ["--offline", "environment"])
def test_offline(
    run: Any, bank: StandInBank, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    """Offline there is nobody to ask: status 4 and one line."""
    if setting == "environment":
        monkeypatch.setenv("KZT_RATES_OFFLINE", "1")
        setting = ""
    said = run(f"health {setting}")
    assert said == (4, "", "kzt-rates: health needs the bank, and offline is on\n")
    assert bank.requests == ()


def day_of(on: date, **figures: tuple[str, int]) -> Day:
    printed = {code: Figure(*figure, feed="daily", final=True) for code, figure in figures.items()}
    return Day(on, printed, complete=True)


def test_nominal_of_another_year() -> None:
    """A nominal is compared with that of its day: the rial was quoted per 1000 until July 2026."""
    before, after = date(2026, 7, 7), date(2026, 7, 8)
    old, new = day_of(before, IRR=("0.34", 1000)), day_of(after, IRR=("3.43", 10_000))
    assert check_nominals({"daily": [old, new]}).state == "ok"
    wrong = check_nominals({"daily": [day_of(after, IRR=("0.34", 1000))]})
    assert wrong.reasons == ("IRR is quoted per 1000, not per 10000 (daily)",)


def test_many_reasons() -> None:
    """Of many reasons the first ten are told, and how many more there are."""
    today = date(2026, 8, 21)
    check = check_codes({"daily": day_of(today, USD=("472", 1))})
    assert (check.state, len(check.reasons)) == ("CHANGED", 11)
    assert check.reasons[0] == "AED is gone (daily)"
    assert check.reasons[-1] == "and 37 more"  # of the 48 codes, without the dollar


def test_nothing_to_compare() -> None:
    """Where no feed has brought anything, the checks of what it said fail."""
    checks = [check_codes({}), check_nominals({"daily": [], "export": []}), check_figures({})]
    assert {check.state for check in checks} == {"FAILED"}


def test_equal_however_written() -> None:
    """Two feeds agree where they mean the same number."""
    day = date(2026, 8, 21)
    daily, exported = day_of(day, USD=("472.50", 1)), day_of(day, USD=("472.5", 1))
    assert check_figures({"daily": [daily], "export": [exported]}).state == "ok"


def test_days_of_the_export() -> None:
    """A fortnight is fourteen days that end today; each must have a figure."""
    dates = dates_until(date(2026, 3, 1), 3)
    assert [str(day) for day in dates] == ["2026-02-27", "2026-02-28", "2026-03-01"]
    days = [day_of(day, USD=("500", 1)) for day in dates[1:]]
    assert check_export(days, ["USD"], dates).reasons == ("there are no figures of 2026-02-27",)
    assert check_export(days, ["EUR", "USD"], dates[1:]).reasons == ("EUR has no figures",)


def test_nothing_came(run: Any, bank: StandInBank) -> None:
    """Where no feed brings a figure, no comparison is ok."""
    bank.stop()
    found = states(run("health"))
    assert all(state.startswith("FAILED") for state in found.values())
    assert found["nominals"] == "FAILED no feed has a figure"


@pytest.mark.parametrize(
    ("period", "status", "state"),
    [("1d", 0, "ok"), ("2w", 0, "ok"), ("1y", 0, "ok"), ("1m", 0, "ok")],
)
def test_the_newest_day_is_young(
    run: Any, bank: StandInBank, period: str, status: int, state: str
) -> None:
    """A day as old as --max-age is not too old; the archive has 2025-12-18."""
    assert run("sheet 2025-12-18").status == 0
    said = run(f"health --max-age {period} --offline")
    assert said.status == status
    assert said.out.splitlines()[3].split(maxsplit=2)[:2] == ["age", state]
    assert bank.requests == () or len(bank.requests) == 1


def test_the_newest_day_is_old(
    run: Any, bank: StandInBank, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Status 1 where the newest complete day known here is older; with the bank all is checked."""
    monkeypatch.setenv("KZT_RATES_ARCHIVE", "off")
    said = run("health --max-age 1d --offline")
    assert said.status == 1
    assert said.out.endswith("\nage    FAILED  no complete day is known here\n")
    assert run("sheet").status == 0  # of 2025-12-19
    clock.set("2025-12-20T23:59+05:00")
    assert run("health --max-age 1d --offline").status == 0
    clock.set("2025-12-21T00:00+05:00")
    said = run("health --max-age 1d --offline")
    old = "the newest complete day known here is 2025-12-19, 2 days ago"
    assert (said.status, said.err) == (1, "")
    assert said.out.endswith(f"\nage    OLD    {old}\n")
    assert run("health --max-age 2d --offline").status == 0
    check = json.loads(run("health --max-age 1d --offline --format json").out)["checks"]
    assert [(row["check"], row["state"], row["reasons"]) for row in check] == [
        ("age", "OLD", [old])
    ]


def test_age_beside_the_other_checks(run: Any, bank: StandInBank, clock: SettableClock) -> None:
    """With a bank that is as it was, an old day is status 1; a worse finding keeps its own."""
    clock.set("2025-12-19T12:00+05:00")
    said = run("health --max-age 1d")
    assert [*states(said)] == [*CHECKS, "age"]
    bank.stop()
    assert run("health --max-age 1d").status == 4
