"""A hardened XML parser that threads and forked children may use.

lxml lets one thread parse at a time with one parser, and a child that is forked meanwhile would
wait for ever for a thread that it does not have. So a fork waits for the parsing that is under way,
and the child has a parser of its own.
"""

from threading import Lock, get_ident

from lxml import etree

from kzt_rates.forks import hold_still_for_forks


class Parser:
    """Parses what is bounded: nothing is resolved or fetched."""

    def __init__(self, **options: bool | str) -> None:
        self._options = options
        self._holder = 0
        self.start_afresh()
        hold_still_for_forks(self)

    def parse(self, body: bytes) -> etree._Element:
        """Return the root element; raise as lxml does."""
        with self._lock:
            self._holder = get_ident()
            try:
                return etree.fromstring(body, self._parser)
            finally:
                self._holder = 0

    def hold_still(self) -> None:
        """Wait until nobody parses."""
        if self._holder != get_ident():
            self._lock.acquire()

    def go_on(self) -> None:
        """Let others parse again."""
        if self._holder != get_ident():
            self._lock.release()

    def start_afresh(self) -> None:
        """Make a parser and a lock that no thread holds."""
        self._lock = Lock()
        self._parser = etree.XMLParser(
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
            **self._options,  # type: ignore[arg-type]
        )
