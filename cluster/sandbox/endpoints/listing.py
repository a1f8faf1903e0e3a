"""Lists, newest first, a page at a time (https://docs.stripe.com/api/pagination)."""

from collections.abc import Mapping
from dataclasses import replace

from cluster.sandbox.endpoint import Call
from cluster.sandbox.errors import ParameterError
from cluster.sandbox.filters import Filter
from cluster.sandbox.schema import TimeRange
from cluster.sandbox.shapes import Json
from cluster.sandbox.specs import Integer, Spec, Text

LIMIT_DEFAULT = 10
LIMIT_MAX = 100

PARAMS: Mapping[str, Spec] = {
    "limit": Integer(1, LIMIT_MAX),
    "starting_after": Text(),
    "ending_before": Text(),
    "created": TimeRange(),
}
"""What every list takes."""


def page(
    call: Call,
    kind: str,
    url: str,
    *,
    intent: str | None = None,
    charge: str | None = None,
    types: tuple[str, ...] = (),
) -> Json:
    """Return one page of a kind, of one intent, charge or some types if named; RefusedError without such a cursor."""
    limit = call.params.get("limit", LIMIT_DEFAULT)
    wanted = replace(_filter(call, kind), intent=intent, charge=charge, types=types)
    found = call.tx.page(wanted, limit + 1)
    # The surplus one is the farthest from the cursor.
    data = found[:limit] if wanted.after_seq is None else found[-limit:]
    return {"object": "list", "data": data, "has_more": len(found) > limit, "url": url}


def _filter(call: Call, kind: str) -> Filter:
    if "starting_after" in call.params and "ending_before" in call.params:
        raise ParameterError(
            "You may only specify one of these parameters: starting_after, ending_before.",
            code="parameters_exclusive",
            param="starting_after",
        )
    created = call.params.get("created", {})
    from_, to = Filter(kind=kind).created_from, Filter(kind=kind).created_to
    return Filter(
        kind=kind,
        before_seq=_cursor(call, kind, "starting_after"),
        after_seq=_cursor(call, kind, "ending_before"),
        created_from=max(created.get("gte", from_), created.get("gt", from_ - 1) + 1),
        created_to=min(created.get("lte", to), created.get("lt", to + 1) - 1),
    )


def _cursor(call: Call, kind: str, name: str) -> int | None:
    object_id = call.params.get(name)
    if object_id is None:
        return None
    call.named(kind, object_id, name)
    return call.tx.seq(kind, object_id)
