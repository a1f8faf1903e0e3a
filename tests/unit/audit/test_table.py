"""The audit for people."""

from collections import Counter

from rich.console import Console

from cluster.audit.report import Report
from cluster.audit.table import SHOWN_MAX, render
from cluster.audit.violation import Violation


def shown(report: Report, width: int = 160) -> str:
    console = Console(width=width)
    with console.capture() as capture:
        console.print(render(report))
    return capture.get()


def test_a_proof_says_what_it_looked_at() -> None:
    orders = Counter({"complete": 2, "cancelled": 1})
    words = shown(Report(tickets=1200, sold=2, held=3, orders=orders, pending=Counter(refund_under_way=4)))
    assert "1,200" in words
    assert "2 sold, 3 held, 1,195 free" in words
    assert "refunds under way" in words
    assert "Proven: nothing oversold, nothing lost, every payment accounted for" in words


def test_a_proof_does_not_speak_for_payments_that_nobody_judged() -> None:
    words = shown(Report(payments=3, foreign=3))
    assert "3 name no order and were not judged" in words
    assert "every payment that names an order accounted for" in words


def test_violations_are_named_with_their_documents_and_bounded() -> None:
    some = [Violation("oversold", "Two [have] it.", (f"tickets/{n}", "orders/x")) for n in range(SHOWN_MAX + 5)]
    words = shown(Report(violations=some))
    assert "Disproven" in words
    assert "Two [have] it." in words
    assert "tickets/0" in words
    assert f"tickets/{SHOWN_MAX}" not in words
    assert "and 5 more" in words


def test_one_violation_shows_so_many_documents_at_the_most() -> None:
    names = tuple(f"orders/{n:024}" for n in range(1_000))
    words = shown(Report(violations=[Violation("hold_number_repeated", "All have it.", names)]))
    assert names[19] in words
    assert names[20] not in words
    assert "and 980 more: see --json" in words
    assert "1 violation\n" in "\n".join(line.rstrip() for line in words.splitlines())


def test_ids_stay_whole_however_narrow_it_is() -> None:
    names = (f"orders/{'a' * 24}", f"tickets/{'b' * 24}", f"stripe/pi_{'c' * 24}")
    found = Report(violations=[Violation("acknowledged_lost", "It was acknowledged and is gone.", names)])
    for width in (80, 40):
        assert set(names) <= {line.strip() for line in shown(found, width).splitlines()}
