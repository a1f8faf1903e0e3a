"""`expand[]=latest_charge`: objects in place of ids (https://docs.stripe.com/api/expanding_objects)."""

from cluster.sandbox.errors import ParameterError
from cluster.sandbox.shapes import Json
from cluster.sandbox.transaction import Transaction

DEPTH_MAX = 4
_FIELDS = {
    "payment_intent": {"latest_charge": "charge", "payment_method": "payment_method"},
    "charge": {"payment_intent": "payment_intent"},
    "checkout.session": {"payment_intent": "payment_intent"},
    "refund": {"charge": "charge", "payment_intent": "payment_intent"},
}


def check(kind: str, path: str) -> list[str]:
    """Return the steps of a path from an object of this kind; ParameterError when it cannot be walked."""
    steps = path.split(".")
    if steps[0] == "data":  # the items of a list
        steps = steps[1:]
    for step in steps:
        known = _FIELDS.get(kind, {})
        if step not in known or len(steps) > DEPTH_MAX:
            raise ParameterError(f"This property cannot be expanded ({path}).", param="expand")
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
