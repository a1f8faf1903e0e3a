"""Which partition an actor belongs to."""

from zlib import crc32

from msgspec import Struct

from actors.runtime.message import Key

SLOTS = 4096
"""How many slots all keys hash to; a partition is a run of slots."""


def slot_of(key: Key) -> int:
    """The slot of an actor, 0 to 4,095: the same on every machine, for ever."""
    return crc32(str(key).encode()) % SLOTS


class PartitionMap(Struct, frozen=True):
    """How many partitions each service has. Recorded in the database; `version` tells maps apart."""

    version: int
    partitions: int

    def partition_of(self, key: Key) -> int:
        """The partition that the actor `key` belongs to."""
        return slot_of(key) * self.partitions // SLOTS

    def slots(self, partition: int) -> range:
        """The slots of `partition`."""
        first, last = (-(-SLOTS * n // self.partitions) for n in (partition, partition + 1))
        return range(first, last)
