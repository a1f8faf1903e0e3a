"""What an endpoint is: a method, a path, its parameters, and what it does in one transaction."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from cluster.sandbox import events
from cluster.sandbox.errors import MissingError, no_such
from cluster.sandbox.ids import new_id
from cluster.sandbox.schema import EXPAND, Hash
from cluster.sandbox.shapes import BY_ITSELF, Answer, Cause, Json
from cluster.sandbox.specs import Spec
from cluster.sandbox.transaction import Transaction

NAMES = {
    "payment_intent": "payment_intent",
    "payment_method": "PaymentMethod",
    "charge": "charge",
    "refund": "refund",
    "checkout.session": "checkout.session",
    "event": "event",
    "webhook_endpoint": "webhook endpoint",
}
"""What Stripe's messages call each kind of object."""

_PATH_PARAMS = {"payment_intent": "intent", "payment_method": "payment_method", "checkout.session": "session"}


@dataclass(frozen=True, kw_only=True)
class Call:
    """One validated request, within its transaction."""

    tx: Transaction
    params: Json
    """The parameters that were given, as Python sees them."""

    path: Mapping[str, str]
    """The parts of the path that have names: `id`."""

    now: int
    """Epoch seconds."""

    base_url: str
    """Where the client reached the sandbox, without a slash at the end."""

    cause: Cause = BY_ITSELF
    """What the events of this call name as their reason."""

    make_id: Callable[[str], str] = new_id
    """Makes an id from a prefix."""

    def put(self, item: Json) -> None:
        """Keep an object as it is now, with the events that tell of the change."""
        before = self.tx.get(item["object"], item["id"])
        self.tx.put(item)
        for change in events.changes(before, item):
            made = events.new(self.make_id("evt"), change, self.cause, self.now)
            self.tx.put(made)
            self.tx.deliveries.add(made, self.now)

    def subject(self, kind: str) -> Json:
        """Return the object that the path names; MissingError when it is not there."""
        found = self.tx.get(kind, self.path["id"])
        if found is None:
            raise MissingError(
                f"No such {NAMES[kind]}: '{self.path['id']}'",
                code="resource_missing",
                param=_PATH_PARAMS.get(kind, "id"),
            )
        return found

    def named(self, kind: str, object_id: str, param: str) -> Json:
        """Return the object that a parameter names; RefusedError when it is not there."""
        found = self.tx.get(kind, object_id)
        if found is None:
            raise no_such(NAMES[kind], object_id, param)
        return found

    def owned(self, kind: str, object_id: str) -> Json:
        """Return an object that another one points to: it must be there."""
        found = self.tx.get(kind, object_id)
        if found is None:
            raise LookupError(f"{kind} {object_id} is pointed to but not stored")
        return found


class Run(Protocol):
    """What an endpoint does. A refusal is raised and undoes all; a decline is an answer and is kept."""

    def __call__(self, call: Call) -> Answer:
        """Do it."""


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One line of the API."""

    method: Literal["GET", "POST", "DELETE"]
    path: str
    """In Starlette's form: `/v1/charges/{id}`."""

    run: Run
    returns: str
    """The kind of object in the answer, which decides what may be expanded."""

    listed: bool = False
    """Whether the answer is a list of them."""

    params: Mapping[str, Spec] = field(default_factory=dict)
    required: tuple[str, ...] = ()

    @property
    def schema(self) -> Hash:
        """The parameters, with the ones that every endpoint takes."""
        return Hash({**self.params, **EXPAND}, self.required)
