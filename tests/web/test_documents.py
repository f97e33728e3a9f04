"""The OpenAPI documents: every answer is as they say, and every route is in one."""

import json
from typing import Any
from urllib.parse import urljoin

import pytest

from kzt_rates.web import service
from kzt_rates.web.embed import Site

jsonschema = pytest.importorskip("jsonschema", reason="pip install jsonschema")

DOCUMENTS = {"": "/openapi.json", "/v2": "/v2/openapi.json", "/v1": "/v1/openapi.json"}
# /v2/rates/{day} is /v2/rates?date= among files
UNDOCUMENTED = {
    "/v2/rates/{day}", "/api/v1", "/api/v1/errors", "/llms.txt", "/metrics", "/robots.txt",
}  # fmt: skip
EXAMPLES = {
    "": [
        "/api/v1/sheet/2026-08-21",
        "/api/v1/sheet/2025-11-29",
        "/api/v1/sheet/2026-08-22",
        "/api/v1/latest",
        "/api/v1/today",
        "/api/v1/tomorrow",
        "/api/v1/convert?from=USD&on=2026-08-21",
        "/api/v1/convert?from=XXX",
        "/api/v1/convert?from=EEK&on=2026-08-21",
        "/api/v1/history/USD?start=2026-08-01&end=2026-08-05",
        "/api/v1/history/USD?start=2026-08-01&end=2026-08-05&group=week&to=KZT",
        "/api/v1/history/USD",
        "/api/v1/currencies",
        "/api/v1/ticker?date=2025-11-29",
        "/health/live",
        "/health/ready",
    ],
    "/v2": [
        "/rates",
        "/rates?from=2026-08-20&base=USD&quotes=KZT&expand=providers",
        "/rates?base=XXX",
        "/rate/USD/KZT",
        "/rate/EEK/KZT",
        "/currencies",
        "/currencies?scope=all",
        "/currency/BYR",
        "/providers",
        "/providers/NBK/rates",
    ],
    "/v1": [
        "/latest",
        "/2026-08-21?amount=100",
        "/2026-08-20..?base=USD&symbols=KZT",
        "/2026-08-20..2026-08-21?base=USD&symbols=KZT",
        "/2026-13-45",
        "/currencies",
    ],
}


@pytest.mark.parametrize(("family", "path"), DOCUMENTS.items())
@pytest.mark.parametrize("prefix", ["", "/rates"])
def test_servers(archived: Any, family: str, path: str, prefix: str) -> None:
    """The server of a document is where the document is, below whatever prefix it is mounted."""
    (server,) = archived.get(path).json()["servers"]
    url = urljoin(f"https://host.test{prefix}{path}", server["url"])
    assert url.rstrip("/") == f"https://host.test{prefix}{family}"


def resolved(part: Any, document: Any) -> Any:
    """Return a part of a document with what it refers to in its place."""
    if isinstance(part, dict) and "$ref" in part:
        target = document
        for name in part["$ref"].removeprefix("#/").split("/"):
            target = target[name]
        return resolved(target, document)
    if isinstance(part, dict):
        return {name: resolved(value, document) for name, value in part.items()}
    if isinstance(part, list):
        return [resolved(value, document) for value in part]
    return part


def operation(document: Any, path: str) -> Any:
    """Return what a document says of a path, the most literal of its templates first."""
    bare = path.partition("?")[0]
    for template in sorted(document["paths"], key=lambda name: name.count("{")):
        names, parts = template.split("/"), bare.split("/")
        if len(names) == len(parts) and all(
            name == part or ("{" in name and ((".." in name) == (".." in part)))
            for name, part in zip(names, parts, strict=True)
        ):
            return document["paths"][template]["get"]
    raise AssertionError(f"no document has {path}")


@pytest.mark.parametrize(
    ("family", "path"), [(family, path) for family, paths in EXAMPLES.items() for path in paths]
)
def test_answers_are_as_documented(archived: Any, family: str, path: str) -> None:
    """Status, type and body of an answer are those of the document."""
    document = archived.get(DOCUMENTS[family]).json()
    answer = archived.get(family + path)
    said = resolved(operation(document, path)["responses"], document)[str(answer.status_code)]
    media_type = answer.headers["content-type"].partition(";")[0]
    jsonschema.validate(answer.json(), said["content"][media_type]["schema"])


@pytest.mark.parametrize("path", DOCUMENTS.values())
def test_document(archived: Any, path: str) -> None:
    """A document is OpenAPI 3.1, and its examples are as its schemas say."""
    document = archived.get(path).json()
    assert document["openapi"].startswith("3.1")
    for at in document["paths"].values():
        for response in resolved(at["get"]["responses"], document).values():
            for media_type, content in response["content"].items():
                if "example" in content and "json" in media_type and "nd" not in media_type:
                    jsonschema.validate(content["example"], content["schema"])


def test_every_route_is_documented(archived: Any) -> None:
    """No route is left out, but those for machines that need no document."""
    documented = {
        family + template
        for family, path in DOCUMENTS.items()
        for template in archived.get(path).json()["paths"]
    }
    to_look_at = Site(archived.app.lookup).routes()
    for route in archived.app._router.routes:
        if route.path in to_look_at:  # pages and pictures
            continue
        stem, _, ending = route.path.rpartition(".")
        path = stem if ending in ("csv", "json", "ndjson") and stem else route.path
        if path.startswith(("/rss/", "/{language}/", "/ru/", "/kk/", "/en/")):
            continue  # the bank's own
        if path in UNDOCUMENTED or path.endswith("/openapi") or path == "/v1/{days}":
            continue
        assert path in documented


def test_examples_are_true(archived: Any) -> None:
    """What the documents show is what is answered."""
    for family, path in DOCUMENTS.items():
        document = archived.get(path).json()
        for template, at in document["paths"].items():
            ok = resolved(at["get"]["responses"], document)["200"]["content"]
            shown = ok["application/json"].get("example")
            if shown is None or isinstance(shown, list) or "rates" in shown:
                continue
            url, query = family + template, []
            for one in resolved(at["get"].get("parameters", []), document):
                if one["in"] == "path":
                    url = url.replace(f"{{{one['name']}}}", one["example"])
                elif "example" in one and one["name"] != "providers":
                    query.append(f"{one['name']}={one['example']}")
            assert archived.get(f"{url}?{'&'.join(query)}".rstrip("?")).json() == shown


def test_errors_are_explained(archived: Any) -> None:
    """Every kind of problem is on the page that its type links to."""
    page = archived.get("/api/v1/errors").text
    for path in ("/api/v1/sheet/x", "/api/v1/convert?from=XXX", "/api/v1/sheet/2026-08-22", "/x"):
        kind = archived.get(path).json()["type"].partition("#")[2]
        assert kind in page.splitlines()


def test_documents_are_packaged(archived: Any) -> None:
    """Each document is a file of the package, served as it is."""
    for path, name in service.DOCUMENTS.items():
        assert json.loads(service.packaged(name)) == archived.get(path).json()
