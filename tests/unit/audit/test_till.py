"""The payments in their temporary file."""

from pathlib import Path

from bson import ObjectId

from cluster.audit.facts import Payment
from cluster.audit.till import Till

from .facts import order_of, paid


def test_payments_are_found_by_order(tmp_path: Path) -> None:
    one, other = order_of(), order_of()
    first, second = paid(one), paid(one, refunded=5)
    with Till(tmp_path / "till") as till:
        till.put([first, paid(other), second, Payment(id="pi_x", order_id=None, captured=1, refunded=0)])
        assert sorted(till.of(one.id), key=lambda each: each.refunded) == [first, second]
        assert till.of(ObjectId()) == ()
        assert set(till.of_all([one.id, ObjectId()])) == {one.id}
        assert till.count() == (4, 1)


def test_a_payment_listed_twice_counts_once_as_it_was_last(tmp_path: Path) -> None:
    order = order_of()
    payment = paid(order, id="pi_1")
    with Till(tmp_path / "till") as till:
        till.put([payment, paid(order, id="pi_1", refunded=7)])
        assert [each.refunded for each in till.of(order.id)] == [7]


def test_orders_whose_money_is_kept_come_in_batches_each_once(tmp_path: Path) -> None:
    some, nothing_left = [order_of() for _ in range(5)], order_of()
    with Till(tmp_path / "till") as till:
        till.put([*(paid(each) for each in some + some), paid(nothing_left, refunded=1999)])
        batches = list(till.orders(batch=2))
    assert [len(each) for each in batches] == [2, 2, 1]
    assert sorted(each for batch in batches for each in batch) == sorted(each.id for each in some)
