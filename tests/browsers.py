"""A real browser for tests of pages: Debian's chromium, by Playwright, with axe-core's rules of accessibility."""

import shutil
from contextlib import contextmanager

import pytest

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
needed = pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed: apt-get install chromium")


@contextmanager
def launched():
    """The browser."""
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def watched(browser):
    """A function that opens a page, and lists of what consoles said and of what addresses were asked for."""
    contexts, said, asked = [], [], []

    def visit(url, width=1280, **options):
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(url)
        return page

    yield visit, said, asked
    for context in contexts:
        context.close()


def violations(page):
    """Axe-core's rules that a page breaks, each with the elements that do."""
    found = axe.Axe().run(page).response["violations"]
    return {one["id"]: [node["html"][:200] for node in one["nodes"]] for one in found}
