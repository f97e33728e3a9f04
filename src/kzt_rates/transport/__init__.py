"""One response of the bank, without the waiting: what is sent, and what may come back."""

import os
import zlib
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

import httpx

from kzt_rates._version import __version__
from kzt_rates.errors import BankUnavailable, FeedError, excerpt, shown_url
from kzt_rates.log import log
from kzt_rates.plans import BankAnswer, Transient

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

    from kzt_rates.plans import Fetch

# The feeds answer in XML whatever is asked for. Only gzip is offered, because its
# decompressed size can be bounded while it is read.
HEADERS = {
    "User-Agent": f"kzt_rates/{__version__} (python-httpx/{httpx.__version__})",
    "Accept": "*/*",
    "Accept-Encoding": "gzip",
}

MAX_REDIRECTS = 5
MAX_CONNECTIONS = 4
MAX_YEAR = 9000  # of a server's clock; later ones have no date in some time zones

_DEFAULT_PORTS = {"http": 80, "https": 443}


class Download:
    """Follows one request through redirects to a whole body, or raises.

    Ask `url` with `request_headers`; pass status and headers of the response to `accepts`; where
    it is accepted, `add` the raw body and take `body()`; where it is not, ask the new `url`.
    """

    def __init__(self, url: str, max_bytes: int, *, refresh: bool = False) -> None:
        self.url = url
        self.request_headers = {"Cache-Control": "no-cache"} if refresh else {}
        self._max_bytes = max_bytes
        self.headers: Mapping[str, str] = {}
        self._origin = _origin(url)
        self._redirects = 0
        self._body = bytearray()
        self._gunzip: zlib._Decompress | None = None

    def accepts(self, status: int, headers: "Mapping[str, str]") -> bool:
        """Whether the body is to be read; if not, `url` is where to ask now."""
        self.headers = headers
        if 300 <= status < 400 and "location" in headers:
            self._redirect(status, headers["location"])
            return False
        if status != httpx.codes.OK:
            raise _status_error(self.url, status, headers)
        encoding = headers.get("content-encoding", "identity").strip().lower()
        if encoding not in ("identity", "gzip", ""):
            raise self._refusal(f"the bank answered in the encoding {encoding[:40]!r}")
        self._gunzip = zlib.decompressobj(wbits=31) if encoding == "gzip" else None
        self._body.clear()
        return True

    def add(self, chunk: bytes) -> None:
        """Take a piece of the raw body; raise when it grows beyond the limit."""
        room = self._max_bytes - len(self._body)
        if self._gunzip is not None:
            try:
                chunk = self._gunzip.decompress(chunk, room + 1)
            except zlib.error as error:
                raise self._refusal(f"the bank's answer is not gzip: {error}") from error
            if self._gunzip.unused_data:
                raise self._refusal("trailing data after the gzip stream of the bank's answer")
        if len(chunk) > room:
            self._body += chunk
            raise self._refusal(f"the bank's answer is longer than {self._max_bytes} bytes")
        self._body += chunk

    def add_whole(self, content: bytes) -> None:
        """Take a body that the caller's transport has read and decompressed already."""
        self._gunzip = None
        self.add(content)

    def body(self) -> bytes:
        """Return the whole body, decompressed."""
        if self._gunzip is not None and not self._gunzip.eof:
            raise self._refusal("the bank's answer ends within its gzip")
        return bytes(self._body)

    def server_time(self) -> "datetime | None":
        """Return the instant of the `Date` header, where there is one to be read."""
        return _instant(self.headers.get("date"))

    def _refusal(self, problem: str) -> FeedError:
        return FeedError(problem, url=self.url, excerpt=excerpt(self._body))

    def _redirect(self, status: int, location: str) -> None:
        self._redirects += 1
        try:
            target = urljoin(self.url, location)
            origin = _origin(target)
        except ValueError:
            target, origin = location, None
        if origin != self._origin:
            raise BankUnavailable(
                f"the bank redirects to another origin, {shown_url(target)!r}",
                url=self.url,
                status=status,
            )
        if self._redirects > MAX_REDIRECTS:
            raise BankUnavailable("the bank redirects in circles", url=self.url, status=status)
        self.url = target


def read_answer(download: Download, body: bytes, question: "Fetch") -> BankAnswer:
    """Read a body, naming the URL in what is refused of it."""
    try:
        days = question.read(body, download.server_time())
    except FeedError as error:
        error.url = download.url
        log("warning", "refused an answer: %s", error)
        raise
    return BankAnswer(days, download.url, download.server_time(), excerpt(body))


def trusted(url: str) -> "ssl.SSLContext":
    """Return the certificates that are trusted here; raise where their file cannot be read."""
    authorities = os.environ.get("SSL_CERT_FILE", "")
    try:
        if authorities:
            os.stat(authorities)  # httpx before 0.28 passes over a file that is not there
        return httpx.create_ssl_context()
    except OSError as error:
        if not authorities:
            raise
        problem = f"has no certificates that can be read: {error}"
        if isinstance(error, FileNotFoundError):
            problem = "is not there"
        raise BankUnavailable(
            f"the bank cannot be asked: the file {authorities!r}, which SSL_CERT_FILE names, "
            f"{problem}; name another one, or unset it",
            url=url,
        ) from error


def unavailable(url: str, error: Exception, timeout: float, *, own: bool) -> BankUnavailable:
    """Translate a failure below HTTP; `own`: no transport was given, and proxies are obeyed."""
    way = _proxy(url) if own else ""
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        return Transient(f"the bank did not answer within {timeout:g} seconds{way}", url=url)
    text = " ".join(str(error).split()) or type(error).__name__
    if _is_untrusted(error):  # another attempt would be shown the same certificate
        authorities = os.environ.get("SSL_CERT_FILE", "")
        by = f" by {authorities!r}, which SSL_CERT_FILE names" if authorities else ""
        return BankUnavailable(
            f"the bank shows a certificate that is not trusted here{by}: {text}; if it is your "
            "network's own, name the file of its authority in SSL_CERT_FILE",
            url=url,
        )
    if isinstance(error, httpx.TransportError) and not isinstance(error, httpx.UnsupportedProtocol):
        return Transient(f"the bank cannot be reached{way}: {text}", url=url)
    of_httpx = isinstance(error, httpx.HTTPError | httpx.InvalidURL | httpx.StreamError)
    if of_httpx or (own and isinstance(error, OSError)):
        return BankUnavailable(f"the bank cannot be asked{way}: {text}", url=url)
    # what is given as `transport=` may raise whatever it likes
    what = type(error).__name__
    said = what if text == what else f"{what}: {text}"
    return BankUnavailable(
        f"the bank cannot be asked: the transport raised {said}; "
        "correct it, or leave transport= out to ask over the network",
        url=url,
    )


def _proxy(url: str) -> str:
    from urllib.request import getproxies, proxy_bypass

    parts, proxies = urlsplit(url), getproxies()
    scheme = parts.scheme if parts.scheme in proxies else "all"
    proxy = proxies.get(scheme)
    if not proxy or proxy_bypass(parts.hostname or ""):
        return ""
    return f" through the proxy {shown_url(proxy)!r} of {scheme.upper()}_PROXY"


def _is_untrusted(error: "BaseException | None") -> bool:
    while error is not None:
        # by name, because Pythons without TLS have no ssl to import
        if type(error).__name__ == "SSLCertVerificationError":
            return True
        error = error.__cause__ or error.__context__
    return False


def _status_error(url: str, status: int, headers: "Mapping[str, str]") -> BankUnavailable:
    message = f"the bank answered with status {status}"
    if status != httpx.codes.TOO_MANY_REQUESTS and status < httpx.codes.INTERNAL_SERVER_ERROR:
        return BankUnavailable(message, url=url, status=status)
    error = Transient(message, url=url, status=status)
    error.wait = _retry_after(headers)
    return error


def _retry_after(headers: "Mapping[str, str]") -> "float | None":
    """Return the seconds that `Retry-After` asks for, in either of its forms."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    at = _instant(value)
    if at is None:
        return None
    start = _instant(headers.get("date")) or datetime.now(timezone.utc)
    return max(0.0, (at - start).total_seconds())


def _instant(text: "str | None") -> "datetime | None":
    """Return the instant of an HTTP date, which is in UTC also where it does not say so."""
    try:
        instant = parsedate_to_datetime(text or "")
    except (ValueError, OverflowError):
        return None
    if instant.year > MAX_YEAR:
        return None
    return instant if instant.tzinfo is not None else instant.replace(tzinfo=timezone.utc)


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or _DEFAULT_PORTS.get(parts.scheme)
