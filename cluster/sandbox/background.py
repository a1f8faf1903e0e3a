"""What the sandbox does by itself: deliver webhooks, do what is due, forget old events."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

import httpx

from cluster.sandbox import events
from cluster.sandbox.deliverer import TIMEOUT_S, Deliverer
from cluster.sandbox.endpoints import checkout_flow, late_refunds
from cluster.sandbox.service import Service
from cluster.sandbox.transaction import Transaction

TICK_S = 1.0
"""How often it looks when nothing wakes it, in seconds."""

PAUSE_S = 0.05
FORGET_EVERY_S = 60.0
_log = logging.getLogger(__name__)


class Background:
    """The work that no request asks for."""

    def __init__(self, service: Service, deliverer: Deliverer) -> None:
        """Work for `service`."""
        self._service, self._deliverer = service, deliverer
        self._tidied_at = self._forgot_at = 0.0

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            self._service.woken.clear()
            try:
                if self._service.clock() - self._tidied_at >= TICK_S:
                    await self._service.in_transaction(self.tidy)
                await self._wait(await self._deliverer.send_due())
            except Exception:  # noqa: BLE001 - a locked file, say; the next round finds the same work
                _log.exception("a round of background work failed")
                await asyncio.sleep(TICK_S)

    async def _wait(self, due: float | None) -> None:
        # What is under way counts as due too, and is not worth spinning for.
        wait_s = TICK_S if due is None else min(TICK_S, max(due - self._service.clock(), PAUSE_S))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._service.woken.wait(), wait_s)

    def tidy(self, tx: Transaction) -> None:
        """Expire Checkout Sessions and end refunds whose time has come, and now and then forget old events."""
        self._tidied_at = now = self._service.clock()
        call = self._service.call(tx)
        checkout_flow.expire_overdue(call)
        late_refunds.settle_overdue(call)
        if now - self._forgot_at >= FORGET_EVERY_S:
            tx.forget_events(int(now) - events.KEPT_S, events.COUNT_MAX)
            tx.deliveries.forget_orphans()
            self._forgot_at = now


@contextlib.asynccontextmanager
async def working(service: Service) -> AsyncIterator[None]:
    """Do the background work of a service while the block runs."""
    # No proxies from the environment and no redirects: nothing leaves this machine.
    async with httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False, follow_redirects=False) as client:
        deliverer = Deliverer(service, service.faults, client)
        task = asyncio.create_task(Background(service, deliverer).run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await deliverer.stop()
