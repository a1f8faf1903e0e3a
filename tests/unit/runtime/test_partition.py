"""Which partition an actor belongs to: for ever, and exactly one."""

import pytest
from bson import ObjectId

from actors.runtime.partition import SLOTS, PartitionMap, slot_of


@pytest.mark.parametrize(
    ("key", "slot"),
    [(ObjectId("65f0c0ffee00000000000001"), 3938), ("ada@example.com", 1696), ("blue", 2740)],
)
def test_slots_never_change(key: object, slot: int) -> None:
    assert slot_of(key) == slot


@pytest.mark.parametrize("partitions", [1, 2, 3, 7, 64, SLOTS])
def test_every_slot_belongs_to_one_partition(partitions: int) -> None:
    ranges = [PartitionMap(1, partitions).slots(n) for n in range(partitions)]
    assert [slot for each in ranges for slot in each] == list(range(SLOTS))


@pytest.mark.parametrize("partitions", [1, 2, 3, 7])
def test_an_actor_is_where_its_slot_is(partitions: int) -> None:
    found = PartitionMap(1, partitions)
    for n in range(500):
        assert slot_of(f"key {n}") in found.slots(found.partition_of(f"key {n}"))


def test_partitions_are_about_equal() -> None:
    assert {len(PartitionMap(1, 3).slots(n)) for n in range(3)} == {1365, 1366}
