"""What the environment may say, and what it is told where it says something else."""

import os

import pytest

from kzt_rates import Client
from kzt_rates.settings import IN_BROWSER, archive_is_on, base_url_of, cache_path, offline_of

ON = ["1", "true", "yes", "on", "TRUE", "Yes", " on "]
OFF = ["0", "false", "no", "off", "False", "NO", "OFF"]


@pytest.mark.parametrize(("name", "read"), [
    ("KZT_RATES_OFFLINE", lambda: offline_of(None)),
    ("KZT_RATES_ARCHIVE", archive_is_on),
])  # fmt: skip
def test_switches(monkeypatch, name, read):
    """Both switches read 1/0, true/false, yes/no and on/off in any case; empty is unset."""
    default = name == "KZT_RATES_ARCHIVE" or IN_BROWSER
    for value in ON:
        monkeypatch.setenv(name, value)
        assert read() is True, value
    for value in OFF:
        monkeypatch.setenv(name, value)
        assert read() is False, value
    for value in ("", " "):
        monkeypatch.setenv(name, value)
        assert read() is default
    monkeypatch.delenv(name)
    assert read() is default


@pytest.mark.parametrize("name", ["KZT_RATES_OFFLINE", "KZT_RATES_ARCHIVE"])
@pytest.mark.parametrize("value", ["2", "y", "none", "ja", "archive.sqlite"])
def test_what_is_no_switch(monkeypatch, name, value):
    """Anything else is an error that names the variable and the value."""
    monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match=f"^{name} must be on or off .* not '{value}'$"):
        Client()


def test_the_archive_is_not_read(monkeypatch):
    """`KZT_RATES_ARCHIVE=0` ignores the archive, as `off` does."""
    import kzt_rates

    monkeypatch.setenv("KZT_RATES_ARCHIVE", "0")
    with Client(offline=True) as client, pytest.raises(kzt_rates.Offline):
        client.convert(1, "USD", on="2025-12-05")


@pytest.mark.parametrize("value", ["off", "no", "none", "false", "0", "OFF", "None", " no "])
def test_no_cache(monkeypatch, tmp_path, value):
    """These words turn the cache off, and no file is called by them."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KZT_RATES_CACHE", value)
    assert cache_path() is None
    with Client(offline=True) as client:
        assert client.convert(1, "USD", on="2025-12-05") > 0
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("value", ["on", "yes", "true", "1", "ON"])
def test_a_cache_that_is_only_on(monkeypatch, value):
    """A word that names no file is an error, since a file called `yes` is nobody's wish."""
    monkeypatch.setenv("KZT_RATES_CACHE", value)
    with pytest.raises(ValueError, match=f"^KZT_RATES_CACHE .* not '{value}'; leave it unset"):
        Client()


@pytest.mark.parametrize("url", ["redis://127.0.0.1/0", "postgresql://user:secret@db/rates"])
def test_a_url_is_no_path(monkeypatch, tmp_path, url):
    """A URL is an error without its secrets, and no folder is made of it."""
    monkeypatch.chdir(tmp_path)
    scheme = url.partition(":")[0]
    with pytest.raises(ValueError, match=f"^cache .* no store for {scheme} URLs$"):
        Client(cache=url)
    monkeypatch.setenv("KZT_RATES_CACHE", url)
    with pytest.raises(ValueError, match=f"^KZT_RATES_CACHE .* no store for {scheme} URLs$"):
        Client()
    assert os.listdir(tmp_path) == []


def test_the_bank_of_the_environment(monkeypatch):
    """An address that is none names the variable it came from, an argument does not."""
    monkeypatch.setenv("KZT_RATES_BASE_URL", "nationalbank.kz")
    with pytest.raises(ValueError, match=r"^KZT_RATES_BASE_URL must be an address like https://"):
        base_url_of(None)
    with pytest.raises(ValueError, match=r"^a base URL must be an address like https://"):
        base_url_of("bank")
