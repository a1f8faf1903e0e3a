"""Lists, newest first, a page at a time (https://docs.stripe.com/api/pagination)."""

from collections.abc import Mapping

from cluster.sandbox.endpoint import Call
from cluster.sandbox.filters import Filter
from cluster.sandbox.schema import TimeRange
from cluster.sandbox.shapes import Json
from cluster.sandbox.specs import Integer, Spec, Text

LIMIT_DEFAULT = 10
LIMIT_MAX = 100

PARAMS: Mapping[str, Spec] = {
    "limit": Integer(1, LIMIT_MAX),
    "starting_after": Text(),
    "created": TimeRange(),
}
"""What every list takes."""


def page(call: Call, kind: str, url: str, *, intent: str | None = None, charge: str | None = None) -> Json:
    """Return one page of a kind, of one intent or charge if named; RefusedError without such a cursor."""
    limit = call.params.get("limit", LIMIT_DEFAULT)
    found = call.tx.page(_filter(call, kind, intent, charge), limit + 1)
    return {"object": "list", "data": found[:limit], "has_more": len(found) > limit, "url": url}


def _filter(call: Call, kind: str, intent: str | None, charge: str | None) -> Filter:
    created = call.params.get("created", {})
    from_, to = Filter(kind=kind).created_from, Filter(kind=kind).created_to
    return Filter(
        kind=kind,
        intent=intent,
        charge=charge,
        before_seq=_cursor(call, kind),
        created_from=max(created.get("gte", from_), created.get("gt", from_ - 1) + 1),
        created_to=min(created.get("lte", to), created.get("lt", to + 1) - 1),
    )


def _cursor(call: Call, kind: str) -> int | None:
    after = call.params.get("starting_after")
    if after is None:
        return None
    call.named(kind, after, "starting_after")
    return call.tx.seq(kind, after)
