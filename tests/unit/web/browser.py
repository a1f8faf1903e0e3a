"""A browser without scripts: it follows links, fills in forms as they stand on the page, and keeps cookies."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser

import httpx
from bson import ObjectId

from tests.unit.api.fakes import FakeOffice


@dataclass
class FormOnPage:
    """A form as the page has it."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


class Page(HTMLParser):
    """What a page shows."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__()
        self.status = response.status_code
        self.html = response.text
        self.forms: list[FormOnPage] = []
        self.links: list[str] = []
        self.text = ""
        self.feed(response.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(FormOnPage(named.get("action", "")))
        elif tag in ("input", "button") and named.get("name"):
            self.forms[-1].fields.setdefault(named["name"], named.get("value", ""))
        elif tag == "a":
            self.links.append(named.get("href", ""))

    def handle_data(self, data: str) -> None:
        self.text += f" {data.strip()}" if data.strip() else ""

    def form(self, action: str) -> FormOnPage:
        """The form that is sent to `action`."""
        found = [each for each in self.forms if each.action == action]
        assert found, f"no form for {action} among {[each.action for each in self.forms]}"
        return found[0]


class Browser:
    """Shows one page at a time."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.path = ""

    async def open(self, path: str, **headers: str) -> Page:
        """Go to an address, and on to where it leads."""
        return self._arrived(await self.client.get(path, headers=headers, follow_redirects=True))

    async def send(self, form: FormOnPage, **filled: str) -> Page:
        """Fill in a form and send it."""
        return self._arrived(await self.client.post(form.action, data={**form.fields, **filled}, follow_redirects=True))

    def _arrived(self, response: httpx.Response) -> Page:
        self.path = response.url.raw_path.decode()
        return Page(response)


@asynccontextmanager
async def browsing(office: FakeOffice, user_id: ObjectId | None = None) -> AsyncIterator[Browser]:
    """A browser of this user's, or of nobody's."""
    async with office.client(user_id) as client:
        yield Browser(client)
