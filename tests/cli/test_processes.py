import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import kzt_rates
from kzt_rates.cli import main, terminal
from kzt_rates.testing import StandInBank, archive_sheets

SOURCE = Path(kzt_rates.__file__).parents[1]  # src, or where the wheel is installed
Start = Callable[..., "subprocess.Popen[bytes]"]
TICKER = "(29.11.2025) $ 512.53 ₸ € 592.43 ₸ ¥ 72.44 ₸ ₽ 6.53 ₸\n"
CONVERTED = "100 USD = 49\N{NO-BREAK SPACE}965.00 KZT\n".encode()
HEAVY = {
    "pydantic", "httpx", "lxml", "logging", "json", "csv", "typing", "dataclasses", "shutil",
    "inspect", "platformdirs", "dateutil", "pathlib", "asyncio", "importlib.resources",
    "importlib.metadata", "subprocess", "socket",
}  # fmt: skip


def test_program(run_apart: Any) -> None:
    """`python -m kzt_rates` is the command line, with its statuses."""
    assert run_apart("ticker 2025-11-29 --offline") == (0, TICKER, "")
    said = run_apart("convert 1 USX")
    assert (said.status, said.out) == (3, "")
    assert said.err.count("\n") == 1
    assert run_apart("convert 1").status == 2


def test_entry_point() -> None:
    """The script `kzt-rates` of pyproject is `kzt_rates.cli:main`, which returns a status."""
    pyproject = (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    assert 'kzt-rates = "kzt_rates.cli:main"' in pyproject
    assert main(["cache", "path"]) == 0


@pytest.mark.parametrize("line", ["convert 100 USD EUR --on 2025-12-05", "cache path", "convert"])
def test_cold_path(line: str) -> None:
    """A conversion from the archive loads nothing that takes long; nor does a usage error."""
    script = (
        "import sys\n"
        "from kzt_rates.cli import main\n"
        "main(sys.argv[1:])\n"
        "print(*sys.modules, file=sys.stderr)\n"
    )
    # isolated from site-packages' own start-up files, which may import anything
    done = subprocess.run(
        [sys.executable, "-S", "-c", script, *line.split()],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(done.stderr.splitlines()[-1].split())
    assert "argparse" in loaded
    assert loaded & HEAVY == set()


@pytest.mark.parametrize("line", ["convert 100 USD --on 2025-12-05", "cache path"])
def test_python_without_sqlite(line: str) -> None:
    """A Python that lacks what is imported late gets one line as well."""
    script = (
        "import sys\n"
        "sys.modules['sqlite3'] = None\n"
        "from kzt_rates.cli import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *line.split()],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(b"kzt-rates: ModuleNotFoundError: import of sqlite3")
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize("settings", [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C"}])
def test_narrow_encodings(start: Start, settings: dict[str, str]) -> None:
    """An output without ₸ gets the code in its place, and every digit as it is."""
    out, err = start("ticker 2025-11-29 --offline", **settings).communicate(timeout=60)
    assert err == b""
    numbers = [word for word in out.split() if word[:1].isdigit()]
    assert numbers == [b"512.53", b"592.43", b"72.44", b"6.53"]
    for command in ("sheet 2025-12-05", "currencies", "currencies --format csv"):
        process = start(command, **settings)
        assert process.communicate(timeout=60)[1] == b""
        assert process.returncode == 0


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
def test_codes_for_signs_that_cannot_be_shown(start: Start, language: str) -> None:
    """A terminal in ASCII shows codes for signs, English for other letters, and no `?` at all."""

    def shown(line: str, encoding: str = "ascii") -> str:
        out, err = start(line, PYTHONIOENCODING=encoding).communicate(timeout=60)
        assert err == b""
        return out.decode(encoding)

    ticker = f"ticker 2025-11-29 --offline --language {language}"
    line = "(29.11.2025) $ 512.53 KZT EUR 592.43 KZT CNY 72.44 KZT RUB 6.53 KZT\n"
    assert shown(ticker) == line
    sheet = shown(f"sheet 2025-12-05 --language {language}")
    assert sheet.startswith("Official rates for 2025-12-05\n")
    assert "KWD   Kuwaiti dinar                     1  1 629.06  1 629.06" in sheet.splitlines()
    currencies = shown(f"currencies --language {language}")
    assert "Belarusian rouble (2000-2016)" in currencies
    assert "JPY   JPY " in currencies
    history = f"history USD --start 2015-08-20 --end 2015-08-21 --language {language}"
    assert shown(history).startswith("USD in KZT, 2015-08-20 to 2015-08-21, 2 days\n\n")
    for text in (sheet, currencies, shown("currencies"), shown("convert 1000 USD --on 2025-12-05")):
        assert "?" not in text


def test_csv_in_a_narrow_encoding(start: Start) -> None:
    """CSV with letters that ASCII lacks is UTF-8, since no `?` says which they were."""
    out, _ = start("currencies --format csv", PYTHONIOENCODING="ascii").communicate(timeout=60)
    whole, _ = start("currencies --format csv", PYTHONUTF8="1").communicate(timeout=60)
    assert out == whole
    assert "АҚШ доллары" in out.decode()


def test_pairs_in_a_narrow_encoding(start: Start, tmp_path: Path) -> None:
    """The rows of a file come back with their letters, whatever stdout has room for."""
    file = tmp_path / "rows.csv"
    file.write_text("amount,base,date,шот\n1,KZT,2025-12-05,түскі ас\n", encoding="utf-8")
    out, _ = start(f"convert --pairs {file}", PYTHONIOENCODING="ascii").communicate(timeout=60)
    assert out.decode().split()[:2] == [
        "amount,base,date,шот,converted,rate,effective_date",
        "1,KZT,2025-12-05,түскі",
    ]


def test_json_in_a_narrow_encoding(start: Start) -> None:
    """JSON loses nothing in ASCII: other letters are escaped."""
    out, _ = start("currencies --format json", PYTHONIOENCODING="ascii").communicate(timeout=60)
    names = {currency["code"]: currency["name_kk"] for currency in json.loads(out)}
    assert names["USD"] == "АҚШ доллары"


@pytest.mark.parametrize(
    "line",
    [
        "sheet 2025-12-05",
        "currencies --format json",
        "history USD --start 2016-01-01 --end 2016-12-31",
        "--help",
    ],
)
def test_closed_pipe(start: Start, line: str) -> None:
    """A reader that goes away, as `head` does, is no error."""
    process = start(line)
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert (process.stderr.read(), process.wait(timeout=60)) == (b"", 0)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no device that is full")
def test_full_disk() -> None:
    """An answer that cannot be written is status 1 and one line."""
    with open("/dev/full", "wb") as full:
        done = run_with(["convert", "100", "USD", "--on", "2025-12-05"], stdout=full)
    assert done.returncode == 1
    assert done.stderr.startswith(b"kzt-rates: ")
    assert done.stderr.count(b"\n") == 1


def run_with(words: list[str], **streams: Any) -> "subprocess.CompletedProcess[bytes]":
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    return subprocess.run(
        [sys.executable, "-m", "kzt_rates", *words],
        env=environment,
        check=False,
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams},
    )


@pytest.mark.skipif(os.name == "nt", reason="needs a shell that closes streams")
@pytest.mark.parametrize(("closing", "status"), [(">&-", 1), ("2>&-", 0), (">&- 2>&-", 1)])
def test_closed_streams(closing: str, status: int) -> None:
    """A command without stderr does its work; without stdout its answer is lost: status 1."""
    for words, end in (("convert 100 USD --on 2025-12-05", status), ("convert 1 USX", 3)):
        script = f'"{sys.executable}" -m kzt_rates {words} {closing}'
        done = subprocess.run(
            ["/bin/sh", "-c", script],
            env={**os.environ, "PYTHONPATH": str(SOURCE)},
            capture_output=True,
            check=False,
        )
        assert done.returncode == end
        assert b"Traceback" not in done.stderr
        assert b"ignored" not in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send")
@pytest.mark.parametrize("fault", ["timeout", "stall"])
def test_interrupt(start: Start, fault: str) -> None:
    """Ctrl-C while the bank keeps us waiting ends at once with 130, without a word."""
    with StandInBank(archive_sheets("2025-12-04", "2025-12-05")) as bank:
        bank.fail(fault, times=None)
        process = start("sheet 2025-12-05", KZT_RATES_ARCHIVE="off", KZT_RATES_BASE_URL=bank.url)
        until = time.monotonic() + 30
        while not bank.requests and time.monotonic() < until:
            time.sleep(0.01)
        assert bank.requests
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, b"", b"")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send")
def test_second_interrupt() -> None:
    """A second Ctrl-C while Python ends after the first brings no traceback."""
    script = (
        "import atexit, signal, sys\n"
        "from kzt_rates.cli import main\n"
        "from kzt_rates.cli.session import Session\n"
        "Session.today = lambda self: signal.raise_signal(signal.SIGINT)\n"
        "atexit.register(lambda: signal.raise_signal(signal.SIGINT))\n"
        "sys.argv = ['kzt-rates', 'convert', '1', 'USD']\n"
        "sys.exit(main())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")


def test_quiet_on_trouble(run_apart: Any) -> None:
    """Without --verbose an error is its one line, though the library logs; with it, all is told."""
    with StandInBank(archive_sheets("2025-12-04", "2025-12-05")) as bank:
        settings = {"KZT_RATES_ARCHIVE": "off", "KZT_RATES_BASE_URL": bank.url}
        bank.fail("another_date", times=None, feed="daily")
        bank.fail("html", times=None, feed="export")
        said = run_apart("convert 1 USD --on 2025-12-05", **settings)
        assert (said.status, said.out, said.err.count("\n")) == (5, "", 1)
        bank.heal()
        bank.fail("bad_nominal", times=None, feed="daily", code="AMD", nominal="1")
        bank.fail("no_items", times=None, feed="export")
        said = run_apart("convert 1 AMD --on 2025-12-05", **settings)
        assert (said.status, said.out, said.err.count("\n")) == (5, "", 1)
        said = run_apart("convert 1 AMD --on 2025-12-05 --verbose --refresh", **settings)
        assert "kzt-rates: info: GET " in said.err
        assert "kzt-rates: warning: refused the figure of AMD" in said.err


def test_told_of_a_cache_that_cannot_be_used(run_apart: Any, tmp_path: Path) -> None:
    """A cache that cannot be used is told of in one line, and the answer is given."""
    folder = tmp_path / "not-a-folder"
    folder.write_text("a file where the cache's folder should be", encoding="utf-8")
    with StandInBank(archive_sheets("2025-12-04", "2025-12-05")) as bank:
        settings = {
            "KZT_RATES_ARCHIVE": "off",
            "KZT_RATES_BASE_URL": bank.url,
            "KZT_RATES_CACHE": str(folder / "cache.sqlite"),
        }
        said = run_apart("convert 100 USD --on 2025-12-05", **settings)
        assert said.status == 0
        assert said.out.encode().startswith(CONVERTED)
        assert said.err.startswith("kzt-rates: warning: the cache cannot be used")
        assert said.err.count("\n") == 1
        said = run_apart("convert 100 USD --on 2025-12-05 --verbose", **settings)
        assert "kzt-rates: warning: the cache cannot be used" in said.err


def test_turning_warnings_into_errors(start: Start) -> None:
    """Python's own setting for warnings does not turn a command's answer into an error."""
    process = start("sheet 2025-12-05", PYTHONWARNINGS="error")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, b"")
    assert out.startswith(b"Official rates for 2025-12-05\n")


def test_windows_says_otherwise_of_a_closed_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    """An invalid argument is an error, but on Windows, where it means a closed pipe."""

    class Gone:
        def write(self, _: str) -> int:
            raise OSError(22, "Invalid argument")

        def fileno(self) -> int:
            raise ValueError("no file")

    monkeypatch.setattr("sys.stdout", Gone())
    with pytest.raises(OSError, match="Invalid"):
        terminal.write_out("an answer")
    monkeypatch.setattr(terminal, "ON_WINDOWS", True)
    terminal.write_out("an answer")


def test_nobody_reads(
    run: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A reader that is gone changes no status, nor does a closed stderr; a closed stdout is 1."""

    class Gone:
        def write(self, _: str) -> int:
            raise BrokenPipeError

        def fileno(self) -> int:
            raise ValueError("no file")

    for stream in (None, Gone()):
        with monkeypatch.context() as patch:
            patch.setattr("sys.stdout", stream)
            status = main(["convert", "100", "USD", "--on", "2025-12-05"])
            assert status == (1 if stream is None else 0)
        with monkeypatch.context() as patch:
            patch.setattr("sys.stderr", stream)
            assert main(["convert", "1", "USX"]) == 3
        said = capsys.readouterr().err
        lost = "kzt-rates: stdout: it is closed, so nothing is shown\n"
        assert said.startswith(lost) is (stream is None)
    assert run("cache path").err == ""


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a disk that is full")
@pytest.mark.parametrize(
    "line",
    [
        *("--help", "--version", "convert --help", "convert 100 USD --on 2025-12-05"),
        *("sheet 2025-12-05", "currencies --format json", "cache path", "completion bash"),
        "export --start 2025-12-05 --end 2025-12-05 --missing known",
    ],
)
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_full_stdout(line: str, unbuffered: str) -> None:
    """A stdout that cannot be written is one line that names it, and status 1."""
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "kzt_rates", *line.split()],
            env={**os.environ, "PYTHONPATH": str(SOURCE), "PYTHONUNBUFFERED": unbuffered},
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (done.returncode, done.stderr) == (1, b"kzt-rates: stdout: no space left on device\n")


def test_only_the_command_that_runs_is_loaded() -> None:
    """`convert` imports the file of no other command, nor its own for a help page's sake."""
    script = (
        "import sys\n"
        "from kzt_rates.cli import main\n"
        "main(sys.argv[1:])\n"
        "print(*(n for n in sys.modules if n.startswith('kzt_rates.')), file=sys.stderr)\n"
    )

    def loaded(line: str) -> set[str]:
        done = subprocess.run(
            [sys.executable, "-c", script, *line.split()],
            env={**os.environ, "PYTHONPATH": str(SOURCE)},
            capture_output=True,
            text=True,
            check=True,
        )
        return {name.removeprefix("kzt_rates.") for name in done.stderr.split()}

    shared = {"cli", "cli.parser", "cli.options", "cli.terminal"}
    names = loaded("convert 100 USD --on 2025-12-05")
    ours = {name for name in names if name.partition(".")[0] == "cli"}
    assert ours == {*shared, "cli.convert", "cli.session"}
    assert loaded("convert --help") == {"_version", "errors", *shared, "cli.convert"}
    assert loaded("--help") & {"client", "currency", "money", "settings", "cli.output"} == set()
