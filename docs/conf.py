"""How the documentation is built: `nox -s docs`, offline, with warnings as errors."""

import os
from typing import TYPE_CHECKING, Any

import kzt_rates

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx

project = "kzt_rates"
author = "The kzt_rates maintainers"
project_copyright = "2026, the kzt_rates maintainers"
release = version = kzt_rates.__version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]

# The notebooks are run at each build, with the packaged rates alone.
os.environ.update(KZT_RATES_OFFLINE="1", KZT_RATES_CACHE="off")
os.environ.pop("KZT_RATES_ARCHIVE", None)
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 180

myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3

default_role = "code"  # single backticks, as in the docstrings
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
python_maximum_signature_line_length = 80

html_theme = "furo"
html_title = f"kzt_rates {release}"
html_static_path = ["_static"]
html_css_files = ["notebooks.css"]
html_show_sphinx = False
html_copy_source = False
pygments_style = "friendly"
pygments_dark_style = "github-dark"


# Files of the repository that link to each other there, and are pages here.
PAGES = {
    "CHANGELOG.md": "changelog",
    "CONTRIBUTING.md": "contributing",
    "data/SOURCES.md": "sources",
    "docs/explanation/performance.md": "explanation/performance",
    "docs/glossary.md": "glossary",
    "docs/reference/from-0.1.md": "reference/from-0.1",
}


def link_to_pages(app: "Sphinx", doctree: "nodes.document") -> None:  # noqa: ARG001  # Sphinx's
    """Turn links between files of the repository into links to the pages that include them."""
    from sphinx.addnodes import pending_xref

    for link in doctree.findall(pending_xref):
        if link["reftarget"] in PAGES:
            link.attributes.update(
                refdomain="doc", reftarget=PAGES[link["reftarget"]], reftargetid=None
            )


def trim_blocks(app: "Sphinx", doctree: "nodes.document") -> None:  # noqa: ARG001  # Sphinx's
    """Take away the blank line that a doctest needs before its closing fence."""
    from docutils import nodes

    for block in doctree.findall(nodes.literal_block):
        text = block.astext().rstrip()
        block.rawsource = text
        block.children[:] = [nodes.Text(text)]


def drop_signature_of_models(*event: Any) -> tuple[str, None] | None:
    """Leave the signature out: pydantic's repeats the fields, which stand in a table below."""
    documented = event[3]
    return ("", None) if hasattr(documented, "model_fields") else None


def setup(app: "Sphinx") -> None:
    app.connect("doctree-read", link_to_pages)
    app.connect("doctree-read", trim_blocks)
    app.connect("autodoc-process-signature", drop_signature_of_models)
