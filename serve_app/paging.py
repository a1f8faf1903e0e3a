"""The query string of a list of tickets, in and out."""

from urllib.parse import urlencode

from bson import ObjectId
from starlette.datastructures import QueryParams

from serve_app.fields import id_from, is_plain
from serve_app.reads import PAGE_MAX, Page
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


def next_link(path: str, page: Page, last: ObjectId) -> str:
    """The `Link` header that leads to the page behind the ticket `last`."""
    query = {"limit": str(page.limit), "after": str(last)}
    if page.available is not None:
        query["available"] = str(page.available).lower()
    if page.q:
        query["q"] = page.q
    return f'<{path}?{urlencode(query)}>; rel="next"'


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
    if len(text) > SEARCH_MAX or not is_plain(text):
        raise ApiError(INVALID_SEARCH)
    return text
