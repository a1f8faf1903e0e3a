"""Webhooks: what is signed, where it may go, when it is repeated, and when it is given up."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import psutil
import pytest
import stripe

from cluster.sandbox import webhooks
from cluster.sandbox.deliverer import BACKOFF_MAX_S, GIVE_UP_S, HELD_MAX_S, Deliverer, backoff_s
from cluster.sandbox.endpoint import Call
from cluster.sandbox.endpoints import webhook_endpoints
from cluster.sandbox.errors import RefusedError
from cluster.sandbox.faults import Faults, Rule
from cluster.sandbox.filters import Filter
from cluster.sandbox.service import Service
from cluster.sandbox.shapes import Cause, Json
from cluster.sandbox.store import Store
from tests.unit.sandbox.given import intent

NOW = 1_800_000_000
URL = "http://127.0.0.1:9/hook"
SECRET = "whsec_1"


class Post:
    """A delivery service on a clock of its own, to an endpoint that answers as it is told."""

    def __init__(self, store: Store) -> None:
        self.now = float(NOW)
        self.answers: list[int | Exception] = []
        """What the next deliveries meet; 200 when it is empty."""

        self.sent: list[httpx.Request] = []
        self.faults = Faults()
        self.service = Service(store, lambda: self.now)
        self.client = httpx.AsyncClient(transport=httpx.MockTransport(self._answer))
        self.deliverer = Deliverer(self.service, self.faults, self.client)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        answer = self.answers.pop(0) if self.answers else 200
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer)

    def change(self, *ids: str) -> None:
        """Make one event for each id."""
        with self.service.store.transaction() as tx:
            for id_ in ids:
                Call(tx=tx, params={}, path={}, now=int(self.now), base_url="").put({**intent(), "id": id_})

    async def deliver(self) -> float | None:
        """Send what is due and wait for its end; when something is due next."""
        await self.deliverer.send_due()
        while self.deliverer.under_way:
            await self.deliverer.landed()
        with self.service.store.transaction() as tx:
            return tx.deliveries.next_due()

    def ids(self) -> list[str]:
        return [stripe.Event.construct_from(_json(one), "").data.object["id"] for one in self.sent]


def _json(request: httpx.Request) -> Json:
    found: Json = httpx.Response(200, content=request.content).json()
    return found


@pytest.fixture
async def post(tmp_path: Path) -> AsyncIterator[Post]:
    post = Post(Store(tmp_path / "sandbox.sqlite3"))
    with post.service.store.transaction() as tx:
        call = Call(tx=tx, params={}, path={}, now=NOW, base_url="")
        webhook_endpoints.set_command_line(call, URL, SECRET)
    yield post
    await post.client.aclose()
    post.service.close()


def test_the_signature_is_one_that_stripes_library_takes() -> None:
    body = webhooks.payload({"id": "evt_1", "object": "event", "pending_webhooks": 0}, 2)
    header = webhooks.signature(body, SECRET, NOW)
    assert header.startswith(f"t={NOW},v1=")
    assert stripe.WebhookSignature.verify_header(body.decode(), header, SECRET, tolerance=None)
    for other in (body + b" ", webhooks.payload({"id": "evt_1"}, 2)):
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.WebhookSignature.verify_header(other.decode(), header, SECRET, tolerance=None)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:80/a", "http://localhost/", "https://[::1]:8443/x?y=1", "http://127.8.9.1/"]
)
def test_this_machine_may_be_told(url: str) -> None:
    webhooks.check_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://198.51.100.7/",
        "http://0.0.0.0/",
        "http://[::]/",
        "http://localhost.test/",
        "ftp://127.0.0.1/",
        "http://a@127.0.0.1/",
        "",
    ],
)
def test_others_may_not(url: str) -> None:
    with pytest.raises(RefusedError, match="this machine only"):
        webhooks.check_url(url)


def test_so_may_this_machine_by_any_of_its_addresses() -> None:
    found = [each.address for addresses in psutil.net_if_addrs().values() for each in addresses]
    for address in (each for each in found if each.count(".") == 3):
        webhooks.check_url(f"http://{address}:8000/api/payments/webhook")


def test_waiting_grows_to_an_hour() -> None:
    assert [backoff_s(failures) for failures in (1, 2, 3, 4)] == [1, 2, 4, 8]
    assert backoff_s(1000) == BACKOFF_MAX_S


async def test_what_arrived_is_forgotten(post: Post) -> None:
    post.change("pi_1")
    assert await post.deliver() is None
    (sent,) = post.sent
    assert str(sent.url) == URL
    assert stripe.WebhookSignature.verify_header(
        sent.content.decode(), sent.headers["stripe-signature"], SECRET, tolerance=None
    )
    assert _json(sent)["pending_webhooks"] == 1
    assert await post.deliver() is None
    assert len(post.sent) == 1


@pytest.mark.parametrize("failure", [500, 301, 404, httpx.ReadTimeout("late"), httpx.ConnectError("nobody there")])
async def test_what_failed_is_sent_again_later(post: Post, failure: int | Exception) -> None:
    post.answers = [failure, failure]
    post.change("pi_1")
    assert await post.deliver() == NOW + 1
    assert await post.deliver() == NOW + 1
    post.now += 1
    assert await post.deliver() == NOW + 3
    post.now += 2
    assert await post.deliver() is None
    assert post.ids() == ["pi_1"] * 3


async def test_after_three_days_it_is_given_up(post: Post) -> None:
    post.answers = [500, 500]
    post.change("pi_1")
    await post.deliver()
    post.now += GIVE_UP_S + 1
    assert await post.deliver() is None
    assert len(post.sent) == 2


async def test_an_endpoint_that_is_gone_gets_nothing(post: Post) -> None:
    post.answers = [500]
    post.change("pi_1")
    await post.deliver()
    with post.service.store.transaction() as tx:
        webhook_endpoints.set_command_line(Call(tx=tx, params={}, path={}, now=NOW, base_url=""), None, "")
    post.now += 60
    assert await post.deliver() is None
    assert len(post.sent) == 1


async def test_a_held_one_waits_for_another_but_not_for_ever(post: Post) -> None:
    post.faults.arm("fault_1", Rule(effect="webhook_reorder"))
    post.change("pi_1")
    assert await post.deliver() == NOW + HELD_MAX_S
    assert post.ids() == []
    post.change("pi_2")
    await post.deliver()
    await post.deliver()
    assert post.ids() == ["pi_2", "pi_1"]


async def test_a_delayed_one_comes_when_it_is_due(post: Post) -> None:
    post.faults.arm("fault_1", Rule(effect="webhook_delay", seconds=7))
    post.change("pi_1")
    assert await post.deliver() == NOW + 7
    post.now += 7
    assert await post.deliver() is None
    assert post.ids() == ["pi_1"]


async def test_events_are_kept_for_thirty_days_and_not_without_bound(post: Post) -> None:
    post.change("pi_1", "pi_2", "pi_3")
    with post.service.store.transaction() as tx:
        tx.forget_events(NOW, 2)
        left = [event["data"]["object"]["id"] for event in tx.page(Filter(kind="event"), 10)]
        tx.deliveries.forget_orphans()
        waiting = tx.deliveries.count()
        tx.forget_events(NOW + 1, 2)
        assert (left, waiting, tx.page(Filter(kind="event"), 10)) == (["pi_3", "pi_2"], 2, [])


def test_a_call_by_nobody_names_nobody(tmp_path: Path) -> None:
    store = Store(tmp_path / "sandbox.sqlite3")
    with store.transaction() as tx:
        for cause in (Cause(), Cause("req_1", "key")):
            Call(tx=tx, params={}, path={}, now=NOW, base_url="", cause=cause).put(
                {**intent(), "id": f"pi_{cause.request_id}"}
            )
        told = [event["request"] for event in tx.page(Filter(kind="event"), 10)]
    store.close()
    assert told == [{"id": "req_1", "idempotency_key": "key"}, {"id": None, "idempotency_key": None}]
