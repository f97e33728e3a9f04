"""Programs that read the bank's feeds read a mirror as they are. `nox -s web` has them all."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

import kzt_rates
from kzt_rates.testing import SettableClock
from kzt_rates.web.service import Service

pytestmark = pytest.mark.system

# As a well-known CRM has it: one address, no redirects, items through JSON into an array.
PHP = r"""
$curl = stream_context_create(['http' => ['follow_location' => 0]]);
$text = file_get_contents($argv[1] . '/rss/get_rates.cfm?fdate=5.12.2025', false, $curl);
$xml = json_decode(json_encode(simplexml_load_string($text)), true);
$rates = [];
foreach ($xml['item'] as $item) {
    $rates[$item['title']] = [$item['description'], $item['quant']];
}
echo json_encode(['date' => $xml['date'], 'rates' => $rates]);
"""


@pytest.fixture
def mirror() -> Iterator[str]:
    """The address of a mirror over the packaged archive."""
    uvicorn = pytest.importorskip("uvicorn")
    import socket
    from threading import Thread

    clock = SettableClock("2026-08-21T20:00+05:00")
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    with kzt_rates.Client(cache=False, offline=True, clock=clock) as client:
        app = Service(client, "none")
        server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        thread = Thread(target=server.run, args=([listener],))
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()


def test_php(mirror: str) -> None:
    """PHP reads a day with simplexml, of a date without zeros."""
    php = shutil.which("php")
    if php is None or "SimpleXML" not in subprocess.check_output([php, "-m"], text=True):
        pytest.skip("php with simplexml is not installed: apt-get install php-cli php-xml")
    said = subprocess.check_output([php, "-r", PHP, "--", mirror], text=True)
    read = json.loads(said)
    assert read["date"] == "05.12.2025"
    assert read["rates"]["USD"] == ["499.65", "1"]
    assert read["rates"]["AMD"] == ["13.14", "10"]
    assert len(read["rates"]) == 39


def test_python_kzt_exchangerates(mirror: str) -> None:
    """python-kzt-exchangerates reads the latest rates, and those of a date."""
    module: Any = pytest.importorskip(
        "kzt_exchangerates", reason="pip install python-kzt-exchangerates"
    )

    class Here(module.Rates):  # type: ignore[misc]
        rss_url = f"{mirror}/rss/{{endpoint}}"

    rates = Here()
    latest = rates.get_exchange_rates(from_kzt=True)["rates"]
    assert (latest["USD"], len(latest)) == (458.23, 48)
    of_day = rates.get_exchange_rates(["USD", "AMD"], from_kzt=True, date="05.12.2025")
    assert of_day["rates"] == {"USD": 499.65, "AMD": 13.14}


def test_date_is_true(mirror: str) -> None:
    """The server sends one `Date`, its own: by that a reader tells a draft from a final sheet."""
    answer = httpx.get(f"{mirror}/rss/rates_all.xml", trust_env=False)
    assert len(answer.headers.get_list("date")) == 1
