"""Requests in tasks: the timeout bounds a whole attempt, however slowly bytes arrive."""

from contextlib import suppress

import httpx

from kzt_rates.errors import FeedError, KztRatesError, shown_url
from kzt_rates.log import log
from kzt_rates.loops import running
from kzt_rates.transport import (
    HEADERS,
    MAX_CONNECTIONS,
    Download,
    read_answer,
    trusted,
    unavailable,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from kzt_rates.plans import BankAnswer, Fetch

# A sheet of 11 KB is read in a millisecond, an export of years in some hundred.
LONG_BODY_BYTES = 64 * 1024


class AsyncTransport:
    """Asks the bank over at most four connections."""

    def __init__(
        self,
        base_url: str,
        timeout: float,
        transport: httpx.AsyncBaseTransport | None,
        login: "tuple[str, str] | None" = None,
        headers: "Mapping[str, str] | None" = None,
    ) -> None:
        self._base_url = base_url
        self._timeout = timeout
        self._given = transport
        self._login = login
        self._headers = {} if headers is None else headers
        self._client: httpx.AsyncClient | None = None
        self._loop = running()[1]
        self._slots = self._loop.semaphore(MAX_CONNECTIONS)

    async def fetch(self, question: "Fetch") -> "BankAnswer":
        """Return the bank's answer to one attempt; raise `BankUnavailable` or `FeedError`."""
        download = Download(
            self._base_url + question.path, question.max_bytes, refresh=question.refresh
        )
        download.request_headers.update(self._headers)
        log("info", "GET %s", shown_url(download.url))
        try:
            async with self._slots, self._loop.timeout(self._timeout):
                body = await _get(self._connected(download.url), download)
        except KztRatesError:
            raise
        except Exception as error:
            own = self._given is None
            raise unavailable(download.url, error, self._timeout, own=own) from error
        if len(body) > LONG_BODY_BYTES:  # reading it would hold up the other tasks
            answer: BankAnswer = await self._loop.to_thread(read_answer, download, body, question)
            return answer
        return read_answer(download, body, question)

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()

    def _connected(self, url: str) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(
                headers=HEADERS,
                auth=self._login,
                verify=trusted(url) if self._given is None else True,
                timeout=self._timeout,
                limits=httpx.Limits(max_connections=MAX_CONNECTIONS),
                transport=self._given,
            )
        return self._client


async def _get(client: httpx.AsyncClient, download: Download) -> bytes:
    while True:
        async with client.stream("GET", download.url, headers=download.request_headers) as response:
            if download.accepts(response.status_code, response.headers):
                await _read(response, download)
                return download.body()


async def _read(response: httpx.Response, download: Download) -> None:
    if response.is_stream_consumed:
        download.add_whole(response.content)
        return
    chunks = response.aiter_raw()
    try:
        async for chunk in chunks:
            download.add(chunk)
    except FeedError:
        # httpx reads through generators in one another, and trio warns of those that are left
        # behind: what is closed fails for the innermost of them, and so it ends them all
        await response.aclose()
        with suppress(Exception):
            await anext(chunks)
        raise
