"""Who must have compared its payments with Stripe before anybody says that it was done."""

import pytest

from cluster.local.errors import ServiceError
from cluster.supervisors import demand_all


@pytest.mark.parametrize(
    ("found", "partitions", "missing"),
    [
        ([], 1, "payments/0"),
        ([], None, "payments/0"),  # nobody knows how many there are: one at least
        (["payments/0", "payments/2"], 4, "payments/1, payments/3"),
    ],
)
def test_who_is_missing_is_named(found: list[str], partitions: int | None, missing: str) -> None:
    with pytest.raises(ServiceError, match=f"by {missing}: no such supervisor runs") as caught:
        demand_all(found, partitions)
    assert "`boxoffice status`" in caught.value.advice


@pytest.mark.parametrize("partitions", [2, 1, None])
def test_where_all_have_nothing_is_said(partitions: int | None) -> None:
    demand_all(["payments/0", "payments/1"], partitions)
