"""One request in one transaction: recall its key, check its parameters, run, remember."""

import logging
from dataclasses import dataclass
from typing import Literal

from cluster.sandbox import expand, idempotency
from cluster.sandbox.endpoint import Call, Endpoint
from cluster.sandbox.endpoints import checkout_flow
from cluster.sandbox.errors import ApiError, InternalError, ParameterError
from cluster.sandbox.form import nest
from cluster.sandbox.shapes import Answer, Cause, Json
from cluster.sandbox.store import Store
from cluster.sandbox.transaction import Remembered, Transaction

INJECTED = "An unknown error occurred. (A test asked the sandbox for it.)"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Job:
    """A request as it came, before anything was checked."""

    endpoint: Endpoint
    path: str
    """The whole path, ids included."""

    names: dict[str, str]
    """The named parts of the path."""

    fields: list[tuple[str, str]]
    """Names and values of the query or the body."""

    key: str | None
    """The idempotency key."""

    request_id: str
    now: int
    base_url: str
    fault: Literal["error_before", "error_after"] | None = None
    """A failure of Stripe's own that a test asked for, before or after the effect."""


def execute(store: Store, job: Job) -> Answer:
    """Return the answer to a request, with everything it changed committed.

    ApiError when it was refused before it ran; nothing is then changed or remembered.
    """
    with store.transaction() as tx:
        if job.key is None:
            return _perform(tx, job)
        tx.forget_before(job.now - idempotency.KEPT_S)
        parameters = idempotency.digest(job.fields)
        if (first := tx.recall(job.key)) is not None:
            return idempotency.replay(job.key, first, job.path, parameters)
        answer = _perform(tx, job)
        tx.remember(job.key, Remembered(job.path, parameters, answer), job.request_id, job.now)
        return answer


def _perform(tx: Transaction, job: Job) -> Answer:
    params = job.endpoint.schema.parse(nest(job.fields))
    paths = [expand.check(job.endpoint.returns, path, listed=job.endpoint.listed) for path in params.pop("expand", [])]
    cause = Cause(job.request_id, job.key)
    call = Call(tx=tx, params=params, path=job.names, now=job.now, base_url=job.base_url, cause=cause)
    checkout_flow.expire_overdue(call)
    try:
        if job.fault == "error_before":
            raise InternalError(INJECTED)
        with tx.savepoint():
            answer = _expanded(tx, job.endpoint.run(call), paths)
        # The effect stands, its answer is lost: what Stripe's own 500s leave open.
        return answer if job.fault is None else InternalError(INJECTED).answer()
    except ParameterError:
        raise
    except ApiError as refusal:
        return refusal.answer()
    except Exception:  # noqa: BLE001 - becomes the 500 that the key remembers
        _log.exception("%s %s failed", job.endpoint.method, job.path)
        return InternalError("An unknown error occurred in the sandbox.").answer()


def _expanded(tx: Transaction, answer: Answer, paths: list[list[str]]) -> Answer:
    body: Json = answer.body
    if "error" in body:
        return answer
    for steps in paths:
        body = expand.expand(tx, body, steps)
    return Answer(body, answer.status)
