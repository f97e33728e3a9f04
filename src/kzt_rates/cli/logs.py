"""The library's log on stderr, with `--verbose`."""

import logging

from kzt_rates.cli.terminal import one_line, tell


class Log:
    """A handler at the logger of kzt_rates until it is closed."""

    def __init__(self) -> None:
        self._logger = logging.getLogger("kzt_rates")
        self._level = self._logger.level
        self._handler = _Lines()
        self._logger.addHandler(self._handler)
        self._logger.setLevel(logging.DEBUG)

    def close(self) -> None:
        """Leave the logger as it was."""
        self._logger.removeHandler(self._handler)
        self._logger.setLevel(self._level)


class _Lines(logging.Handler):
    """One line on stderr for each record, whatever the bank has put into it."""

    def emit(self, record: logging.LogRecord) -> None:
        tell(f"{record.levelname.lower()}: {one_line(record.getMessage())}")
