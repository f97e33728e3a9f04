"""The archive rebuilt from a stand-in bank: added to, compared, or left alone."""

import csv
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
import rebuild_archive

import kzt_rates
from kzt_rates.store.contents import build_archive
from kzt_rates.testing import SettableClock, StandInBank, daily_xml

CSV = Path(__file__).parents[2] / "data" / "official_rates.csv"
HEADER = "date,currency,value,nominal,source"
START, WEEK_AGO = "2026-08-03", "2026-08-13"
TODAY, TOMORROW = "2026-08-21", "2026-08-22"
OF_2026 = {"EGP", "IDR", "ILS", "MNT", "OMR", "PKR", "QAR", "RON", "VND"}
OLD_ROW = "2005-01-05,TRL,0.1,1000,rates-all-2016"


class Office:
    """A bank with the true figures of August 2026, a file of rates, and the tool."""

    def __init__(self, folder: Path, bank: StandInBank, figures: dict) -> None:
        self.folder = folder
        self.file = folder / "rates.csv"
        self.report = folder / "report.md"
        self.bank = bank
        self.figures = figures
        self.clock = SettableClock(f"{TODAY}T12:00+05:00")

    def rebuild(self, start: str = START) -> int:
        options = ["--start", start, "--no-form-ids"]
        return rebuild_archive.main([*self.paths(), *options], clock=self.clock)

    def paths(self) -> list[str]:
        places = {"--file": self.file, "--work": self.folder / "work", "--report": self.report}
        return [text for option in places for text in (option, str(places[option]))]

    def write(self, lines: list[str]) -> None:
        self.file.write_text("\n".join([HEADER, *lines, ""]), encoding="utf-8")

    def lines(self) -> list[str]:
        return self.file.read_text(encoding="utf-8").splitlines()[1:]

    def asked(self, feed: str) -> list[str]:
        return [str(request.day) for request in self.bank.requests if request.feed == feed]


def rows_on_record() -> list[dict[str, str]]:
    """Return August's figures as collected: what rebuilds have added since is left out."""
    with CSV.open(encoding="utf-8", newline="") as lines:
        return [
            row
            for row in csv.DictReader(lines)
            if START <= row["date"] <= TODAY and row["source"] not in {"export", "daily"}
        ]


def lines_on_record() -> list[str]:
    return [",".join(row.values()) for row in rows_on_record()]


def lines_from_the_bank() -> list[str]:
    """Return August's figures on record as they come in: from the export, or the daily feed.

    The nine currencies of 2026 and the last week are the daily feed's.
    """
    return [
        ",".join({**row, "source": source}.values())
        for row in rows_on_record()
        for source in [
            "daily" if row["currency"] in OF_2026 or row["date"] > WEEK_AGO else "export"
        ]
    ]


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    figures: dict[str, dict[str, tuple[str, int]]] = {}
    for row in rows_on_record():
        figure = row["value"], int(row["nominal"])
        figures.setdefault(row["date"], {})[row["currency"]] = figure
    with StandInBank(clock=SettableClock(f"{TODAY}T12:00+05:00")) as bank:
        for day, rates in figures.items():
            bank.publish(day, rates)
        monkeypatch.setenv("KZT_RATES_BASE_URL", bank.url)
        yield Office(tmp_path, bank, figures)


def test_what_is_all_here_stays_to_the_byte(office, capsys):
    """A bank that says the same changes nothing, not even the sources."""
    office.write([OLD_ROW, *lines_on_record()])
    before = office.file.read_bytes()
    assert office.rebuild() == 0
    assert office.file.read_bytes() == before
    count = 1 + len(rows_on_record())
    assert capsys.readouterr().out.startswith(f"Nothing new: {count} rows as before.\n")


def test_what_is_lacking_is_added_in_order_with_its_feed(office):
    """The export's currencies come from it, the nine of 2026 from the daily feed."""
    office.write([OLD_ROW])
    assert office.rebuild() == 0
    assert office.lines() == [OLD_ROW, *lines_from_the_bank()]
    assert len(office.asked("export")) == 1
    report = office.report.read_text(encoding="utf-8").splitlines()
    assert report[0] == f"{len(rows_on_record())} rows added, {1 + len(rows_on_record())} in all."
    assert "- VND: 15 rows, 2026-08-03 to 2026-08-21 (daily)" in report
    assert "- EUR: 9 rows, 2026-08-03 to 2026-08-13 (export)" in report
    assert "- EUR: 6 rows, 2026-08-14 to 2026-08-21 (daily)" in report


def test_a_run_asks_for_the_unknown_ids(office):
    """The report tells what came of them, which is nothing to the file."""
    office.write([OLD_ROW])
    assert rebuild_archive.main([*office.paths(), "--start", START], clock=office.clock) == 0
    assert office.lines() == [OLD_ROW, *lines_from_the_bank()]
    report = office.report.read_text(encoding="utf-8")
    headline = "The ids of the export's form that nobody knows, 11–12, 19, 24, 27–37, 55–63:"
    assert headline in report
    assert "- 63: the bank's answer is an HTML page, not an .xlsx" in report.splitlines()
    assert "Said on the way" not in report
    assert office.rebuild() == 0
    assert headline not in office.report.read_text(encoding="utf-8")


def test_a_second_run_changes_nothing(office):
    """It asks everything anew, and leaves the same bytes."""
    office.write([])
    assert office.rebuild() == 0
    first, requests = office.file.read_bytes(), len(office.bank.requests)
    office.bank.forget()
    assert office.rebuild() == 0
    assert office.file.read_bytes() == first
    assert len(office.bank.requests) == requests


@pytest.mark.parametrize(
    ("published", "told"),
    [("460.01", "460.01 per 1 (export)")],
)
def test_a_row_that_differs_stops_it(office, capsys, published, told):
    """Another value or another nominal is named with both figures, and nothing is written."""
    rows = lines_on_record()
    office.write([row for row in rows if ",EUR," not in row])
    before = office.file.read_bytes()
    day = "2026-08-12"
    office.bank.publish(day, {**office.figures[day], "USD": published})
    assert office.rebuild() == 1
    assert office.file.read_bytes() == before
    assert not office.report.exists()
    lines = capsys.readouterr().err.splitlines()
    assert f"USD on {day}: 465.74 per 1 (rk-rates), but {told}" in lines
    assert lines[-1] == "nothing is written: 1 row differs"


def test_what_was_said_to_a_run_that_was_stopped_is_asked_anew(office):
    """When the bank has corrected itself, the next run goes through."""
    office.write(lines_on_record())
    day = "2026-08-20"
    office.bank.publish(day, {**office.figures[day], "USD": "460.01"})
    assert office.rebuild() == 1
    office.bank.publish(day, office.figures[day])
    assert office.rebuild() == 0
    assert office.report.exists()
    office.bank.publish(day, {**office.figures[day], "USD": "460.01"})
    assert office.rebuild() == 1
    assert not office.report.exists()


def test_feeds_that_contradict_one_another_stop_it(office, capsys):
    """No figure enters that the other feed has otherwise, though the file has neither."""
    office.write([])
    day = "2026-08-12"
    true = office.figures[day]["GEL"][0]
    other = {**office.figures[day], "GEL": str(Decimal(true) + Decimal("0.01"))}
    office.bank.answer_with(daily_xml(day, other), feed="daily", day=day, times=None)
    assert office.rebuild() == 1
    assert office.lines() == []
    assert (
        f"GEL on {day}: {true} per 1 (export), but {other['GEL']} per 1 (daily)"
        in capsys.readouterr().err.splitlines()
    )


def test_a_strange_figure_that_the_export_has_otherwise_is_told(office):
    """The daily feed's is refused alone, the export's enters, and the report says so."""
    office.write([])
    day = "2026-08-12"
    other = {**office.figures[day], "GEL": "999.99"}
    office.bank.answer_with(daily_xml(day, other), feed="daily", day=day, times=None)
    assert office.rebuild() == 0
    assert office.lines() == lines_from_the_bank()
    report = office.report.read_text(encoding="utf-8")
    assert f"- refused the figure of GEL for {day}: 999.99 per 1 is strange" in report


@pytest.mark.parametrize("day", ["2026-08-12", "2026-08-14", "2026-08-20"])
def test_what_the_bank_has_no_longer_stays_and_is_told(office, day):
    """A row is not dropped because a feed has lost it."""
    office.write([OLD_ROW, *lines_on_record()])
    before = office.file.read_bytes()
    office.bank.withdraw(day)
    assert office.rebuild() == 0
    assert office.file.read_bytes() == before
    report = office.report.read_text(encoding="utf-8").splitlines()
    gone, unasked = (
        next(number for number, line in enumerate(report) if words in line)
        for words in ("48 rows that the bank no longer has", "1 row that the bank was not asked")
    )
    assert gone < report.index(f"- USD: 1 row, {day} (rk-rates)") < unasked
    assert report[unasked + 2] == "- TRL: 1 row, 2005-01-05 (rates-all-2016)"


def test_the_packaged_archive_is_no_witness(office):
    """A day that only the packaged archive has is not put into the file."""
    office.write([])
    office.bank.withdraw("2026-08-12")
    with kzt_rates.Client(offline=True, cache=False) as client:
        assert client.sheet("2026-08-12").complete
    assert office.rebuild() == 0
    assert not any(line.startswith("2026-08-12") for line in office.lines())
    assert any(line.startswith("2026-08-13") for line in office.lines())


def test_what_is_not_final_stays_out(office, monkeypatch):
    """Neither tomorrow's sheet nor today's before the bank's own clock says so."""
    office.write([])
    with StandInBank(clock=SettableClock("2026-08-20T23:00+05:00")) as bank:
        for day in ("2026-08-19", "2026-08-20", TODAY):
            bank.publish(day, office.figures[day])
        bank.publish(TOMORROW, office.figures[TODAY])
        monkeypatch.setenv("KZT_RATES_BASE_URL", bank.url)
        assert office.rebuild() == 0
    days = {line[:10] for line in office.lines()}
    assert days == {"2026-08-19", "2026-08-20"}


@pytest.mark.parametrize(("feed", "fault"), [("export", "html"), ("daily", "truncated_xml")])
def test_an_answer_that_is_refused_stops_it(office, capsys, feed, fault):
    """Nothing is written, one line says why, and the status is 5."""
    office.write([OLD_ROW])
    before = office.file.read_bytes()
    office.bank.fail(fault, times=None, feed=feed)
    assert office.rebuild() == 5
    assert office.file.read_bytes() == before
    said = [line for line in capsys.readouterr().err.splitlines() if "days" not in line]
    assert len(said) == 1
    assert said[0].startswith("nothing is written: ")


def test_todays_rates_for_old_days_are_refused(office, capsys):
    """The newest days are asked for first, so that an old day that equals them is noticed."""
    office.write([])
    office.bank.fail("todays_rates", feed="export")
    assert office.rebuild() == 5
    assert office.lines() == []
    said = capsys.readouterr().err.splitlines()[-1]
    asked = "2026-07-24 to 2026-08-06"  # from ten days before the first; newer days are not old
    assert said.startswith("nothing is written: ")
    assert f": the bank answered for {asked} with the rates of {TODAY};" in said


def test_a_nominal_that_differs_stops_it(office, capsys):
    """A lot that the bank did not use is refused, which is no row to write and none to forget."""
    office.write(lines_on_record())
    before = office.file.read_bytes()
    day = "2026-08-12"
    office.bank.publish(day, {**office.figures[day], "USD": ("4622.2", 10)})
    assert office.rebuild() == 5
    assert office.file.read_bytes() == before
    assert "USD was refused: 4622.2 per 10" in capsys.readouterr().err


def test_a_run_that_was_broken_off_is_gone_on_with(office):
    """The next run asks for nothing that it was told before, and the file comes out whole."""
    office.write([])
    office.bank.fail("truncated_xml", times=None, feed="daily", day="2026-08-11")
    assert office.rebuild() == 5
    told = set(office.asked("daily")) - {"2026-08-11"}
    # of older days, and of sheets that lack most codes, the feed is asked anew
    final = {day for day in told if day >= "2026-08-07" and len(office.figures.get(day, ())) > 30}
    assert {"2026-08-03", "2026-08-21"} < told
    assert len(office.asked("export")) == 1
    office.bank.reset()
    assert office.rebuild() == 0
    assert not set(office.asked("daily")) & final
    assert office.asked("export") == []
    assert office.lines() == lines_from_the_bank()


def test_a_leftover_of_a_shorter_range_is_no_answer_for_a_longer_one(office):
    """What was not asked for by a run that began later is asked for now."""
    office.write([])
    office.bank.fail("truncated_xml", times=None, feed="daily", day="2026-08-13")
    assert office.rebuild("2026-08-05") == 5
    office.bank.reset()
    assert office.rebuild() == 0
    assert len(office.asked("export")) == 1
    assert office.lines() == lines_from_the_bank()


def test_a_leftover_of_another_day_is_not_used(office):
    """What a run of yesterday was told is asked for again today."""
    office.write([])
    office.clock.set("2026-08-20T12:00+05:00")
    office.bank.fail("truncated_xml", times=None, feed="daily", day="2026-08-11")
    assert office.rebuild() == 5
    office.bank.reset()
    office.clock.set(f"{TODAY}T12:00+05:00")
    assert office.rebuild() == 0
    assert len(office.asked("export")) == 1
    assert "2026-08-03" in office.asked("daily")
    assert [path.name for path in (office.folder / "work").iterdir()] == []


def test_a_spoiled_file_is_not_rebuilt(office, capsys):
    """Before the bank is asked anything, the line is named."""
    office.write(["2026-08-03,USD,460.x,1,a"])
    assert office.rebuild() == 1
    assert "line 2" in capsys.readouterr().err
    assert office.bank.requests == ()


def test_a_bank_out_of_reach_is_one_line_and_status_4(office):
    """The script as nox runs it: nothing is written, and no traceback is shown."""
    office.write([OLD_ROW])
    before = office.file.read_bytes()
    script = Path(rebuild_archive.__file__)
    office.bank.stop()
    done = subprocess.run(
        [sys.executable, str(script), *office.paths(), "--start", START],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 4
    assert done.stdout == ""
    assert done.stderr.startswith("nothing is written: ")
    assert "cannot be reached" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert office.file.read_bytes() == before
    assert not office.report.exists()


@pytest.mark.parametrize(
    ("day", "lacking", "complete", "reason"),
    [
        ("2014-12-31", "BYN LTL", True, "not_available_here"),
        ("2015-01-01", "BYN LTL", True, "no_such_unit"),
        ("2016-04-18", "BYN LTL", True, "no_such_unit"),
        ("2016-04-18", "BYN LTL USD", False, "no_such_unit"),
    ],
)
def test_days_of_the_export_are_whole_but_for_currencies_that_had_gone(
    tmp_path, day, lacking, complete, reason
):
    """All that a feed can be asked for is here; of the litas, which ended with 2014 and has no
    id, nothing says that the bank published none."""
    codes = sorted({*kzt_rates_of_2016(), "BYR"} - set(lacking.split()))
    lines = [f"{day},{code},1,1,export" for code in codes]
    source = tmp_path / "rates.csv"
    source.write_text("\n".join([HEADER, *lines, ""]), encoding="utf-8")
    build_archive(str(source), str(tmp_path / "archive.sqlite"))
    client = kzt_rates.Client(archive=str(tmp_path / "archive.sqlite"), cache=False, offline=True)
    with client:
        sheet = client.sheet(day)
        with pytest.raises(kzt_rates.RateNotFound) as caught:
            client.rate("LTL", on=day)
    assert (sheet.complete, set(sheet)) == (complete, set(codes))
    assert caught.value.reason == reason


def kzt_rates_of_2016() -> set[str]:
    """Return the 39 codes of 2026-07-07, which are those of 2016 but for the Belarusian rouble."""
    with CSV.open(encoding="utf-8", newline="") as lines:
        return {row["currency"] for row in csv.DictReader(lines) if row["date"] == "2026-07-07"}
