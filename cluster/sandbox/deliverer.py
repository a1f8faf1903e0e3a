"""Delivers events to webhook endpoints (https://docs.stripe.com/webhooks#behaviors).

At least once: a delivery is forgotten only after the endpoint answered 2xx, and waits in the file until then. A
failure is repeated after 1, 2, 4, ... seconds, at most an hour, for three days. Stripe begins with minutes.
"""

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import httpx

from cluster.sandbox import webhooks, whose
from cluster.sandbox.delivery_queue import DeliveryQueue, Parcel
from cluster.sandbox.faults import Faults, Rule
from cluster.sandbox.service import Service

TIMEOUT_S = 10.0
"""How long an endpoint may take to answer."""

GIVE_UP_S = 3 * 24 * 60 * 60
BACKOFF_MAX_S = 60 * 60
AT_ONCE_MAX = 16
"""Deliveries under way; so they may overtake one another, as Stripe's do."""

HELD_MAX_S = 5.0
"""How long a delivery waits for another one to overtake it."""

_HEADERS = {
    "Content-Type": "application/json; charset=utf-8",
    "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
}
_log = logging.getLogger(__name__)
_Result = TypeVar("_Result")


def backoff_s(failures: int) -> float:
    """Return how long to wait after so many failures, in seconds."""
    return float(min(2 ** min(failures - 1, 30), BACKOFF_MAX_S))


class Deliverer:
    """Sends what the file says is due."""

    def __init__(self, service: Service, faults: Faults, client: httpx.AsyncClient) -> None:
        """Send what `service` has queued, through `client`."""
        self._service, self._faults, self._client = service, faults, client
        self._under_way: dict[int, asyncio.Task[None]] = {}

    async def send_due(self) -> float | None:
        """Start what is due and not under way, and wait for no answer; returns when to look again (epoch seconds)."""
        now = self._service.clock()
        # Those under way are still in the file, so look past them.
        parcels, next_due = await self._queue(lambda queue: (queue.due(now, 2 * AT_ONCE_MAX), queue.next_due()))
        for parcel in parcels:
            if parcel.id not in self._under_way and len(self._under_way) < AT_ONCE_MAX:
                task = asyncio.create_task(self._handle(parcel))
                self._under_way[parcel.id] = task
                task.add_done_callback(partial(self._landed, parcel.id))
        return next_due

    @property
    def under_way(self) -> int:
        """How many deliveries have no answer yet."""
        return len(self._under_way)

    async def landed(self) -> None:
        """Wait until the deliveries under way have ended, well or badly."""
        await asyncio.gather(*self._under_way.values(), return_exceptions=True)
        await asyncio.sleep(0)  # their callbacks run in the next turn of the loop

    async def stop(self) -> None:
        """End what is under way; it stays in the file and is sent again after the next start."""
        for task in self._under_way.values():
            task.cancel()
        await self.landed()

    def _landed(self, parcel_id: int, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("a delivery failed and is tried again", exc_info=error)
        del self._under_way[parcel_id]
        self._service.woken.set()

    async def _handle(self, parcel: Parcel) -> None:
        event = parcel.event
        rule = None if parcel.looked_at else self._faults.for_delivery(event["type"], whose.of_event(event))
        match rule and rule.effect:
            case "webhook_never":
                await self._queue(lambda queue: queue.done(parcel))
            case "webhook_drop":
                await self._failed(parcel, "a test asked for it")
            case "webhook_delay" | "webhook_reorder":
                assert rule is not None, "an effect has a rule"
                await self._postpone(parcel, rule)
            case effect:
                await self._send(parcel, copies=2 if effect == "webhook_duplicate" else 1)

    async def _postpone(self, parcel: Parcel, rule: Rule) -> None:
        held = rule.effect == "webhook_reorder"
        due = self._service.clock() + (HELD_MAX_S if held else rule.seconds)
        await self._queue(lambda queue: queue.postpone(parcel, due, held=held))

    async def _send(self, parcel: Parcel, copies: int) -> None:
        for _ in range(copies):
            why = await self._post(parcel)
            if why is not None:
                return await self._failed(parcel, why)
        return await self._queue(lambda queue: queue.done(parcel))

    async def _post(self, parcel: Parcel) -> str | None:
        """Send it once; the reason when it did not arrive, else None."""
        pending = await self._queue(lambda queue: queue.pending(parcel.event["id"]))
        body = webhooks.payload(parcel.event, pending)
        signature = webhooks.signature(body, parcel.endpoint["secret"], int(self._service.clock()))
        try:
            answer = await self._client.post(
                parcel.endpoint["url"], content=body, headers={**_HEADERS, "Stripe-Signature": signature}
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return type(error).__name__
        return None if answer.is_success else f"HTTP status {answer.status_code}"

    async def _failed(self, parcel: Parcel, why: str) -> None:
        now = self._service.clock()
        _log.info("%s did not reach %s: %s", parcel.event["id"], parcel.endpoint["url"], why)
        if now - parcel.made > GIVE_UP_S:
            return await self._queue(lambda queue: queue.done(parcel))
        due = now + backoff_s(parcel.attempts + 1)
        return await self._queue(lambda queue: queue.again(parcel, due))

    async def _queue(self, do: Callable[[DeliveryQueue], _Result]) -> _Result:
        return await self._service.in_transaction(lambda tx: do(tx.deliveries))
