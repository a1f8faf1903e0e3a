"""Sends buyers' moves over Locust's connections, and tells its statistics what became of them."""

from functools import cache
from typing import Any

import gevent
from bson import ObjectId
from locust.exception import StopTest

from actors.contract import EMAIL_IN_USE
from cluster.audit.sources import folder_of
from cluster.local.errors import ProofError
from cluster.sale.passes import ADDRESSES_MAX, made
from cluster.sale.patience import TRIES_MAX, pause_s
from cluster.sale.place import place
from cluster.sale.steps import code_of, headers_of, read_answer, sign_up
from cluster.sale.visit import Move

BUYING = ("reserve", "pay", "cancel")

Http = Any
"""A `FastHttpSession`; Locust is not installed where types are checked."""


def own_url() -> str | None:
    """The marketplace that runs here, if one does."""
    try:
        return place(folder_of(None), None, really=False).url
    except ProofError:
        return None


@cache
def jwt_key(url: str) -> str | None:
    """What signs sessions there, if this machine knows it."""
    return place(folder_of(None), url, really=True).jwt_key


def signed_in(http: Http, url: str) -> str:
    """The session of somebody new; empty where he had to sign up, for then his connection keeps the cookie.

    Raises:
        StopTest: he could not sign up.
    """
    if key := jwt_key(url):
        return made(1, key)[0].session
    for _ in range(ADDRESSES_MAX):
        move = Move(step=sign_up(f"{ObjectId()}@sale.example.com", str(ObjectId())), key="")
        make(http, move, session="")
        if move.answer.status == 201:
            return ""
        if code_of(move.answer.body) != EMAIL_IN_USE.code:  # that would be his own, by an answer that was lost
            break
    raise StopTest(f"Nobody could be signed up at {url}: look whether it is ready.")


def make(http: Http, move: Move, session: str) -> None:
    """Send it until its answer tells something, and put the answer into it."""
    step, headers = move.step, headers_of(session, move.key)
    # Whoever would follow a redirect would load a machine that nobody named.
    how = {"json": step.body, "headers": headers, "allow_redirects": False, "catch_response": True}
    for _ in range(TRIES_MAX):
        with http.request(step.method, step.path, name=step.name, **how) as response:
            move.answer = read_answer(response.status_code, response.content or b"")
            _report(response, move)
        if not move.answer.tells_nothing:
            return
        gevent.sleep(pause_s((response.headers or {}).get("Retry-After")))


def _report(response: Any, move: Move) -> None:  # noqa: ANN401 - Locust's own
    """Statistics name the outcome, so that refusals do not pass for sales; what prepares is judged by its status."""
    if move.step.name not in BUYING:
        return
    response.request_meta["name"] = f"{move.step.name}: {'again' if move.is_repetition else move.became}"
    if move.is_good:
        response.success()
    else:
        response.failure(f"{move.answer.status} {dict(move.answer.body) or 'tells nothing'}")
