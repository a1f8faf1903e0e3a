"""A list of tickets page by page: its query string, in and out, and what is on the page."""

from urllib.parse import urlencode

from bson import ObjectId
from starlette.datastructures import QueryParams

from actors.runtime.codec import Document
from serve_app.fields import id_from, is_plain, trimmed
from serve_app.page import PAGE_MAX, Page
from serve_app.reads import Reads
from serve_app.refusals import INVALID_AFTER, INVALID_AVAILABLE, INVALID_LIMIT, INVALID_SEARCH, ApiError

SEARCH_MAX = 200


def page_in(query: QueryParams) -> Page:
    """The page that a query string asks for.

    Raises:
        ApiError: a parameter is wrong.
    """
    return Page(
        limit=_limit(query.get("limit")),
        after=None if (after := query.get("after")) is None else id_from(after, INVALID_AFTER),
        available=_available(query.get("available")),
        q=_search(query.get("q", "")),
    )


async def tickets_on(page: Page, reads: Reads) -> tuple[list[Document], ObjectId | None]:
    """The tickets of a page, and the last one of them if there are more behind it.

    Raises:
        ApiError: it begins after a ticket that does not exist, or is a search too many.
    """
    after = await reads.ticket(page.after) if page.after else None
    if page.after and after is None:
        raise ApiError(INVALID_AFTER)
    found = await reads.tickets(page, after)
    shown = found[: page.limit]
    return shown, shown[-1]["_id"] if len(found) > page.limit else None


def next_link(path: str, page: Page, last: ObjectId) -> str:
    """The `Link` header that leads to the page behind the ticket `last`."""
    return f'<{path}?{next_query(page, last, limit=str(page.limit))}>; rel="next"'


def next_query(page: Page, last: ObjectId, **more: str) -> str:
    """The query string of the page behind the ticket `last`; it begins with what is said `more`."""
    query = {**more, "after": str(last)}
    if page.available is not None:
        query["available"] = str(page.available).lower()
    if page.q:
        query["q"] = page.q
    return urlencode(query)


def _limit(text: str | None) -> int:
    if text is None:
        return PAGE_MAX
    if not (text.isascii() and text.isdecimal() and len(text) <= 3 and 1 <= int(text) <= PAGE_MAX):
        raise ApiError(INVALID_LIMIT)
    return int(text)


def _available(text: str | None) -> bool | None:
    if text not in (None, "true", "false"):
        raise ApiError(INVALID_AVAILABLE)
    return None if text is None else text == "true"


def _search(text: str) -> str:
    """What is looked for, as titles are kept; empty, which is no search, where there are only spaces."""
    wanted = trimmed(text)
    if len(wanted) > SEARCH_MAX or not is_plain(text):
        raise ApiError(INVALID_SEARCH)
    return wanted
