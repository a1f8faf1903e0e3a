"""The expiration service's task: tells an order that its payment window has closed."""

from actors.contract import EXPIRATION, ExpirationComplete, Wake
from actors.expiration import Expiration
from actors.runtime.caller import Caller
from actors.runtime.envelope import is_final

AT_ONCE_MAX = 2_000
"""Orders that are being told at the same time: enough company for a flash sale that ends all at once."""

PATIENCE_S = 30.0
"""How long one try waits for the order's answer. It then shows in `status`, and is followed by the next."""


class NotHeard(Exception):
    """Nobody knows yet whether the order has heard of it."""


class Alarm:
    """Rings for timers whose deadline has come."""

    def __init__(self, caller: Caller) -> None:
        """Tell orders through `caller`."""
        self._caller = caller

    async def __call__(self, state: Expiration) -> Wake:
        """Tell the order, always under the same operation id; then the timer.

        Raises:
            NotHeard: there was no answer that says so.
        """
        event = ExpirationComplete(order_id=state.id)
        [order] = event.addressees()
        reply = await self._caller.ask(order, event, f"{EXPIRATION}/{state.id}/complete", PATIENCE_S)
        if not is_final(reply):
            raise NotHeard(f"{order} has not confirmed that it heard of its deadline: {reply}")
        return Wake()
