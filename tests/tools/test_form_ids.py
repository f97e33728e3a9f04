"""What the unknown ids of the export's form mean, asked of a bank that knows some of them."""

import re
from collections.abc import Iterator
from datetime import date

import form_ids
import httpx
import pytest

import kzt_rates
from kzt_rates.currency import FACTS
from kzt_rates.testing import StandInBank, range_xlsx

TODAY = date(2026, 8, 21)
RECENT = "2026-08-07 to 2026-08-13"
OLD = "1998-01-05 to 1998-01-11"

# What a bank may mean by them; the real one's meaning is not known.
MEANT = {11: "LVL", 36: "DEM", 55: "EGP"}
FIGURES = {
    date(1998, 1, 5): {"LVL": "128.1", "DEM": "42.2"},
    date(1998, 1, 6): {"DEM": "42.3"},
    date(2026, 8, 13): {"EGP": "9.6"},
}


class Form:
    """A bank that answers for what it knows, and for ids it does not know as it is told to."""

    def __init__(self, means: dict[int, str] = MEANT, *, refuses: bool = False) -> None:
        self.means = means
        self.asked: list[tuple[list[int], str]] = []
        self.refuses = refuses

    def __call__(self, request: httpx.Request) -> httpx.Response:
        ids = [int(number) for number in request.url.params.get_list("rates[]")]
        start, end = (
            date(*map(int, reversed(request.url.params[name].split("."))))
            for name in ("beginDate", "endDate")
        )
        self.asked.append((ids, f"{start} to {end}"))
        if self.refuses and not self.means.keys() >= {*ids}:
            return httpx.Response(200, stream=httpx.ByteStream(b"<html></html>"))
        codes = [self.means[number] for number in ids if number in self.means]
        body = range_xlsx(FIGURES, codes, start, end)
        return httpx.Response(200, stream=httpx.ByteStream(body))

    def tell(self) -> list[str]:
        transport = httpx.MockTransport(self)
        with kzt_rates.Client("https://bank.example", retries=0, transport=transport) as client:
            return form_ids.tell(client, TODAY)


@pytest.fixture
def bank() -> Iterator[StandInBank]:
    with StandInBank() as bank:
        yield bank


def test_the_unknown_ids_are_those_that_no_currency_has():
    """They are the gaps between the known ids, and nine beyond for the currencies of 2026."""
    assert [*form_ids.UNKNOWN] == [11, 12, 19, 24, *range(27, 38), *range(55, 64)]
    assert not {*form_ids.UNKNOWN} & {facts.export_id for facts in FACTS.values()}


def test_the_headings_that_came_are_told():
    """Two questions for all, then one for each: the currency and its figures beside the id."""
    form = Form()
    lines = form.tell()
    assert lines[:4] == [
        "The ids of the export's form that nobody knows, 11–12, 19, 24, 27–37, 55–63:",
        "",
        f"- {RECENT}: LVL (0 of 7 rows), DEM (0 of 7 rows), EGP (1 of 7 rows)",
        f"- {OLD}: LVL (1 of 7 rows), DEM (2 of 7 rows), EGP (0 of 7 rows)",
    ]
    assert "- 11: LVL (1 of 7 rows)" in lines
    assert "- 36: DEM (2 of 7 rows)" in lines
    assert "- 55: EGP (1 of 7 rows)" in lines
    assert "- 12: no currency came" in lines
    everything = [*form_ids.UNKNOWN]
    assert form.asked[:2] == [(everything, RECENT), (everything, OLD)]
    assert form.asked[2:] == [([number], RECENT if number >= 55 else OLD) for number in everything]


def test_a_bank_that_refuses_unknown_ids_is_asked_for_each():
    """One id that the form does not have spoils no other's answer."""
    lines = Form(refuses=True).tell()
    assert "- 36: DEM (2 of 7 rows)" in lines
    refused = [line for line in lines if "<html>" in line or "xlsx" in line]
    assert len(refused) == 2 + len(form_ids.UNKNOWN) - len(MEANT)


def test_a_bank_that_leaves_unknown_ids_out_is_asked_no_more():
    """Where neither week brings a currency, nothing is left to ask."""
    form = Form(means={})
    assert form.tell()[2:] == [f"- {RECENT}: no currency came", f"- {OLD}: no currency came"]
    assert len(form.asked) == 2


def test_a_bank_out_of_reach_is_told_once(bank):
    """It stops nothing, and no more is asked."""
    bank.fail("status", times=None, feed="export")
    with kzt_rates.Client(bank.url, retries=0) as client:
        lines = form_ids.tell(client, TODAY)
    assert len(lines) == 3
    assert len(bank.requests) == 1


def test_a_heading_is_shown_short():
    """What a heading holds is the bank's, and no report grows by it."""
    body = range_xlsx({"1998-01-05": {}}, ["X" * 500])
    assert [len(column.heading) for column in form_ids._columns(body)] == [form_ids.MAX_SHOWN]
    assert re.fullmatch("X+", form_ids._columns(body)[0].heading)
