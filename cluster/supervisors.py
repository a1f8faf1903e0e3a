"""Whether all payments supervisors were there: each compares the payments of its own partition alone. Pure."""

from collections.abc import Sequence

from actors.contract import PAYMENTS
from cluster.local.errors import ServiceError


def demand_all(found: Sequence[str], partitions: int | None) -> None:
    """See that every partition is among those `found`, and at least one where nobody knows how many there are.

    Raises:
        ServiceError: some are missing.
    """
    wanted = (f"{PAYMENTS}/{partition}" for partition in range(partitions or 1))
    if missing := [name for name in wanted if name not in found]:
        sentence = f"Payments were not compared with Stripe by {', '.join(missing)}: no such supervisor runs."
        raise ServiceError(sentence, "Wait until `boxoffice status` says that it is ready, and ask again.")
