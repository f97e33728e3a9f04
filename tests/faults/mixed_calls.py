"""A thousand mixed calls of one process on a cache it shares; wrong answers end it with 1."""

import csv
import random
import sys
from decimal import Decimal

import kzt_rates
from kzt_rates.testing import SettableClock

CODES = ("USD", "EUR", "RUB", "CNY", "AMD", "UZS", "HUF", "KRW")


def main(url: str, cache: str, figures_file: str, seed: str, calls: str) -> None:
    with open(figures_file, encoding="utf-8", newline="") as lines:
        true = {
            (row["date"], row["currency"]): (Decimal(row["value"]), int(row["nominal"]))
            for row in csv.DictReader(lines)
            if "2025-12-01" <= row["date"] <= "2025-12-31"
        }
    chance = random.Random(seed)
    clock = SettableClock("2025-12-31T12:00+05:00")
    with kzt_rates.Client(url, cache, archive=False, clock=clock, timeout=30) as client:
        for _ in range(int(calls)):
            _call(client, chance, true)


def _call(
    client: kzt_rates.Client,
    chance: random.Random,
    true: dict[tuple[str, str], tuple[Decimal, int]],
) -> None:
    day, code = f"2025-12-{chance.randint(1, 31):02}", chance.choice(CODES)
    refresh = chance.random() < 0.02
    value, nominal = true[day, code]
    verb = chance.choice(("convert", "convert", "rate", "rate", "sheet", "latest", "previous"))
    if verb == "convert":
        converted = client.convert(100 * nominal, code, on=day, refresh=refresh)
        assert converted == 100 * value, (day, code, converted)
    elif verb == "latest":
        newest = client.latest(refresh=refresh)
        assert newest[code].value == true["2025-12-31", code][0], (newest, code)
    elif verb == "sheet":
        sheet = client.sheet(day, refresh=refresh)
        assert (len(sheet), sheet.complete, sheet.provisional) == (39, True, False), sheet
        assert (sheet[code].value, sheet[code].nominal) == (value, nominal), (day, code)
    else:
        rate = client.rate(code, on=day, missing="previous" if verb == "previous" else "raise")
        assert (rate.value, rate.nominal, rate.carried) == (value, nominal, False), rate


if __name__ == "__main__":
    main(*sys.argv[1:])
