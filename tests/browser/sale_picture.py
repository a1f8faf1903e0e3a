"""Takes the picture of a flash sale for the README: a real one, in an office whose orders expire soon."""

import os
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Browser

from tests.integration.office import JWT_KEY, ROOT, Office

WINDOW_S = "6"
SALE = ("--buyers", "3000", "--tickets", "100", "--arrival", "waves", "--seconds", "20", "--repeat", "0.1")
SHARES = ("--pay", "0.4", "--decline", "0.15", "--abandon", "0.3", "--cancel", "0.15")
WIDTH = 920


def take(browser: Browser, folder: Path, picture: Path) -> None:
    """Hold the sale in an office of its own under `folder`, and take the picture of its report."""
    office = Office(folder / "sale", {"BOXOFFICE_ORDER_WINDOW_S": WINDOW_S})
    report = folder / "sale.html"
    try:
        hold(office.start(), report)
    finally:
        office.stop()
    page = browser.new_page(viewport={"width": WIDTH, "height": 600})
    page.goto(report.as_uri())
    page.screenshot(path=picture, full_page=True)


def hold(office: Office, report: Path) -> None:
    """`boxoffice flash-sale` there, which must prove itself."""
    command = [sys.executable, "-m", "cluster", "flash-sale", "--data-dir", str(office.folder), "--report", str(report)]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("STRIPE_")}
    subprocess.run([*command, *SALE, *SHARES], cwd=ROOT, env=environ | {"JWT_KEY": JWT_KEY}, check=True)
