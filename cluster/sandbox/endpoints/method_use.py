"""A PaymentMethod without a customer is good for one intent, and once: confirming uses it up.

After a decline Stripe refuses it for that very intent too (https://www.drupal.org/node/3586894). While an intent waits
for its buyer it still has its method, and may be confirmed again.
"""

from cluster.sandbox.endpoint import Call
from cluster.sandbox.errors import RefusedError
from cluster.sandbox.shapes import Json

_KIND = "sandbox.method_use"
_USED = (
    "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared with a "
    "connected account without Customer attachment, or was detached from a Customer. It may not be used again. To "
    "use a PaymentMethod multiple times, you must attach it to a Customer first."
)


def check(call: Call, intent: Json, method: Json) -> None:
    """RefusedError for a method that was used, unless by this intent, which still has it."""
    use = call.tx.get(_KIND, _id(method))
    if use is None:
        return
    if use["payment_intent"] != intent["id"] or intent["payment_method"] != method["id"]:
        raise RefusedError(_USED)


def use(call: Call, intent: Json, method: Json) -> None:
    """Use a method up for an intent; RefusedError when that cannot be."""
    check(call, intent, method)
    call.put({"id": _id(method), "object": _KIND, "created": call.now, "payment_intent": intent["id"]})


def _id(method: Json) -> str:
    return f"sandbox_{method['id']}"
