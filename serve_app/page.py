"""Which tickets to list, in which order, and MongoDB's condition for them."""

import re
from typing import Any, Literal

from bson import ObjectId
from msgspec import Struct

from actors.runtime.codec import Document

PAGE_MAX = 100

Sort = Literal["oldest", "newest", "cheapest", "dearest"]

SORTS = {
    "oldest": ("createdAt", 1),
    "newest": ("createdAt", -1),
    "cheapest": ("price", 1),
    "dearest": ("price", -1),
}
"""By which field tickets are sorted, and which way; those alike in it by their ids, the same way."""


class Page(Struct, frozen=True, kw_only=True):
    """Which tickets to list."""

    limit: int = PAGE_MAX
    after: ObjectId | None = None
    at: int | None = None
    """Sorted by price, the cents at which the ticket `after` was listed: it may cost more or less by now."""

    available: bool | None = None
    q: str = ""
    sort: Sort = "oldest"
    seller: ObjectId | None = None
    """Whose tickets; None for everybody's."""

    @property
    def is_search(self) -> bool:
        """Whether tickets are passed over that no index leaves out."""
        return bool(self.q) or self.available is not None


def tickets_filter(page: Page, after: Document | None) -> dict[str, Any]:
    """The condition for `page`."""
    wanted = behind(after, *SORTS[page.sort], at=page.at)
    if page.seller is not None:
        wanted["userId"] = page.seller
    if page.available is not None:
        wanted["hold"] = {"$exists": not page.available}
    if page.q:
        wanted["title"] = {"$regex": re.escape(page.q), "$options": "i"}
    return wanted


def behind(after: Document | None, field: str, way: int, at: int | None = None) -> dict[str, Any]:
    """The condition for what comes behind `after` in this order; none where that is the beginning.

    It is where it is now, or where it was `at` when it was listed. The redundant bound on the sorted field lets the
    index begin at the right place.
    """
    if after is None:
        return {}
    beyond, place = ("$gt" if way > 0 else "$lt"), after[field] if at is None else at
    return {field: {f"{beyond}e": place}, "$or": [{field: {beyond: place}}, {"_id": {beyond: after["_id"]}}]}
