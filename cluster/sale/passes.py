"""Sessions for a crowd: made with the key of one's own copy, or by signing everybody up."""

import asyncio
from dataclasses import dataclass

from bson import ObjectId

from actors.contract import EMAIL_IN_USE
from actors.runtime.clock import SystemClock
from cluster.local.errors import ProofError
from cluster.sale.shop import Shop
from cluster.sale.shown import made_id
from cluster.sale.steps import code_of, show_me, sign_up
from serve_app.sessions import Sessions

ADDRESSES_MAX = 5
"""So many addresses are tried for one account."""


@dataclass(frozen=True, slots=True)
class Pass:
    """Somebody who is signed in."""

    user_id: ObjectId
    session: str


def made(count: int, jwt_key: str) -> list[Pass]:
    """`count` people nobody has signed up: a session alone says who is asking."""
    sessions = Sessions(jwt_key, SystemClock(), secure=False)
    people = [ObjectId() for _ in range(count)]
    return [Pass(each, _token(sessions.opened(each, f"{each}@sale.example.com"))) for each in people]


async def demand_known(somebody: Pass, shop: Shop) -> None:
    """See that the marketplace signs its sessions with the key that made this one.

    Raises:
        ProofError: it does not know him, or does not answer.
    """
    answer = await shop.ask(show_me(), somebody.session)
    if answer.status != 200 or "currentUser" not in answer.body:
        raise ProofError(f"{shop.url} does not say who is asking ({answer.words}).", "Look whether it is ready.")
    if not answer.body["currentUser"]:
        sentence = f"{shop.url} does not know a session that was signed here."
        raise ProofError(sentence, "Give the key that it was started with in JWT_KEY.")


async def signed_up(count: int, shop: Shop) -> list[Pass]:
    """`count` new accounts.

    Raises:
        ProofError: an account could not be opened.
    """
    return await asyncio.gather(*(_sign_up(shop) for _ in range(count)))


async def _sign_up(shop: Shop) -> Pass:
    """One new account. Sign-up knows no keys: whose answer was lost hears, asking again, that his address is in use."""
    words = ""
    for _ in range(ADDRESSES_MAX):
        answer = await shop.ask(sign_up(f"{ObjectId()}@sale.example.com", str(ObjectId())))
        if answer.status == 201:
            return Pass(made_id(shop.url, answer.body), answer.cookie)
        words = answer.words
        if code_of(answer.body) != EMAIL_IN_USE.code:
            break
    raise ProofError(f"Nobody could be signed up at {shop.url} ({words}).", "Look whether it is ready.")


def _token(cookie: str) -> str:
    return cookie.partition(";")[0].partition("=")[2]
