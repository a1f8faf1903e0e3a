"""How long a sale may last."""

import pytest

from cluster.sale.buyer import crowd
from cluster.sale.plan import ANSWERS_S, Plan


@pytest.mark.parametrize("think_s", [0, 1, 600])
def test_who_thinks_longest_still_has_time_for_his_answers(think_s: float) -> None:
    plan = Plan(buyers=2_000, tickets=10, think_s=think_s)
    assert max(each.think_s for each in crowd(plan)) + ANSWERS_S <= plan.limit_s
