"""Who can say what has become of a sale."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from bson import ObjectId

from cluster.audit.violation import Violation
from cluster.sale.promise import Document, Promise
from cluster.sale.stock import Stock


class Witness(Protocol):
    """Somebody who knows what has become of tickets and orders: MongoDB, or the API alone."""

    async def stock(self) -> Stock:
        """How many tickets are free, held and sold."""

    async def over(self, promises: Sequence[Promise]) -> set[ObjectId]:
        """Those of these orders that are cancelled."""

    async def stored(self, promises: Sequence[Promise]) -> Mapping[ObjectId, Document]:
        """Those of these orders that exist, as MongoDB stores them."""

    async def wrong(self, promises: Sequence[Promise], stored: Mapping[ObjectId, Document]) -> list[Violation]:
        """What is wrong with the sale's tickets, beside orders as they were just `stored`, where no audit looks."""
