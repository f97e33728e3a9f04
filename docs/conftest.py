"""The pages' prompts run as for a new user: no settings, no cache."""  # noqa: INP001  # no package

from collections.abc import Iterator

import pytest

import kzt_rates


@pytest.fixture(autouse=True)
def new_user(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Keep this machine's settings out of the pages, and the pages off the net."""
    for name in ("ARCHIVE", "OFFLINE"):
        monkeypatch.delenv(f"KZT_RATES_{name}", raising=False)
    monkeypatch.setenv("KZT_RATES_CACHE", "off")
    monkeypatch.setenv("KZT_RATES_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    kzt_rates.close()
    yield
    kzt_rates.close()
