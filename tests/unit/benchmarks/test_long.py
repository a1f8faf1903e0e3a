"""The pure parts of the long benchmarks: stories on paper, figures, thirds, curves."""

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest

from actors.contract import EXPIRATION, ORDERS, TICKETS
from actors.expiration import ExpirationBehaviour
from actors.order import OrderBehaviour
from actors.payment import PaymentBehaviour
from actors.ticket import TicketBehaviour
from tests.benchmarks.long.curves import Panel, picture
from tests.benchmarks.long.figure import Figure
from tests.benchmarks.long.paper import PaperOffice
from tests.benchmarks.long.seeds import reserved
from tests.benchmarks.long.soak import Sample, thirds

NOW = datetime(2026, 1, 1, tzinfo=UTC)
WINDOW = timedelta(minutes=15)


def paper_office() -> PaperOffice:
    rules = [TicketBehaviour(), OrderBehaviour(WINDOW), ExpirationBehaviour(), PaymentBehaviour()]
    return PaperOffice({each.service: each for each in rules})


def test_a_reservation_on_paper_leaves_a_hold_an_open_order_and_a_timer() -> None:
    office = paper_office()
    reserved(office, 0, NOW)
    documents = office.documents()
    [ticket], [order], [timer] = (documents[service] for service in (TICKETS, ORDERS, EXPIRATION))
    assert (ticket["hold"]["orderId"], order["status"]) == (order["_id"], "created")
    assert (timer["_id"], timer["due"]) == (order["_id"], NOW + WINDOW)
    assert not any("outbox" in each for found in documents.values() for each in found)


@pytest.mark.parametrize(
    ("value", "more_is_better", "met", "aimed"),
    [(3, False, True, True), (5, False, True, False), (6.1, False, False, False), (6.1, True, True, True)],
)
def test_a_figure_knows_whether_it_is_good_enough(value: float, more_is_better: bool, met: bool, aimed: bool) -> None:
    figure = Figure(what="", value=value, unit="s", must=6, aim=3, more_is_better=more_is_better)
    assert (figure.is_met, figure.is_aim_met) == (met, aimed)


def test_a_figure_without_bounds_is_only_told() -> None:
    assert Figure(what="", value=1e9, unit="s").is_met


@pytest.mark.parametrize(("count", "firsts"), [(1, (0, 0, 0)), (4, (0, 1, 2)), (9, (0, 3, 6)), (20, (0, 6, 13))])
def test_thirds_begin_at_the_start_in_the_middle_and_near_the_end(count: int, firsts: tuple[int, ...]) -> None:
    samples = [Sample(at_s=n, granted=0, refused=0, left=0, mib={}) for n in range(count)]
    assert tuple(third[0].at_s for third in thirds(samples)) == firsts
    assert thirds(samples)[-1][-1] is samples[-1]


def test_curves_are_a_picture_with_a_line_for_each() -> None:
    drawn = ElementTree.fromstring(picture([Panel("a < b", {"one": [(0, 1), (30, 2)], "two": [(30, 2)]})]))
    assert len(drawn.findall(".//{http://www.w3.org/2000/svg}polyline")) == 2
