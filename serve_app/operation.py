"""What a request is called when it is put to actors: once only, or the same at every repetition."""

from hashlib import sha256

from bson import ObjectId
from msgspec import Struct
from starlette.requests import Request

from serve_app.body import Body, canonical
from serve_app.refusals import INVALID_KEY, SEVERAL_KEYS, ApiError
from serve_app.sessions import Session

HEADER = "idempotency-key"
_RAW_HEADER = HEADER.encode()
KEY_MAX = 255


class Operation(Struct, frozen=True, kw_only=True):
    """The names one request goes by."""

    op: str
    """The operation id: an actor does the same one once."""

    new_id: ObjectId
    """The id of whatever the request creates."""

    key: str | None = None
    """The user and the idempotency key, as one name; None where the request has no key."""

    fingerprint: str = ""
    """What tells this request from any other under the same key."""


def operation_for(request: Request, session: Session, body: Body | None = None) -> Operation:
    """The operation of a signed-in user's request.

    With an `Idempotency-Key` all names are derived from the user, the key and the request, so that a repetition
    meets the actors' own memory; without one they are fresh. An id in the path is the same one in either case.

    Raises:
        ApiError: the key is not 1 to 255 printable ASCII characters, or there are several.
    """
    keys = [value.decode("latin-1") for name, value in request.scope["headers"] if name == _RAW_HEADER]
    if not keys:
        return fresh()
    if len(keys) > 1:
        raise ApiError(SEVERAL_KEYS)
    if not _is_key(keys[0]):
        raise ApiError(INVALID_KEY)
    return derived(session.user_id, keys[0], f"{request.method} {request.url.path.lower()}", canonical(body or {}))


def is_keyed(request: Request) -> bool:
    """Whether it may be a repetition: it has an `Idempotency-Key`."""
    return any(name == _RAW_HEADER for name, _ in request.scope["headers"])


def fresh() -> Operation:
    """An operation that happens once."""
    new_id = ObjectId()
    return Operation(op=str(new_id), new_id=new_id)


def derived(user_id: ObjectId, key: str, what: str, body: str) -> Operation:
    """The operation of a keyed request: the same for the same arguments."""
    name = _digest(str(user_id), key)
    fingerprint = _digest(what, body)
    seed = sha256(f"{name}{fingerprint}".encode()).digest()
    return Operation(op=seed[12:].hex(), new_id=ObjectId(seed[:12]), key=name, fingerprint=fingerprint)


def _is_key(key: str) -> bool:
    return 1 <= len(key) <= KEY_MAX and all(" " <= each <= "~" for each in key)


def _digest(first: str, second: str) -> str:
    """Both texts as one name; the separator can stand in neither of the first ones."""
    return sha256(f"{first}\0{second}".encode()).hexdigest()
