"""The people of the contract tests, and what they do all the time. They know the office by its address alone."""

import itertools
import json
import time
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import jwt
from bson import ObjectId

from tests.tls import TLS

Json = dict[str, Any]

NOWHERE = "0" * 24
"""An id that nothing has."""

_numbers = itertools.count()


def new_key() -> str:
    return f"key-{uuid4()}"


def new_email() -> str:
    return f"ada-{uuid4().hex[:12]}@example.com"


def error(code: str, message: str, **more: str) -> Json:
    """The body of a refusal for one reason."""
    return {"errors": [{"code": code, "message": message, **more}]}


def refused(answer: httpx.Response) -> tuple[int, list[tuple[str, str | None]]]:
    """The status of a refusal and the code and field of every reason; fails where the shape is not the contract's."""
    body = answer.json()
    assert body.keys() == {"errors"}, body
    for reason in body["errors"]:
        assert reason.keys() <= {"message", "field", "code", "orderId"}, reason
        assert reason["message"], reason
    return answer.status_code, [(reason["code"], reason.get("field")) for reason in body["errors"]]


def send(client: httpx.Client, method: str, path: str, body: Any = None, key: str | None = None) -> httpx.Response:
    """A request with a JSON body; unlike httpx itself it can also send half a character."""
    headers = {"Content-Type": "application/json"} | ({"Idempotency-Key": key} if key else {})
    return client.request(method, path, content=None if body is None else json.dumps(body), headers=headers)


@dataclass
class Person:
    """Somebody with a session that was signed with the office's key."""

    user_id: str
    email: str
    client: httpx.Client

    def get(self, path: str) -> httpx.Response:
        return self.client.get(path)

    def post(self, path: str, body: Any = None, key: str | None = None) -> httpx.Response:
        return send(self.client, "POST", path, body, key)

    def put(self, path: str, body: Any, key: str | None = None) -> httpx.Response:
        return send(self.client, "PUT", path, body, key)

    def delete(self, path: str, key: str | None = None) -> httpx.Response:
        return send(self.client, "DELETE", path, None, key)

    def sells(self, title: str = "", price: float | str = 20.5) -> Json:
        """A ticket of this person's."""
        answer = self.post("/api/tickets", {"title": title or f"Seat {next(_numbers)}", "price": price})
        return created(answer)

    def reserves(self, ticket: Json) -> Json:
        """The order for a ticket that is free."""
        return created(self.post("/api/orders", {"ticketId": ticket["id"]}))

    def tries(self, ticket: Json) -> httpx.Response:
        return self.post("/api/orders", {"ticketId": ticket["id"]})

    def pays(self, order: Json, method: str = "pm_card_visa", key: str | None = None) -> httpx.Response:
        return self.post("/api/payments", {"orderId": order["id"], "paymentMethod": method}, key)

    def order(self, order: Json) -> Json:
        """The order as it is now."""
        answer = self.get(f"/api/orders/{order['id']}")
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found


def created(answer: httpx.Response) -> Json:
    assert answer.status_code == 201, answer.text
    body: Json = answer.json()
    return body


def session_token(key: str, claims: Json) -> str:
    """A session as the office signs it; `claims` replace or add some, None removes one."""
    now = int(time.time())
    all_claims = {"sub": "a" * 24, "email": "ada@example.com", "iat": now, "exp": now + 3600, **claims}
    return jwt.encode({name: value for name, value in all_claims.items() if value is not None}, key, "HS256")


def new_person(url: str, jwt_key: str) -> Person:
    """Somebody the office has not seen; the caller closes the client."""
    user_id, email = str(ObjectId()), new_email()
    client = httpx.Client(base_url=url, timeout=60, verify=TLS)
    client.cookies.set("session", session_token(jwt_key, {"sub": user_id, "email": email}))
    return Person(user_id, email, client)
