"""What others make of a running service: clients, checkers, and load. `nox -s web` runs it."""

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import kzt_rates
from kzt_rates import web
from kzt_rates.testing import SettableClock, StandInBank
from kzt_rates.web.embed import packaged

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif("WEB_WHOLE" not in os.environ, reason="takes minutes: nox -s web runs it"),
]

HERE = Path(__file__).parent
CASES = os.environ.get("WEB_CASES", "2000")
SECONDS = os.environ.get("WEB_SECONDS", "30")
SHEET = "/api/v1/sheet/2026-08-21"


@pytest.fixture
def at_noon(running: Any, kzt_client: kzt_rates.Client) -> Iterator[str]:
    """The address of a service at noon of 2025-12-05, whose bank has that day."""
    app = web.app(kzt_client)
    with running(app) as url:
        yield url


@pytest.fixture
def serving() -> Any:
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location("serving", HERE / "serving.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Serving


def tool(name: str, why: str) -> str:
    """Return the path of a program, or skip."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed: {why}")
    return found


USE_OF_TYPES = """\
import type { KztElement, KztRates } from "./kzt-rates";
const ticker = document.querySelector("kzt-ticker")!;
ticker.refresh();
ticker.addEventListener("kzt-rates-loaded", (event) => {
  const rates: KztRates = event.detail;
  const value: string = rates.rates[0].value;
  console.log(value, rates.none_published);
});
ticker.addEventListener("kzt-rates-error", (event) => console.log(event.detail.message));
const made: KztElement = document.createElement("kzt-converter");
// @ts-expect-error a figure is text
const wrong: number = ({} as KztRates).rates[0].value;
console.log(made, wrong);
"""


def test_types_compile(tmp_path: Path) -> None:
    """TypeScript takes the types of the elements, and the recipe for React with them."""
    npm = tool("npm", "apt-get install npm")
    install = [npm, "install", "--prefix", str(tmp_path), "--silent", "--no-audit", "--no-fund"]
    subprocess.run([*install, "typescript@5.9", "@types/react@19"], check=True)
    recipes = HERE.parents[1] / "docs/how-to/rates-on-a-web-page.md"
    react = recipes.read_text(encoding="utf-8").partition("## React\n")[2]
    element, types = re.findall(r"(?ms)^```(?:text|typescript)\n(.*?)^```$", react)
    for name, text in (
        ("kzt-rates.d.ts", packaged("kzt-rates.d.ts").decode()),
        ("use.ts", USE_OF_TYPES),
        ("elements.ts", types),
        ("rates.tsx", element),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
    words = [str(tmp_path / "node_modules/.bin/tsc"), "--noEmit", "--strict"]
    words += ["--jsx", "react-jsx", "--target", "es2022", "--module", "esnext"]
    words += ["--moduleResolution", "bundler", "kzt-rates.d.ts", "use.ts", "elements.ts"]
    ended = subprocess.run(
        [*words, "rates.tsx"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout


def test_clients_of_npm(at_noon: str, tmp_path: Path) -> None:
    """frankfurter-js and frankfurter-ts take the service for the one they were made for."""
    npm = tool("npm", "apt-get install npm")
    install = [npm, "install", "--prefix", str(tmp_path), "--silent", "--no-audit", "--no-fund"]
    subprocess.run([*install, "frankfurter-js@0.1.1", "frankfurter-ts@0.1.0"], check=True)
    words = ["node", str(HERE / "clients.mjs"), str(tmp_path), at_noon]
    ended = subprocess.run(words, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    said = json.loads(ended.stdout)

    today = {"date": "2025-12-05", "base": "USD", "quote": "KZT", "rate": 499.65}
    js = said["js"]
    assert js["latest"] == [today]
    assert [row["quote"] for row in js["rates"]] == ["KZT", "USD"]
    assert js["historical"] == [{**today, "date": "2025-12-02", "rate": 513.45}]
    assert [row["rate"] for row in js["range"]] == [513.45, 508.2]
    assert js["currencies"] >= 40
    assert js["providers"] == ["NBK"]
    assert js["refused"]["status"] == 422
    assert js["refused"]["body"]["message"] == "invalid currency: XXX"

    ts = said["ts"]
    assert ts["today"] == ts["again"]
    assert ts["today"][0]["valor"] == 499.65
    assert [row["valor"] for row in ts["range"]] == [513.45, 508.2]
    assert ts["pair"]["valor"] > 0
    assert ts["converted"].startswith("85.72")
    assert ts["currencies"] >= 40
    assert "XXX" in str(ts["refused"])


@pytest.mark.parametrize(
    ("endpoint", "parameters", "keys"),
    [
        ("/v1/{date}", {"base": "{from_}", "symbols": "{to}"}, ("rates", "{to}")),
        ("/v2/rate/{from_}/{to}", {"date": "{date}"}, ("rate",)),
    ],
)
def test_rate_service_of_erpnext(
    at_noon: str, endpoint: str, parameters: dict[str, str], keys: tuple[str, ...]
) -> None:
    """As ERPNext checks a rate service: dollars to rupees of today are a number at its keys."""
    words = {"date": "2025-12-05", "from_": "USD", "to": "INR"}
    sent = {name: value.format(**words) for name, value in parameters.items()}
    answer = httpx.get(at_noon + endpoint.format(**words), params=sent, trust_env=False)
    answer.raise_for_status()
    value = answer.json()
    for key in keys:
        value = value[key.format(**words)]
    assert isinstance(value, int | float)
    assert 80 < value < 100


@pytest.mark.parametrize("family", ["", "/v2", "/v1"])
def test_schemathesis(
    family: str,
    kzt_bank: StandInBank,
    kzt_clock: SettableClock,
    tmp_path: Path,
    running: Any,
) -> None:
    """No generated request brings an answer that the document does not allow."""
    checker = tool("schemathesis", "pip install schemathesis")
    settings = tmp_path / "schemathesis.toml"
    # An OpenAPI document cannot say that a range ends after it starts, or that two parameters
    # exclude one another (422); that a day is not known here is an honest answer (503).
    settings.write_text(
        'checks.not_a_server_error.expected-statuses = ["2xx", "3xx", "4xx", "503"]\n'
        'checks.positive_data_acceptance.expected-statuses = ["2xx", "404", "422", "503"]\n',
        encoding="utf-8",
    )
    client = kzt_rates.Client(
        kzt_bank.url, str(tmp_path / "cache.sqlite"), retries=0, clock=kzt_clock
    )
    with client, running(web.app(client)) as url:
        words = [checker, "--config-file", str(settings), "run", f"{url}{family}/openapi.json"]
        options = ["--phases", "examples,coverage,fuzzing", "--url", f"{url}{family}", "--no-color"]
        if "CI" in os.environ:  # the same cases each time; without it, other ones
            options.append("--generation-deterministic")
        operations = len(httpx.get(f"{url}{family}/openapi.json", trust_env=False).json()["paths"])
        examples = str(-(-int(CASES) // operations))
        ended = subprocess.run(
            [*words, *options, "--max-examples", examples],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
        )
    assert ended.returncode == 0, ended.stdout[-8000:]
    generated = re.search(r"(\d+) generated", ended.stdout)
    assert generated
    assert int(generated[1]) >= int(CASES) // 2


def test_load(serving: Any, tmp_path: Path) -> None:
    """64 connections of hits, misses and 404 for half a minute: none is lost, memory is flat."""
    wrk = tool("wrk", "apt-get install wrk")
    script = tmp_path / "mixed.lua"
    script.write_text(
        """
local place = 0
request = function()
  place = place + 1
  local kind = place % 4
  if kind < 2 then return wrk.format("GET", "/v2/rate/USD/KZT?date=2026-08-21") end
  if kind == 2 then
    return wrk.format("GET", "/api/v1/convert?from=USD&on=2026-08-21&amount=" .. place)
  end
  return wrk.format("GET", "/v2/currency/A" .. place % 10000)
end
local wrong = 0
response = function(status) if status ~= 200 and status ~= 404 then wrong = wrong + 1 end end
done = function(summary)
  local e = summary.errors
  io.write("LOST ", e.connect + e.read + e.write + e.timeout, " OF ", summary.requests, "\\n")
end
""",
        encoding="utf-8",
    )
    with serving("--offline") as server:
        server.get(SHEET)
        words = [wrk, "-t2", "-c64", "-s", str(script), server.url]
        subprocess.run([*words, "-d5s"], capture_output=True, check=True)
        before = server.memory()
        said = subprocess.run(
            [*words, f"-d{SECONDS}s"], capture_output=True, text=True, check=True
        ).stdout
        after = server.memory()
        lost, _, count = re.search(r"LOST (\d+) OF (\d+)", said)[0].split()[1:4]  # type: ignore[index]
        assert int(lost) == 0
        assert int(count) > 1000
        assert after - before < 8 * 1024
        assert after < 70 * 1024
        counted = server.get("/metrics").text
        assert not re.search(r'status="5\d\d"', counted)


def test_ten_thousand_queries_ask_nothing(
    running: Any, kzt_bank: StandInBank, kzt_client: kzt_rates.Client
) -> None:
    """No number of distinct queries makes the bank be asked about what is known."""
    app = web.app(kzt_client)
    with running(app) as url, httpx.Client(base_url=url, trust_env=False) as http:
        http.get("/api/v1/latest")
        for day in range(1, 7):
            http.get(f"/api/v1/sheet/2025-12-0{day}")
        before = len(kzt_bank.requests)
        for place in range(10_000):
            day = 1 + place % 5
            path = (
                f"/api/v1/convert?from=USD&on=2025-12-0{day}&amount={place}",
                f"/v2/rate/EUR/USD?date={1994 + place % 30}-01-0{day}",
                f"/v1/2025-12-0{day}?base=USD&symbols=KZT&amount={1 + place}",
                f"/v2/currency/Q{place}",
            )[place % 4]
            assert http.get(path).status_code in (200, 404, 503)
        assert len(kzt_bank.requests) == before
        assert len(app._ready) <= 4096


def test_slow_clients(serving: Any) -> None:
    """Two hundred who send a byte now and then keep nobody else waiting."""

    async def main(port: int) -> list[int]:
        slow = [await asyncio.open_connection("127.0.0.1", port) for _ in range(200)]

        async def drip() -> None:
            for byte in b"GET /v2/rates HTTP/1.1\r\nHost: a\r\nX: ":
                for _, writer in slow:
                    writer.write(bytes([byte]))
                await asyncio.sleep(0.02)

        dripping = asyncio.create_task(drip())
        async with httpx.AsyncClient(trust_env=False, timeout=10) as http:
            asked = [http.get(f"http://127.0.0.1:{port}{SHEET}") for _ in range(100)]
            statuses = [answer.status_code for answer in await asyncio.gather(*asked)]
        await dripping
        for _, writer in slow:
            writer.close()
        return statuses

    with serving("--offline") as server:
        server.get(SHEET)
        assert asyncio.run(main(server.port)) == [200] * 100


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("keeps", [True, False])
def test_sigterm_loses_nobody(serving: Any, workers: str, keeps: bool) -> None:
    """Whoever has connected when the server is told to end gets a whole answer."""
    closes = b"" if keeps else b"Connection: close\r\n"
    request = b"GET /v2/rate/USD/KZT?date=2026-08-21 HTTP/1.1\r\nHost: a\r\n" + closes + b"\r\n"
    answered, lost, enough = 0, [], asyncio.Event()

    async def ask(port: int) -> None:
        nonlocal answered
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                return  # nobody listens any more
            try:
                while True:
                    writer.write(request)
                    head = (await reader.readuntil(b"\r\n\r\n")).lower()
                    length = head.partition(b"content-length: ")[2].partition(b"\r\n")[0]
                    await reader.readexactly(int(length))
                    answered += 1
                    if answered == 2000:
                        enough.set()
                    if b"connection: close" in head:
                        break
            except (OSError, asyncio.IncompleteReadError) as error:
                lost.append(error)
            finally:
                writer.close()

    async def main(port: int, end: Callable[[], None]) -> None:
        tasks = [asyncio.create_task(ask(port)) for _ in range(64)]
        await enough.wait()
        end()
        await asyncio.wait(tasks, timeout=60)

    with serving("--offline", "--workers", workers) as server:
        server.get(SHEET)
        asyncio.run(main(server.port, lambda: server.process.send_signal(signal.SIGTERM)))
        assert server.process.wait(60) == 0
    assert lost == []


def test_years_in_flat_memory(serving: Any) -> None:
    """A range of a hundred thousand rows is sent as it is made."""
    with serving("--offline") as server:
        path = "/v2/rates.ndjson?from=2021-01-01&to=2023-12-31&base=USD&quotes=KZT,USD"
        server.get(path)
        before = server.memory()
        rows = 0
        for _ in range(40):
            with httpx.stream("GET", server.url + path, trust_env=False) as answer:
                rows += sum(1 for _ in answer.iter_lines())
        assert rows == 40 * 2 * 1095
        assert server.memory() - before < 4 * 1024


def test_starts_with_little(serving: Any) -> None:
    """It answers from the archive before it loads what only the bank's answers need."""
    if sys.platform != "linux":
        pytest.skip("looks into /proc")
    with serving("--offline") as server:
        assert server.get(SHEET).status_code == 200
        loaded = Path(f"/proc/{server.process.pid}/maps").read_text(encoding="utf-8")
        assert "uvloop" in loaded
        assert not re.findall("lxml|pydantic_core|numpy|pandas|polars|duckdb|pyarrow", loaded)
