"""With pydantic, whose core is compiled to WebAssembly, values and series are there as well."""

import warnings

import kzt_rates

warnings.simplefilter("error")

rate = kzt_rates.rate("AMD", on="05.12.2025")
assert (str(rate.value), rate.nominal, str(rate.effective_date)) == ("13.14", 10, "2025-12-05")
assert kzt_rates.Rate.model_validate_json(rate.model_dump_json()) == rate

sheet = kzt_rates.sheet("2025-11-29")
assert sheet.ticker() == "(29.11.2025) $ 512.53 ₸ € 592.43 ₸ ¥ 72.44 ₸ ₽ 6.53 ₸"
assert len(kzt_rates.sheet("2025-12-05")) == 39

series = kzt_rates.history("USD", start="2015-08-20", end="2015-08-22")
assert [str(point.value) for point in series] == ["188.38", "255.26", "252.47"]
assert series.to_csv().splitlines()[1] == "2015-08-20,188.38"

async with kzt_rates.AsyncClient() as client:  # Pyodide lets a script await
    assert await client.convert(100, "USD", on="2025-12-05") == 49965
    assert await client.rate("AMD", on="05.12.2025") == rate

try:
    kzt_rates.rate("USD", on="2020-11-02")
except kzt_rates.Offline:
    pass
else:
    raise AssertionError("a browser has no sockets to ask the bank through")

print("with pydantic there are rates, sheets and series")
