"""The plan of a sale in words: with them, and as many tickets, anybody can hold the same one again. Pure."""

from cluster.counted import counted
from cluster.sale.plan import Plan


def planned(plan: Plan) -> str:
    """What everybody was to do."""
    pay, decline, abandon, cancel = (f"{share / sum(plan.shares):.0%}" for share in plan.shares)
    return (
        f"{_arrival(plan)}. Of those with a ticket {pay} pay, {decline} have their card declined, {abandon} leave and "
        f"{cancel} cancel, after {plan.think_s:g} s on average; {plan.repeat:.0%} ask twice. "
        f"{counted(plan.connections, 'connection')}, up to {plan.wait_expiry_s:g} s for expiries, seed {plan.seed}"
    )


def _arrival(plan: Plan) -> str:
    return {
        "at-once": "Everybody at once",
        "ramp": f"Ever more of them for {plan.seconds:g} s",
        "waves": f"Five waves in {plan.seconds:g} s",
    }[plan.curve]
