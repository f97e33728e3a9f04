"""The wheel alone, without any of its dependencies, in a Python without threads and sockets."""

import contextlib
import importlib.util
import io
import pathlib
import runpy
import sys
import warnings

assert sys.platform == "emscripten", "this is for Pyodide"
for absent in ("httpx", "lxml", "pydantic", "dateutil", "platformdirs"):
    assert importlib.util.find_spec(absent) is None, f"{absent} is here, which proves nothing"
warnings.simplefilter("error")

import kzt_rates


def kzt_rates_command(line: str) -> tuple[int, str, str]:
    """Run `python -m kzt_rates` and return the status, stdout and stderr."""
    sys.argv = ["kzt-rates", *line.split()]
    out, err = io.StringIO(), io.StringIO()
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            runpy.run_module("kzt_rates", run_name="__main__")
    except SystemExit as end:
        return end.code or 0, out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


assert kzt_rates.convert(100, "USD", on="2025-12-05") == 49965
assert str(kzt_rates.convert(100, "USD", "EUR", on="2025-12-05", places=2)) == "85.72"

status, out, err = kzt_rates_command("convert 100 USD --on 2025-12-05")
assert (status, err) == (0, ""), err
assert out.startswith("100 USD = 49\xa0965.00 KZT\n"), out

for command in ("", "convert", "sheet", "latest", "ticker", "history", "sync", "currencies"):
    status, out, err = kzt_rates_command(f"{command} --help")
    assert (status, err) == (0, ""), err
    assert out.startswith("usage: kzt-rates"), out
for command in ("cache info", "cache path", "cache clear", "health"):
    status, out, err = kzt_rates_command(f"{command} --help")
    assert (status, err) == (0, ""), err

assert kzt_rates_command("cache path")[1:] == ("off\n", ""), "a page keeps no files"
status, out, err = kzt_rates_command("convert 1 USD --on 2020-11-02")
assert (status, out, err.count("\n")) == (4, "", 1), (status, out, err)
assert "offline" in err, err

# an odd escape or a `return` in a `finally` is a warning of some Pythons only
package = pathlib.Path(kzt_rates.__file__).parent
for module in sorted(package.rglob("*.py")):
    compile(module.read_text(encoding="utf-8"), str(module), "exec")

print(f"the wheel alone converts on Python {sys.version.split()[0]}")
