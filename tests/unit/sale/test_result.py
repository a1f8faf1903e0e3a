"""What a sale leaves open."""

from cluster.audit.report import Report
from cluster.audit.violation import Violation
from cluster.sale.plan import Plan
from cluster.sale.result import NOT_PROVEN, as_json, is_good, not_proven
from cluster.sale.sale import Sale

OVERDUE = Violation("hold_overdue", "It is created long after its time.", ("orders/1",))


def test_orders_that_nobody_waited_for_are_not_proven_to_expire() -> None:
    sale = Sale(plan=Plan(buyers=1, tickets=1), unexpired=30)
    assert is_good(sale, Report())
    [sentence] = as_json(sale, Report())["not_proven"]
    assert "30 orders" in sentence
    assert not_proven(sale, None) == [sentence, *NOT_PROVEN]


def test_an_order_that_is_overdue_is_no_open_question() -> None:
    sale = Sale(plan=Plan(buyers=1, tickets=1), unexpired=1, broken=[OVERDUE])
    assert not_proven(sale, Report()) == []
    assert not is_good(sale, Report())
