"""Annotations can be read at run time, as frameworks do that make forms and tools of us."""

import asyncio
import datetime as dt
import inspect
import sys
import types
import typing
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pydantic
import pytest

import kzt_rates
import kzt_rates.cli
import kzt_rates.frames
import kzt_rates.models
import kzt_rates.testing.plugin
import kzt_rates.typing
import kzt_rates.web
from kzt_rates.store.sqlite import SqliteStore
from kzt_rates.typing import Amount, DateLike, Missing

DAY = "2025-12-05"


def functions_of(kind: type) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield what a user can call of a class, its own and what it inherits of us.

    Python's own protocols are among it: `with`, iteration, comparison.
    """
    for base in kind.__mro__:
        if not base.__module__.startswith("kzt_rates"):
            continue
        for name, member in vars(base).items():
            if name.startswith("_") and not name.endswith("__"):
                continue
            inner = member.fget if isinstance(member, property) else member
            inner = getattr(inner, "func", getattr(inner, "__func__", inner))
            if isinstance(inner, types.FunctionType) and inner.__module__.startswith("kzt_rates"):
                yield f"{kind.__name__}.{name}", inner


def public_callables() -> dict[str, Callable[..., Any]]:
    """Return all that can be called of the public modules, by name."""
    found: dict[str, Callable[..., Any]] = {}
    for home in HOMES:
        for name in getattr(home, "__all__", [name for name in vars(home) if name[0] != "_"]):
            thing = inspect.unwrap(getattr(home, name))  # a fixture is wrapped
            if not getattr(thing, "__module__", "").startswith("kzt_rates"):
                continue
            if inspect.isclass(thing):
                found[f"{name} itself"] = thing
                found.update(functions_of(thing))
            elif inspect.isfunction(thing):
                found[f"{home.__name__}.{name}"] = thing
    return found


HOMES = (
    kzt_rates,
    kzt_rates.cli,
    kzt_rates.frames,
    kzt_rates.models,
    kzt_rates.testing,
    kzt_rates.testing.plugin,
    kzt_rates.typing,
    kzt_rates.web,
)
PUBLIC = public_callables()


def test_enough_is_looked_at():
    """The verbs of both clients and the values are among them."""
    assert len(PUBLIC) > 180
    assert {"kzt_rates.convert", "AsyncClient.history", "Rate.inverse", "Series.at"} <= {*PUBLIC}
    assert {"kzt_rates.frames.convert", "StandInBank.fail", "Series.to_pandas"} <= {*PUBLIC}
    assert {"kzt_rates.cli.main", "kzt_rates.web.app"} <= {*PUBLIC}
    assert {"Store.series", "Client.__enter__", "AsyncClient.__aexit__"} <= {*PUBLIC}
    assert {"Series.__iter__", "kzt_rates.testing.plugin.kzt_client"} <= {*PUBLIC}


@pytest.mark.parametrize("name", PUBLIC)
def test_the_hints_of_all_that_is_public_can_be_read(name):
    """`typing.get_type_hints` and `inspect.signature(eval_str=True)` find every name."""
    public = PUBLIC[name]
    for hint in typing.get_type_hints(public).values():
        assert not isinstance(hint, str | typing.ForwardRef)
    if not inspect.isclass(public):
        inspect.signature(public, eval_str=True)


def test_the_hints_are_what_they_say():
    """They are the public types, in functions and in the methods of both clients."""
    for convert in (kzt_rates.convert, kzt_rates.Client.convert, kzt_rates.AsyncClient.convert):
        hints = typing.get_type_hints(convert)
        assert hints["amount"] == int | float | str | Decimal
        assert hints["on"] == DateLike | None
        assert hints["missing"] == Missing
        assert hints["return"] is Decimal
    assert typing.get_type_hints(kzt_rates.rate)["return"] is kzt_rates.Rate
    assert typing.get_type_hints(kzt_rates.currencies)["return"] == tuple[kzt_rates.Currency, ...]
    hints = typing.get_type_hints(kzt_rates.Client.__init__)
    assert hints["cache"] == kzt_rates.typing.CacheLike
    assert kzt_rates.typing.Store in typing.get_args(hints["cache"])
    assert hints["clock"] == kzt_rates.typing.Clock | None


def test_what_is_public_can_be_named():
    """All that `kzt_rates.typing` lists is there, also as an attribute of the package."""
    for name in kzt_rates.typing.__all__:
        assert getattr(kzt_rates.typing, name) is not None
    assert kzt_rates.typing.Amount is Amount
    with pytest.raises(AttributeError, match="Sum"):
        kzt_rates.typing.Sum  # noqa: B018


@pytest.mark.system
def test_a_library_that_is_missing_is_any_type(monkeypatch):
    """The hints of `to_pandas` can be read where there is no pandas: it cannot be called then."""
    monkeypatch.setitem(kzt_rates.typing._HOMES, "PandasFrame", ("pandas_of_nowhere", "DataFrame"))
    monkeypatch.delitem(vars(kzt_rates.typing), "PandasFrame", raising=False)
    hints = typing.get_type_hints(kzt_rates.Series.to_pandas)
    monkeypatch.delitem(vars(kzt_rates.typing), "PandasFrame")
    assert hints["return"] is Any
    monkeypatch.setitem(sys.modules, "kzt_rates.web.service", None)
    assert typing.get_type_hints(kzt_rates.web.app)["return"] is Any


def test_pydantic_validates_calls():
    """`validate_call` takes our functions, passes on what is right and refuses the rest."""
    convert = pydantic.validate_call(kzt_rates.convert)
    for amount in (100, "100", Decimal(100), 100.0):
        assert convert(amount, "USD", on=dt.date(2025, 12, 5)) == 49965
    assert convert("12.50", "usd", on="05.12.2025", places=2) == Decimal("6245.63")
    with pytest.raises(pydantic.ValidationError, match="missing"):
        convert(100, "USD", on=DAY, missing="skip")
    with pytest.raises(pydantic.ValidationError, match="places"):
        convert(100, "USD", on=DAY, places="two")
    rate = pydantic.validate_call(validate_return=True)(kzt_rates.rate)
    assert rate("USD", on=DAY).value == Decimal("499.65")


def test_pydantic_models_take_the_types():
    """A model of one's own has amounts, dates and policies of ours, and they keep their kind."""

    class Invoice(pydantic.BaseModel):
        amount: Amount
        day: DateLike
        missing: Missing = "raise"

    invoice = Invoice(amount="0.10", day=DAY)
    assert (invoice.amount, invoice.day) == ("0.10", DAY)
    assert Invoice(amount=Decimal("0.1"), day=dt.date(2025, 12, 5)).amount == Decimal("0.1")
    with pytest.raises(pydantic.ValidationError):
        Invoice(amount=1, day=DAY, missing="skip")


def test_pydantic_takes_what_a_cache_can_be(tmp_path):
    """A function of one's own takes `CacheLike`, checked: a path, `False` and a store pass."""

    @pydantic.validate_call(config={"arbitrary_types_allowed": True})
    def cache_of(cache: kzt_rates.typing.CacheLike = None) -> object:
        return cache

    store = SqliteStore(str(tmp_path / "a.sqlite"))
    assert isinstance(store, kzt_rates.typing.Store)
    for cache in (store, str(tmp_path), tmp_path, False, None):
        assert cache_of(cache) == cache
    with pytest.raises(pydantic.ValidationError):
        cache_of({})
    pydantic.validate_call(config={"arbitrary_types_allowed": True})(kzt_rates.Client.__init__)


@pytest.mark.extras
def test_fastapi_makes_routes_of_our_functions():
    """A route is a function of ours: the query is checked, the digits arrive as they were."""
    fastapi = pytest.importorskip("fastapi")
    app = fastapi.FastAPI()
    app.get("/convert")(kzt_rates.convert)
    app.get("/rate")(kzt_rates.rate)
    answer = asyncio.run(ask(app, "/convert", f"amount=100&base=USD&on={DAY}"))
    assert answer == (200, '"49965"')
    answer = asyncio.run(ask(app, "/convert", f"amount=0.30&base=USD&on={DAY}&places=2"))
    assert answer == (200, '"149.90"')  # 149.895
    assert asyncio.run(ask(app, "/convert", f"amount=1&base=USD&on={DAY}&missing=skip"))[0] == 422
    status, text = asyncio.run(ask(app, "/rate", f"base=AMD&on={DAY}"))
    assert status == 200
    assert kzt_rates.Rate.model_validate_json(text) == kzt_rates.rate("AMD", on=DAY)
    parameters = app.openapi()["paths"]["/convert"]["get"]["parameters"]
    assert [p["name"] for p in parameters] == [*inspect.signature(kzt_rates.convert).parameters]


async def ask(app: Any, path: str, query: str) -> tuple[int, str]:
    """Ask an ASGI app, without a server."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET",
        "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": query.encode(),
        "root_path": "", "headers": [], "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
    }  # fmt: skip
    await app(scope, receive, send)
    return sent[0]["status"], b"".join(m.get("body", b"") for m in sent[1:]).decode()


@pytest.mark.extras
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of mcp's own libraries
def test_mcp_makes_a_tool_of_convert():
    """An assistant's tool is `kzt_rates.convert` itself, with a schema that says what it takes."""
    mcp = pytest.importorskip("mcp")
    from mcp.server import MCPServer

    server = MCPServer("rates")
    server.tool()(kzt_rates.convert)

    async def converse() -> Any:
        async with mcp.Client(server) as client:
            (tool,) = (await client.list_tools()).tools
            result = await client.call_tool("convert", {"amount": "100", "base": "USD", "on": DAY})
            return tool, result

    tool, result = asyncio.run(converse())
    assert tool.name == "convert"
    assert "official rate" in tool.description
    schema = getattr(tool, "input_schema", None) or tool.inputSchema
    assert schema["required"] == ["amount", "base"]
    assert schema["properties"]["missing"]["enum"] == ["raise", "previous"]
    assert result.content[0].text.strip('"') == "49965"
