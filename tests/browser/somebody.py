"""A person at a browser of their own, and everything that goes wrong on the pages they see."""

import re
from urllib.parse import urlsplit

import httpx
from bson import ObjectId
from playwright.sync_api import Browser, Dialog, Page, Request, Response, expect

from tests.integration.office import Office
from tests.tls import TLS

PATIENCE_MS = 15_000
"""How long a page may take to show what it should, on a machine that does much else."""

expect.set_options(timeout=PATIENCE_MS)

LEFT = "net::ERR_ABORTED"
"""A request that ended because its page did."""

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 800}


class Somebody:
    """One visitor: cookies, a page, and an `httpx` client of the same session for what is not looked at."""

    def __init__(self, browser: Browser, office: Office, *, signed_in: bool = True, **options: object) -> None:
        """Sit down; `options` are those of a browser context."""
        self.office = office
        self.user_id = ObjectId()
        settings = {"base_url": office.url, "locale": "en-US", "viewport": DESKTOP, **options}
        self.context = browser.new_context(**settings)  # type: ignore[arg-type]
        self.context.set_default_timeout(PATIENCE_MS)
        self.client = httpx.Client(base_url=office.url, timeout=60, verify=TLS)
        if signed_in:
            self.take_session(office.session(self.user_id))
        self.troubles: list[str] = []
        self._expected: list[str] = []
        self.page = self.context.new_page()
        self._watch(self.page)

    def goto(self, path: str) -> Page:
        """Open an address."""
        self.page.goto(path)
        return self.page

    def press(self, button: str) -> None:
        """Press the one button in the page's content whose name begins like this."""
        self.page.get_by_role("main").get_by_role("button", name=re.compile(f"^{re.escape(button)}")).click()

    def expects(self, *troubles: str) -> None:
        """Let these happen: regular expressions for `<status or error> <method> <path>`."""
        self._expected.extend(troubles)

    def set_offline(self, offline: bool) -> None:
        """Take the network away, or give it back; a stream that was just beginning may break."""
        self.expects(r"net::ERR_(INTERNET_DISCONNECTED|NETWORK_CHANGED) GET /api/stream")
        self.context.set_offline(offline)

    def leave(self) -> list[str]:
        """Close everything; what went wrong that nobody expected."""
        self.context.close()
        self.client.close()
        return [each for each in self.troubles if not any(re.search(one, each) for one in self._expected)]

    def stay_on_this_page(self) -> None:
        """Mark the page, so that `is_still_here` can tell whether it was loaded again."""
        self.page.evaluate("window.marked = true")

    def is_still_here(self) -> bool:
        """Whether the page is the one that was marked."""
        return bool(self.page.evaluate("window.marked === true"))

    def take_session(self, session: str) -> None:
        """Be whom a session token names, in both clients."""
        self.context.add_cookies([{"name": "session", "value": session, "url": self.office.url, "httpOnly": True}])
        self.client.cookies.set("session", session)

    def _watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.troubles.append(f"error on {page.url}: {error}"))
        page.on("console", lambda said: self._hear(said.type, said.text))
        page.on("dialog", self._close)
        page.on("response", self._see_answer)
        page.on("requestfailed", self._see_failure)

    def _hear(self, kind: str, text: str) -> None:
        # What could not be loaded is seen, with its address, by the two below.
        if kind == "error" and not text.startswith("Failed to load resource"):
            self.troubles.append(f"console: {text}")

    def _close(self, dialog: Dialog) -> None:
        self.troubles.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _see_answer(self, response: Response) -> None:
        if response.status >= 400 and self._is_ours(response.url):
            self.troubles.append(f"{response.status} {_named(response.request)}")

    def _see_failure(self, request: Request) -> None:
        if self._is_ours(request.url) and request.failure != LEFT:
            self.troubles.append(f"{request.failure} {_named(request)}")

    def _is_ours(self, url: str) -> bool:
        return url.startswith(self.office.url)


def _named(request: Request) -> str:
    return f"{request.method} {urlsplit(request.url).path}"
