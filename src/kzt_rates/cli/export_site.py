"""`kzt-rates export-site`: the service's answers as files, for a host of files."""

import re

from kzt_rates.cli.options import Command, parse_date_text
from kzt_rates.cli.terminal import UsageError, write_error, write_out

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

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
    options.base_path = options.base_path.rstrip("/")
    if not re.fullmatch(r"(/[A-Za-z0-9._~-]+)*", options.base_path):
        parser.error(f"--base-path is a path such as /rates, not {options.base_path[:40]!r}")


COMMANDS = (
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
