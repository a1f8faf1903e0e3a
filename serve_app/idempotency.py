"""Doing a keyed request once: the same key and request answers the same, another request under the key is refused.

All commands are safe to repeat already, because their operation ids and the ids of what they create are derived
from user, key and request (see `operation`). What is left to guard is the key itself: two *different* requests must
not both succeed under it. There are two ways, by what can be undone.

*Act, then record* (`undoable`), for reserving tickets, the hot path. Most reservations in a flash sale are refused,
and a refusal must cost no write: so the record is written only after a success. Whoever loses that insert to
another request finds out too late, but an order can be cancelled, so he is refused and undone.

*Claim, then act* (`claimed`), for everything else. A price that was changed, a payment, a cancellation cannot be
taken back, so the key is claimed before anything happens. A claim that its request does not finish (a crash, or
an unknown outcome) is continued by the same request, and keeps others away for a minute only; after that whoever
comes first claims the key anew, be it the same request or another.

Refusals are remembered by neither. Both ways run as errands: a client that leaves tears nothing.
"""

import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from pymongo.errors import PyMongoError

from serve_app.answers import Answer
from serve_app.errands import Errands
from serve_app.ledger import Entry, Ledger
from serve_app.operation import Operation
from serve_app.refusals import KEY_REUSED, OUTCOME_UNKNOWN, ApiError

log = logging.getLogger("boxoffice.api")

T = TypeVar("T")

Act = Callable[[], Awaitable[Answer]]
Undo = Callable[[], Awaitable[None]]

REPLAYED = {"Idempotent-Replayed": "true"}


class Idempotency:
    """Carries out requests, keyed or not."""

    def __init__(self, ledger: Ledger, errands: Errands) -> None:
        """Keep records in `ledger`, and run what may not be torn as `errands`."""
        self._ledger = ledger
        self._errands = errands

    async def undoable(self, operation: Operation, act: Act, undo: Undo) -> Answer:
        """Act, then record; `undo` what another request's record forbids.

        Raises:
            ApiError: `act` was refused, or the key belongs to another request.
        """
        if operation.key is None:
            return await act()
        return await self._errands.run(self._act_then_record(operation, act, undo))

    async def claimed(self, operation: Operation, act: Act) -> Answer:
        """Claim the key, then act.

        Raises:
            ApiError: `act` was refused, or the key belongs to another request.
        """
        if operation.key is None:
            return await act()
        return await self._errands.run(self._claim_then_act(operation, act))

    async def _act_then_record(self, operation: Operation, act: Act, undo: Undo) -> Answer:
        known = await self._ledger.find(operation)
        if known is not None and (recorded := _recorded(known, operation)) is not None:
            return recorded
        answer = await act()
        other = await _in_doubt(self._ledger.put(self._ledger.entry(operation, answer)))
        if other is None:
            return answer
        if other.fingerprint != operation.fingerprint:
            await undo()
        return _recorded(other, operation) or answer

    async def _claim_then_act(self, operation: Operation, act: Act) -> Answer:
        mine = self._ledger.entry(operation)
        claim = await self._ledger.find(operation) or await self._ledger.put(mine) or mine
        if (recorded := _recorded(claim, operation)) is not None:
            return recorded
        try:
            answer = await act()
        except ApiError as refusal:
            if not refusal.is_doubtful:
                await self._withdraw(mine)
            raise
        return await self._finish(operation, claim, answer)

    async def _finish(self, operation: Operation, claim: Entry, answer: Answer) -> Answer:
        """Record the answer; if the same request was answered meanwhile, that answer counts."""
        other = await _in_doubt(self._ledger.finish(claim, answer))
        if other is None:
            return answer
        if other.fingerprint != operation.fingerprint:
            log.warning("a keyed request took so long that another was done under its key meanwhile")
            return answer
        return _recorded(other, operation) or answer

    async def _withdraw(self, mine: Entry) -> None:
        """Take the claim back, if it is this request's own; one left behind is only in the way for a minute."""
        try:
            await self._ledger.withdraw(mine)
        except PyMongoError as error:
            log.warning("a claim could not be withdrawn: %s", error)


def _recorded(entry: Entry, operation: Operation) -> Answer | None:
    """The recorded answer; None if there is none yet.

    Raises:
        ApiError: the entry is another request's.
    """
    if entry.fingerprint != operation.fingerprint:
        raise ApiError(KEY_REUSED)
    return None if entry.status is None else Answer(entry.status, entry.body, REPLAYED)


async def _in_doubt(write: Awaitable[T]) -> T:
    """The result of writing down what has already happened; if that fails, its outcome is the client's to ask."""
    try:
        return await write
    except (PyMongoError, ApiError) as error:
        log.warning("a success could not be recorded: %s", error)
        raise ApiError(OUTCOME_UNKNOWN) from None
