"""The whole audit over books in memory: what is counted, what is looked at again, and what stays wrong."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId

from actors.contract import EXPIRATION, ORDERS
from cluster.audit import proof as proof_module
from cluster.audit.facts import Account, Attempt, File, Order, Payment, Sale, Ticket
from cluster.audit.proof import Proof
from cluster.audit.report import Report
from cluster.audit.settling import Patience
from cluster.audit.till import Till

from .facts import GRACE, NOW, file_of, held, order_of, paid, sold


class StandingClock:
    def now(self) -> datetime:
        return NOW


@dataclass
class World:
    """Books and Stripe in memory."""

    files: list[File] = field(default_factory=list)
    loose: list[Payment] = field(default_factory=list)
    attempts_known: list[Attempt] = field(default_factory=list)
    accounts_kept: list[Account] = field(default_factory=list)
    unpaid_long: list[ObjectId] = field(default_factory=list)
    """Orders that were made before the grace and are not paid."""

    timers: set[ObjectId] = field(default_factory=set)
    unaccounted: set[ObjectId] = field(default_factory=set)
    """Orders of which the payments service keeps nothing."""

    owed: dict[str, list[object]] = field(default_factory=dict)
    scans: list[str] = field(default_factory=list)
    """Whole collections that were begun and read to their ends."""

    looked_up: list[str] = field(default_factory=list)
    """What Stripe was asked about, one by one."""

    def tickets(self, ids: Sequence[ObjectId] | None = None) -> Iterator[Ticket]:
        found = [file.ticket for file in self.files if file.ticket and (ids is None or file.ticket_id in ids)]
        return self._scan("tickets", sorted(found, key=lambda each: each.id)) if ids is None else iter(found)

    def orders(self) -> Iterator[Order]:
        found = [order for file in self.files for order in file.orders]
        return self._scan("orders", sorted(found, key=lambda each: (each.ticket_id, each.hold_number)))

    def orders_again(self, ids: Sequence[ObjectId]) -> Iterator[Order]:
        return (order for file in self.files for order in file.orders if order.id in ids)

    def orders_for(self, ticket_ids: Sequence[ObjectId]) -> Iterator[Order]:
        self.scans.append("orders for tickets")
        return (order for file in self.files for order in file.orders if order.ticket_id in ticket_ids)

    def _scan(self, what: str, found: list[Any]) -> Iterator[Any]:
        self.scans.append(f"{what} begun")
        yield from found
        self.scans.append(f"{what} read")

    def attempts(self, order_ids: Sequence[ObjectId]) -> Iterator[Attempt]:
        return (each for each in self.attempts_known if each.order_id in order_ids)

    def existing(self, order_ids: Sequence[ObjectId], service: str = ORDERS) -> set[ObjectId]:
        if service == EXPIRATION:
            return self.timers & set(order_ids)
        return {order.id for file in self.files for order in file.orders} & set(order_ids)

    def accounts(self, order_ids: Sequence[ObjectId] | None = None) -> Iterator[Account]:
        """Those that are given, and one for each other sale, as it should be."""
        known = {each.order_id for each in self.accounts_kept} | self.unaccounted
        taken = [
            Account(order_id=order.id, status="open", takings=((order.stripe_id or "", order.amount or 0),))
            for file in self.files
            for order in file.orders
            if order.status == "complete" and order.id not in known
        ]
        return (each for each in (*self.accounts_kept, *taken) if order_ids is None or each.order_id in order_ids)

    def unpaid(self, before: datetime, order_ids: Sequence[ObjectId] | None = None) -> Iterator[ObjectId]:
        assert before == NOW - GRACE
        return (each for each in self.unpaid_long if order_ids is None or each in order_ids)

    def complete(self, order_ids: Sequence[ObjectId] | None = None) -> Iterator[Sale]:
        found = (order for file in self.files for order in file.orders if order.status == "complete")
        return (Sale(each.id, each.stripe_id) for each in found if order_ids is None or each.id in order_ids)

    def undelivered(self, before: datetime, service: str, keys: Sequence[object] | None = None) -> Iterator[Any]:
        assert before == NOW - GRACE
        return ({"_id": key} for key in self.owed.get(service, ()) if keys is None or key in keys)

    def payments(self) -> Iterator[Payment]:
        yield from (each for file in self.files for found in file.payments.values() for each in found)
        yield from self.loose

    def find(self, stripe_ids: Sequence[str]) -> dict[str, Payment]:
        self.looked_up += stripe_ids
        return {each.id: each for each in self.payments() if each.id in stripe_ids}


def audit(world: World, folder: Path, heal: Any = None, look_s: float = 0) -> Report:
    """Audit `world`, which `heal` changes before every second look; one takes `look_s` seconds."""
    now_s = 0.0

    def pause(for_s: float) -> None:
        nonlocal now_s
        now_s += for_s + look_s
        if heal:
            heal()

    patience = Patience(deadline_s=3, clock=lambda: now_s, pause=pause)
    with Till(folder / "till") as till:
        books: Any = world
        proof = Proof(
            books, books, till, clock=StandingClock(), grace=GRACE, patience=patience, progress=lambda *_: None
        )
        return proof.run()


def codes(report: Report) -> list[str]:
    return [each.code for each in report.violations]


def test_books_in_order_are_proven_and_counted(tmp_path: Path) -> None:
    report = audit(World([held(), sold(), sold()]), tmp_path)
    assert report.proven
    assert (report.tickets, report.held, report.sold, report.payments, report.looked_again) == (3, 1, 2, 2, 0)
    assert report.orders == {"created": 1, "cancelled": 1, "complete": 2}


def test_what_was_under_way_does_not_count(tmp_path: Path) -> None:
    wrong = held(sold=True)
    world = World([wrong])

    def heal() -> None:
        world.files = [replace(wrong, ticket=replace(wrong.ticket, sold=False))]

    report = audit(world, tmp_path, heal)
    assert report.proven
    assert report.looked_again == 1


def test_what_stays_wrong_counts_once(tmp_path: Path) -> None:
    report = audit(World([sold(sold=False), held()]), tmp_path)
    assert codes(report) == ["paid_unsold"]
    assert report.as_json()["proven"] is False


def test_a_payment_that_came_after_the_list_is_found_by_its_attempt(tmp_path: Path) -> None:
    file = sold()
    [payment] = file.payments[file.orders[0].id]
    world = World([replace(file, payments={})])

    def heal() -> None:
        world.files = [file]
        world.attempts_known = [Attempt(order_id=file.orders[0].id, stripe_id=payment.id)]

    assert audit(world, tmp_path, heal).proven


def test_one_payment_proves_one_sale(tmp_path: Path) -> None:
    """The books of another order name it as well, at the same price."""
    honest, freed = sold(), sold()
    [payment] = honest.payments[honest.orders[0].id]
    world = World([honest, replace(freed, payments={})])
    world.attempts_known = [Attempt(order_id=each.orders[0].id, stripe_id=payment.id) for each in world.files]
    report = audit(world, tmp_path)
    assert codes(report) == ["sale_without_money"]
    assert report.violations[0].documents == (f"orders/{freed.orders[0].id}",)


def test_a_second_payment_on_its_way_back_is_no_violation(tmp_path: Path) -> None:
    order = order_of(status="complete", payment="paid")
    kept, surplus = paid(order), paid(order)
    world = World([file_of(order, payments=(kept, surplus))])
    assert codes(audit(world, tmp_path)) == ["paid_twice"]
    (tmp_path / "till").unlink()
    world.attempts_known = [Attempt(order_id=order.id, stripe_id=surplus.id, returning_since=NOW, refunds=1)]
    report = audit(world, tmp_path)
    assert report.proven
    assert report.pending == {"refund_under_way": 1}


def test_money_for_an_order_that_does_not_exist(tmp_path: Path) -> None:
    lost = paid(order_of())
    report = audit(World([sold()], loose=[lost]), tmp_path)
    assert codes(report) == ["payment_without_order"]
    assert "one Stripe account, or sandbox, belongs to one database" in report.violations[0].sentence
    assert report.violations[0].documents == (f"stripe/{lost.id}", f"orders/{lost.order_id}")


def test_money_that_is_back_or_another_shops_is_none_of_ours(tmp_path: Path) -> None:
    back = paid(order_of(), refunded=1999)
    other = Payment(id="pi_other", order_id=None, captured=5, refunded=0)
    report = audit(World([sold()], loose=[back, other]), tmp_path)
    assert report.proven
    assert (report.payments, report.foreign, report.looked_again) == (3, 1, 0)


def test_news_that_nobody_hears_is_named_by_service(tmp_path: Path) -> None:
    report = audit(World([held()], owed={"auth": ["ann@example.com"], "orders": [1, 2]}), tmp_path)
    assert codes(report) == ["undelivered"] * 3
    assert {each.documents for each in report.violations} == {("auth/ann@example.com",), ("orders/1",), ("orders/2",)}


def test_too_many_violations_end_the_audit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof_module, "SUSPECTS_MAX", 2)
    monkeypatch.setattr("cluster.audit.report.VIOLATIONS_MAX", 3)
    world = World([held(sold=True) for _ in range(9)], loose=[paid(order_of())], owed={"orders": [1]})
    report = audit(world, tmp_path)
    assert codes(report) == ["sold_unpaid"] * 4, "nor is anything else looked for"
    assert report.as_json()["complete"] is False


def test_a_refund_under_way_is_pending_until_it_takes_days(tmp_path: Path) -> None:
    order = order_of(status="cancelled", payment="refunding")
    late = paid(order)
    world = World([file_of(order, payments=(late,), hold=None)])
    world.attempts_known = [Attempt(order_id=order.id, stripe_id=late.id, returning_since=NOW, refunds=1)]
    report = audit(world, tmp_path)
    assert (report.proven, report.pending) == (True, {"refund_under_way": 1})
    (tmp_path / "till").unlink()
    world.attempts_known = [replace(world.attempts_known[0], returning_since=NOW - timedelta(days=9))]
    assert codes(audit(world, tmp_path)) == ["refund_overdue"]


def test_a_ticket_held_by_an_order_for_another_one_is_named_as_such(tmp_path: Path) -> None:
    honest, free = sold(), held(hold=None)
    assert honest.ticket and free.ticket
    taken = replace(free, ticket=replace(free.ticket, hold=replace(honest.ticket.hold, number=2)))
    taken = replace(taken, orders=(replace(free.orders[0], status="cancelled"), *free.orders[1:]))
    report = audit(World([honest, taken]), tmp_path)
    assert codes(report) == ["hold_of_other_ticket"]
    assert f"for ticket {honest.ticket_id}" in report.violations[0].sentence


def test_an_order_that_was_lost_is_known_by_its_payment(tmp_path: Path) -> None:
    file, lost = held(), ObjectId()
    accounts = [Account(order_id=file.orders[0].id, status="open"), Account(order_id=lost, status="closed")]
    report = audit(World([file], accounts_kept=accounts), tmp_path)
    assert codes(report) == ["order_lost"]
    assert report.violations[0].documents == (f"orders/{lost}", f"payments/{lost}")


def test_a_payment_in_no_status_is_found(tmp_path: Path) -> None:
    file = held()
    world = World([file], accounts_kept=[Account(order_id=file.orders[0].id, status="opened")])
    assert codes(audit(world, tmp_path)) == ["unknown_status"]


def test_an_unpaid_order_that_nothing_will_end(tmp_path: Path) -> None:
    timed, untimed = ObjectId(), ObjectId()
    report = audit(World([held()], unpaid_long=[timed, untimed], timers={timed}), tmp_path)
    assert codes(report) == ["order_without_timer"]
    assert report.violations[0].documents == (f"orders/{untimed}", f"expiration/{untimed}")


def test_a_timer_that_has_just_rung_is_no_violation(tmp_path: Path) -> None:
    """The order is read unpaid; then its timer rings, the order ends, and the timer is gone when it is looked for."""
    world = World([held()], unpaid_long=[ObjectId()])
    report = audit(world, tmp_path, heal=world.unpaid_long.clear)
    assert (report.proven, report.looked_again) == (True, 1)


def test_a_sale_of_whose_money_nothing_is_kept(tmp_path: Path) -> None:
    kept, lost = sold(), sold()
    order_id = lost.orders[0].id
    report = audit(World([held(), kept, lost], unaccounted={order_id}), tmp_path)
    assert codes(report) == ["payment_lost"]
    assert report.violations[0].documents == (f"orders/{order_id}", f"payments/{order_id}")


def test_a_second_look_reads_a_few_documents_and_no_collection(tmp_path: Path) -> None:
    world = World([sold(sold=False), sold()])
    assert codes(audit(world, tmp_path)) == ["paid_unsold"]
    assert sorted(world.scans) == ["orders begun", "orders read", "tickets begun", "tickets read"]


def test_an_order_of_the_past_that_was_lost_is_missed(tmp_path: Path) -> None:
    file = held()
    world = World([replace(file, orders=file.orders[:1]), sold()])
    report = audit(world, tmp_path)
    assert codes(report) == ["order_missing"]
    assert report.violations[0].documents == (f"tickets/{file.ticket_id}",)


def test_an_order_that_was_under_way_is_looked_for_before_it_is_missed(tmp_path: Path) -> None:
    """Its ticket has granted it, and is read; the orders are read; then the order comes into being, and ends."""
    file = held()
    [holder, former] = file.orders
    world = World([replace(file, orders=(former,), ticket=replace(file.ticket, hold=None))])

    def heal() -> None:
        world.files = [replace(world.files[0], orders=(former, replace(holder, status="cancelled")))]

    assert audit(world, tmp_path, heal).proven
    assert "orders for tickets" in world.scans


def test_what_a_ticket_grants_while_it_is_looked_at_again_is_not_missed(tmp_path: Path) -> None:
    """Each look finds one hold more, whose order nobody knows of; and no look reads all orders for that."""
    wrong = held(sold=True)
    world = World([wrong])

    def grant() -> None:
        [file] = world.files
        ticket = file.ticket and replace(file.ticket, hold=None, holds=file.ticket.holds + 1)
        orders = tuple(replace(each, status="cancelled") for each in file.orders)
        world.files = [replace(file, ticket=ticket and replace(ticket, sold=False), orders=orders)]

    assert audit(world, tmp_path, grant).proven
    assert "orders for tickets" not in world.scans


def test_what_the_payments_service_says_that_it_took_is_compared_with_stripe(tmp_path: Path) -> None:
    file = sold()
    [order], [payment] = file.orders, file.payments[file.orders[0].id]
    account = Account(order_id=order.id, status="open", phases=("succeeded",), takings=((payment.id, 1999),))
    assert audit(World([file], accounts_kept=[account]), tmp_path).proven
    (tmp_path / "till").unlink()
    for cents in (1, 2_000):
        report = audit(World([file], accounts_kept=[replace(account, takings=((payment.id, cents),))]), tmp_path)
        assert codes(report) == ["amount_differs"]
        assert report.violations[0].documents == (f"payments/{order.id}", f"stripe/{payment.id}")
        (tmp_path / "till").unlink()


@pytest.mark.parametrize("takings", [(), (("pi_bogus", 1999),)])
def test_a_sale_of_whose_money_the_payments_service_does_not_know(
    tmp_path: Path, takings: tuple[tuple[str, int], ...]
) -> None:
    file = sold()
    account = Account(order_id=file.orders[0].id, status="open", phases=("failed",), takings=takings)
    report = audit(World([file], accounts_kept=[account]), tmp_path)
    assert codes(report) == ["payment_lost"]


def test_tickets_whose_orders_nobody_counted_are_counted_themselves(tmp_path: Path) -> None:
    file = held()
    [holder, _] = file.orders
    report = audit(World([replace(file, orders=(replace(holder, further_holds=None),)), sold()]), tmp_path)
    assert (report.proven, report.as_json()["tickets"]["uncounted"]) == (True, 1)


def test_all_tickets_are_read_before_the_first_order(tmp_path: Path) -> None:
    """What a ticket grants while the orders are read is no hold without an order."""
    world = World([held(), sold()])
    assert audit(world, tmp_path).proven
    assert world.scans == ["tickets begun", "tickets read", "orders begun", "orders read"]


def test_no_cursor_waits_for_second_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof_module, "SUSPECTS_MAX", 1)
    world = World([sold(sold=False) for _ in range(3)])

    def heal() -> None:
        assert {"orders read", "tickets read"} <= set(world.scans)

    assert codes(audit(world, tmp_path, heal)) == ["paid_unsold"] * 3


def test_stripe_is_asked_again_only_about_money_that_looks_wrong(tmp_path: Path) -> None:
    order = order_of(status="complete", payment="paid")
    twice = (paid(order), paid(order))
    world = World([sold(sold=False), file_of(order, payments=twice)])
    assert sorted(codes(audit(world, tmp_path))) == ["paid_twice", "paid_unsold"]
    assert set(world.looked_up) == {each.id for each in twice}


def test_what_is_sold_while_a_slow_look_goes_on_is_no_violation(tmp_path: Path) -> None:
    """The ticket is read unsold; then its buyer pays, and then its order is read: paid, and not sold."""
    unsold, world = held(), World()
    order = replace(unsold.orders[0], status="complete", payment="paid", stripe_id="pi_1", amount=1999)
    paid_for = replace(unsold, orders=(order, *unsold.orders[1:]), payments={order.id: (paid(order, id="pi_1"),)})
    world.files = [paid_for]

    def heal() -> None:
        if len(looks) == 1:
            world.files = [replace(paid_for, ticket=replace(paid_for.ticket, sold=True))]
        looks.append(1)

    looks: list[int] = []
    assert audit(world, tmp_path, heal, look_s=20).proven
    assert len(looks) == 2
