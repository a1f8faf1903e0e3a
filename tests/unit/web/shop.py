"""What has happened before a test looks: Ada's tickets, and orders of whoever has a browser."""

from bson import ObjectId

from tests.unit.api.fakes import FakeOffice
from tests.unit.web.browser import Browser, browsing

ADA, EVE = ObjectId(), ObjectId()


async def listed(office: FakeOffice, title: str = "Opera", price: str = "19.99") -> str:
    """A new ticket of Ada's; its path."""
    async with browsing(office, ADA) as ada:
        page = await ada.open("/sell")
        await ada.send(page.form("/sell"), title=title, price=price)
        return ada.path


async def reserved(browser: Browser, ticket: str) -> str:
    """Reserve it; the path of the order."""
    page = await browser.open(ticket)
    await browser.send(page.form("/orders"))
    return browser.path
