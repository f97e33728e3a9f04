"""`kzt-rates serve` and `export-site`: the rates over HTTP, or as files for a host of files."""

import re

from kzt_rates.cli.options import Command, parse_date_text
from kzt_rates.cli.terminal import UsageError, write_error, write_out

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from kzt_rates.cli.session import Session

MAX_PORT, MAX_WORKERS = 65535, 64

SERVE_NOTES = """\
Answers from the packaged archive and the cache. For other days, \
--ask says when the bank may be asked: for recent days (the last 14, and later ones), for any \
day, or never. Requests for the same day share one question, and the bank gets one a second \
on average at most. --keep-fresh follows the bank, so that nobody waits.

serve needs the extra "web"; from a clone: pip install ".[web]"

examples:
  kzt-rates serve
  kzt-rates serve --host 0.0.0.0 --workers 2 --ask none --keep-fresh"""

SITE_NOTES = """\
Writes what archive and cache have as files, at the paths of the service, and asks nobody: run \
sync and refresh before. All of it is written beside DIR and then takes DIR's place, so that a \
visitor never meets half a site. DIR is new, empty, or was made by an export. With \
--only-changed the files that are the same keep their times, and the others are listed, for \
uploads and purges.

It needs more than the base install: pip install "kzt_rates[web]"; and for the Parquet file \
"kzt_rates[web,frames]".

examples:
  kzt-rates export-site public
  kzt-rates export-site public --start 2016-01-01 --only-changed
  kzt-rates export-site public --base-path /rates"""


def serve(options: "Namespace") -> int:
    """Serve until a signal ends it."""
    from kzt_rates.cli.session import Session
    from kzt_rates.process import require

    for library in ("uvicorn", "httptools", "starlette"):
        require(library, "web")
    with Session(options) as session:  # what is wrong with the settings is said at once
        keeper = _keeper(session, options.base_url) if options.keep_fresh else []
    from kzt_rates.web import server

    settings = server.Settings(
        options.base_url,
        options.offline or None,
        options.ask,
        options.workers,
        tuple(options.metrics_from),
        verbose=options.verbose,
    )
    try:
        listener = server.listen(options.host, options.port)
    except OSError as error:
        why = error.strerror or str(error)
        raise UsageError(
            f"cannot listen on {options.host}:{options.port}: {why[0].lower()}{why[1:]}; "
            "choose another with --host and --port"
        ) from None
    with listener:
        host, port = listener.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        write_error(f"serving on http://{shown}:{port}, until Ctrl-C")
        return server.serve(listener, settings, keeper)


def _keeper(session: "Session", base_url: "str | None") -> list[str]:
    """Return the command that keeps the cache fresh, in a process of its own."""
    import sys

    from kzt_rates.settings import cache_path

    if session.offline:
        raise UsageError("--keep-fresh needs the bank, and offline is on")
    if cache_path(session.base_url) is None:
        raise UsageError("--keep-fresh needs a cache, and KZT_RATES_CACHE turns it off")
    command = [sys.executable, "-c", f"from {__name__} import keep; keep()"]
    return command if base_url is None else [*command, "--base-url", base_url]


def keep() -> None:
    """Run `refresh --forever` for a service, until that has ended or was killed."""
    import sys
    from threading import Thread

    from kzt_rates.cli import main

    Thread(target=_end_with_stdin, daemon=True).start()
    sys.exit(main(["refresh", "--forever", *sys.argv[1:]]))


def _end_with_stdin() -> None:
    import os
    import signal

    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _add_serve(parser: "ArgumentParser") -> None:
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        metavar="ADDRESS",
        help="the address to listen on (default: 127.0.0.1, this machine alone)",
    )
    parser.add_argument(
        "--port",
        type=int,
        default=8000,
        metavar="N",
        help="the port to listen on, 0 for a free one (default: 8000)",
    )
    parser.add_argument(
        "--workers", type=int, default=1, metavar="N", help="how many processes (default: 1)"
    )
    parser.add_argument(
        "--ask",
        choices=("none", "recent", "any"),
        default="recent",
        metavar="DAYS",
        help="ask the bank for recent days (default), any or none",
    )
    parser.add_argument(
        "--keep-fresh",
        action="store_true",
        help="follow the bank: keep today's and tomorrow's rates known",
    )
    parser.add_argument(
        "--metrics-from",
        nargs="+",
        default=(),
        metavar="NETWORK",
        help="networks that may read /metrics, besides this machine",
    )


def _check_serve(parser: "ArgumentParser", options: "Namespace") -> None:
    from ipaddress import ip_network

    if not 0 <= options.port <= MAX_PORT:
        parser.error(f"--port is 0 to {MAX_PORT}, not {options.port}")
    if not 1 <= options.workers <= MAX_WORKERS:
        parser.error(f"--workers is 1 to {MAX_WORKERS}, not {options.workers}")
    for network in options.metrics_from:
        try:
            ip_network(network)
        except ValueError:
            parser.error(f"--metrics-from is a network such as 10.0.0.0/8, not {network!r}")


def export_site(options: "Namespace") -> None:
    """Write the site; raise `UsageError` for a folder that no export has made."""
    import gc

    from kzt_rates.cli.session import Session
    from kzt_rates.process import require

    require("starlette", "web")
    from kzt_rates.web import site

    gc.disable()  # hundreds of thousands of figures, and no circles: looking for some takes a third
    options.offline = True
    with Session(options) as session:
        try:
            done = site.export_site(
                session,
                options.folder,
                start=options.start,
                only_changed=options.only_changed,
                base_path=options.base_path,
            )
        except site.NotOurs as error:
            raise UsageError(str(error)) from None
        finally:
            gc.enable()
    if not done.parquet:
        write_error(f"without {site.PARQUET}, which needs pyarrow: pip install pyarrow")
    if options.only_changed:
        for path in done.changed:
            write_out(path)
        for path in done.removed:
            write_out(f"- {path}")
        write_error(
            f"{len(done.changed)} of {done.files} files changed, the newest day is {done.newest}"
        )
    else:
        size = done.size / 1_000_000
        write_out(f"{done.files} files, {size:.1f} MB, the newest day is {done.newest}")


def _add_site(parser: "ArgumentParser") -> None:
    parser.add_argument("folder", metavar="DIR", help="the folder of the site")
    parser.add_argument(
        "--start", type=parse_date_text, metavar="DATE", help="leave out the days before it"
    )
    parser.add_argument(
        "--only-changed",
        action="store_true",
        help="keep files that are the same, and list the others",
    )
    parser.add_argument(
        "--base-path",
        default="",
        metavar="PATH",
        help="where the site will be, such as /rates (default: at the root)",
    )


def _check_site(parser: "ArgumentParser", options: "Namespace") -> None:
    if not options.folder:
        parser.error("DIR is empty: name the folder of the site")
    options.base_path = options.base_path.rstrip("/")
    # a browser takes a part of dots away
    if not re.fullmatch(r"(/(?!\.{1,2}(/|$))[A-Za-z0-9._~-]+)*", options.base_path):
        parser.error(f"--base-path is a path such as /rates, not {options.base_path[:40]!r}")


COMMANDS = (
    Command(
        "serve",
        serve,
        notes=SERVE_NOTES,
        add=_add_serve,
        check=_check_serve,
    ),
    Command(
        "export-site",
        export_site,
        usage="DIR",
        notes=SITE_NOTES,
        add=_add_site,
        check=_check_site,
        settings=(),
    ),
)
