"""Who can say what has become of a sale."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from bson import ObjectId

from cluster.audit.violation import Violation
from cluster.sale.promise import Promise
from cluster.sale.stock import Stock


class Witness(Protocol):
    """Somebody who knows what has become of tickets and orders: MongoDB, or the API alone."""

    async def stock(self, at_s: float) -> Stock:
        """How many tickets are free, held and sold."""

    async def over(self, promises: Sequence[Promise]) -> set[ObjectId]:
        """Those of these orders that are cancelled."""

    async def stored(self, promises: Sequence[Promise]) -> Mapping[ObjectId, Mapping[str, Any]]:
        """Those of these orders that exist, as MongoDB stores them."""

    async def wrong(self, promises: Sequence[Promise]) -> list[Violation]:
        """What is wrong with the sale's tickets, as far as no audit looks at them."""
