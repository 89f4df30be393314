"""What mkdocs does beside its own: links to files outside of docs/, equations as MathML, the page of the demo.

mkdocs calls the functions by name (`hooks` in mkdocs.yml), https://www.mkdocs.org/dev-guide/plugins/#events.
"""

import html as entities
import logging
import posixpath
import re
from pathlib import Path

from math_core import LatexError, LatexToMathML
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

_LOG = logging.getLogger("mkdocs.xner")  # a warning below mkdocs' logger ends a strict build
_ROOT = Path(__file__).parent.parent
_LINK = re.compile(r"(?<=\]\()((?:\.\./)+[^)#\s]+)")
_EQUATION = re.compile(r'<(span|div) class="arithmatex">\\[(\[](.*?)\\[)\]]</\1>', re.DOTALL)
_MATHML = LatexToMathML(fancy_error=False, annotation=True)


_DEMO = _ROOT / "runs/mtmt-en-de-s0/report.html"
"""What `make demo` leaves."""
_HERE, _THERE = "<!-- the demo's page -->", "demo.html"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Put the page of the demo's run on the site, if there is one."""
    if _DEMO.is_file():
        files.append(File.generated(config, _THERE, abs_src_path=str(_DEMO)))
    else:
        _LOG.info("%s: not there, so the site is without it; `make demo` makes it", _DEMO.relative_to(_ROOT))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Turn links to files that are no pages into links to GitHub, and link the demo's page."""

    def absolute(link: re.Match[str]) -> str:
        place = posixpath.normpath(posixpath.join("docs", posixpath.dirname(page.file.src_uri), link[1]))
        if place.startswith("docs/"):
            return link[1]
        if not (_ROOT / place).exists():
            _LOG.warning("%s: links to %s, and there is no such file", page.file.src_uri, link[1])
        kind = "tree" if (_ROOT / place).is_dir() else "blob"
        return f"{config.repo_url}/{kind}/main/{place}"

    shown = files.get_file_from_path(_THERE) is not None
    markdown = markdown.replace(_HERE, f"[The page of `make demo`]({_THERE}), as an example." if shown else "")
    return _LINK.sub(absolute, markdown)


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Turn what pymdownx.arithmatex has found, LaTeX in dollars, into MathML."""

    def mathml(equation: re.Match[str]) -> str:
        try:
            return _MATHML.convert_with_local_state(entities.unescape(equation[2]), displaystyle=equation[1] == "div")
        except LatexError as error:
            _LOG.warning("%s: not an equation: %s: %s", page.file.src_uri, equation[2], error)
            return equation[0]

    return _EQUATION.sub(mathml, html)
