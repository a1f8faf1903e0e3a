"""What a sale leaves open."""

from cluster.audit.report import Report
from cluster.sale.plan import Plan
from cluster.sale.result import NOT_PROVEN, as_json, is_good, not_proven
from cluster.sale.sale import Sale


def test_orders_that_nobody_waited_for_are_not_proven_to_expire() -> None:
    sale = Sale(plan=Plan(buyers=1, tickets=1), url="http://shop", unexpired=30)
    assert is_good(sale, Report())
    [sentence] = as_json(sale, Report())["not_proven"]
    assert "30 orders" in sentence
    assert not_proven(sale, None) == [sentence, *NOT_PROVEN]


def test_an_api_that_fell_silent_leaves_open_what_it_would_have_said() -> None:
    sale = Sale(plan=Plan(buyers=1, tickets=1), url="http://shop", unheard=["/api/orders/1 was not answered (0)."])
    assert not_proven(sale, Report()) == ["The API was not heard to the end: /api/orders/1 was not answered (0)."]
    assert is_good(sale, Report())
