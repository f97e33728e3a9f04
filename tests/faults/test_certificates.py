"""A bank whose certificate nobody here has signed: a real handshake, on this machine."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

import kzt_rates

# for 127.0.0.1, made for these tests and used nowhere else; valid until 2126
SELF_SIGNED = Path(__file__).with_name("self_signed.pem")


class Server:
    """Shakes hands with whoever comes, and counts them."""

    def __init__(self) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(SELF_SIGNED)
        self.came = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self._socket.getsockname()[1]}"
        self._context = context
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                self.came += 1
                with connection, suppress(OSError):
                    self._context.wrap_socket(connection, server_side=True).close()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


def test_a_certificate_that_is_not_trusted_is_shown_once(world, server: Server) -> None:
    """It is `BankUnavailable` at once, with the cause and with what to set; nobody waits."""
    client = world.client(base_url=server.url, retries=3).never_sleep()
    with pytest.raises(kzt_rates.BankUnavailable, match="SSL_CERT_FILE") as caught:
        client.rate("USD", on="2025-12-10")
    assert type(caught.value) is kzt_rates.BankUnavailable
    assert caught.value.__cause__ is not None
    assert (client.waits, server.came) == ([], 1)


def test_a_certificate_of_ones_own_is_trusted_when_named(
    world, server: Server, monkeypatch
) -> None:
    """With its file in SSL_CERT_FILE the handshake succeeds; that this bank hangs up may pass."""
    monkeypatch.setenv("SSL_CERT_FILE", str(SELF_SIGNED))
    client = world.client(base_url=server.url, retries=3).never_sleep()
    with pytest.raises(kzt_rates.BankUnavailable, match="4 attempts"):
        client.rate("USD", on="2025-12-10")
    assert (len(client.waits), server.came) == (3, 4)
