"""The browser that the tests drive: the system's own Chromium."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
MISSING = "No Chromium here. Try: apt-get install chromium (or name one in BOXOFFICE_CHROMIUM)"

FLAGS = (
    "--no-sandbox",  # Chromium refuses to run as root with it; it opens our own pages only
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    # It is to talk to the office and to nobody else.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find() -> str | None:
    """The path of a Chromium; None if there is none."""
    named = os.environ.get("BOXOFFICE_CHROMIUM")
    return named or next((path for path in map(shutil.which, NAMES) if path), None)


@contextmanager
def running(path: str) -> Iterator[Browser]:
    """The Chromium at `path`, without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()
