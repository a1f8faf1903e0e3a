"""`expand[]=latest_charge`: objects in place of ids (https://docs.stripe.com/api/expanding_objects)."""

from cluster.sandbox.errors import ParameterError
from cluster.sandbox.shapes import Json
from cluster.sandbox.transaction import Transaction

DEPTH_MAX = 4
"""How many names a path may have, the `data` of a list among them."""

_FIELDS = {
    "payment_intent": {"latest_charge": "charge", "payment_method": "payment_method"},
    "charge": {"payment_intent": "payment_intent"},
    "checkout.session": {"payment_intent": "payment_intent"},
    "refund": {"charge": "charge", "payment_intent": "payment_intent"},
}


def check(kind: str, path: str, *, listed: bool) -> list[str]:
    """Return the steps of a path from an object of this kind; ParameterError when it cannot be walked.

    Where the answer is a list (`listed`), a path begins with `data`; elsewhere nothing is called so.
    """
    names = path.split(".")
    if len(names) > DEPTH_MAX:
        raise ParameterError(
            f"You cannot expand more than {DEPTH_MAX} levels of a property. Property: {path}", param="expand"
        )
    steps = _of_items(names) if listed else names
    for place, step in enumerate(steps):
        known = _FIELDS.get(kind, {})
        if step not in known:
            raise _refusal(".".join(steps[: place + 1]))
        kind = known[step]
    return steps


def expand(tx: Transaction, item: Json, steps: list[str]) -> Json:
    """Return the object, or each item of a list, with the ids along the path replaced by what they name."""
    if item.get("object") == "list":
        return {**item, "data": [expand(tx, one, steps) for one in item["data"]]}
    if not steps:
        return item
    step = steps[0]
    kind, value = _FIELDS[item["object"]][step], item[step]
    found = tx.get(kind, value) if isinstance(value, str) else value
    return item if found is None else {**item, step: expand(tx, found, steps[1:])}


def _of_items(names: list[str]) -> list[str]:
    first, *steps = names
    if first != "data":
        raise _refusal(first, f" You may want to try expanding 'data.{first}' instead.")
    return steps


def _refusal(what: str, advice: str = "") -> ParameterError:
    return ParameterError(f"This property cannot be expanded ({what}).{advice}", param="expand")
