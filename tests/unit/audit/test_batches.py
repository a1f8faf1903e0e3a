"""Many things, so many at a time."""

from cluster.audit.batches import batches


def test_batches_lose_nothing() -> None:
    assert list(batches(range(5), 2)) == [[0, 1], [2, 3], [4]]
    assert list(batches([], 2)) == []
