"""serve_app.api.users, sessions, passwords and attempts."""

import asyncio
import logging

import httpx
import jwt
import pytest
from bson import ObjectId
from limits import RateLimitItemPerMinute
from pymongo.errors import AutoReconnect
from starlette.requests import Request

from actors.contract import OutcomeUnknown, Overloaded, SignUp
from serve_app import attempts as attempts_module, passwords
from serve_app.attempts import Attempts, client_of
from serve_app.passwords import WAITING_MAX, Passwords
from serve_app.refusals import UNKNOWN_SIGN_UP, ApiError
from tests.unit.api.fakes import KEY, FakeOffice, until

ADA = {"email": "ada@example.com", "password": "correct horse"}
argon2, EXPENSIVE, NOBODYS = passwords.argon2, passwords._HASHER, passwords._NOBODY
WRONG = {**ADA, "password": "wrong horse"}


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash in a millisecond."""
    cheap = passwords.argon2.using(type="ID", memory_cost=8, time_cost=1, parallelism=1)
    monkeypatch.setattr(passwords, "_HASHER", cheap)
    monkeypatch.setattr(passwords, "_NOBODY", cheap.hash("nobody"))


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["code"]


async def test_up_out_and_in_again() -> None:
    async with FakeOffice().client() as client:
        ada = await client.post("/api/users/signup", json=ADA)
        assert (ada.status_code, ada.json()["email"]) == (201, "ada@example.com")
        assert (await client.get("/api/users/currentuser")).json() == {"currentUser": ada.json()}
        assert (await client.post("/api/users/signout")).status_code == 200
        assert (await client.get("/api/users/currentuser")).json() == {"currentUser": None}
        again = await client.post("/api/users/signin", json={**ADA, "email": " ADA@example.com"})
        assert (again.status_code, again.json()) == (200, ada.json())


async def test_only_the_hash_of_a_password_is_kept() -> None:
    office = FakeOffice()
    async with office.client() as client:
        await client.post("/api/users/signup", json=ADA)
    assert office.database["auth"].documents["ada@example.com"]["passwordHash"].startswith("$argon2id$")


async def test_cookies_are_secure_behind_tls() -> None:
    async with FakeOffice(secure_cookies=True).client() as client:
        answer = await client.post("/api/users/signup", json=ADA)
    assert answer.headers["set-cookie"].endswith("; Max-Age=604800; HttpOnly; Path=/; SameSite=Lax; Secure")


async def test_a_session_ends_after_seven_days() -> None:
    office = FakeOffice()
    async with office.client(ObjectId()) as client:
        office.clock.advance(days=7, seconds=-1)
        assert (await client.get("/api/orders")).status_code == 200
        office.clock.advance(seconds=1)
        assert code(await client.get("/api/orders")) == (401, "not_signed_in")


@pytest.mark.parametrize(
    "token",
    [
        jwt.encode({"sub": "0" * 24, "email": "a", "iat": 1}, KEY),
        jwt.encode({"sub": "x"}, KEY * 2),
        "",
        "a.b.c",
        *(
            jwt.encode({"sub": "0" * 24, "email": "a", "iat": 1, "exp": exp}, KEY)
            for exp in (float("inf"), float("-inf"), float("nan"), 10**400, -(10**400), 1e300, "inf", [])
        ),
    ],
)
async def test_anything_wrong_with_a_session_is_not_signed_in(token: str) -> None:
    async with FakeOffice().client() as client:
        client.cookies.set("session", token)
        assert (await client.get("/api/users/currentuser")).json() == {"currentUser": None}


@pytest.mark.parametrize(
    ("reply", "refusal"),
    [(Overloaded(reason="full", retry_after_s=2), "overloaded"), (OutcomeUnknown(reason="lost"), "outcome_unknown")],
)
async def test_signing_up_when_the_actors_do_not_answer(reply: Overloaded | OutcomeUnknown, refusal: str) -> None:
    office = FakeOffice()
    office.actors.answer(SignUp, reply)
    async with office.client() as client:
        answer = await client.post("/api/users/signup", json=ADA)
    assert code(answer) == (503, refusal)
    assert answer.headers["retry-after"] == ("2" if refusal == "overloaded" else "1")


async def test_who_signs_up_and_hears_no_answer_is_told_how_to_find_out() -> None:
    office = FakeOffice()
    office.actors.answer(SignUp, OutcomeUnknown(reason="lost"))
    async with office.client() as client:
        answers = [
            await client.post("/api/users/signup", json=ADA, headers=key) for key in ({}, {"Idempotency-Key": "k"})
        ]
    assert [each.json()["errors"][0]["message"] for each in answers] == [UNKNOWN_SIGN_UP.message] * 2


async def test_ten_failures_a_minute_account_and_client() -> None:
    async with FakeOffice().client() as client:
        await client.post("/api/users/signup", json=ADA)
        for _ in range(10):
            assert code(await client.post("/api/users/signin", json=WRONG)) == (400, "wrong_credentials")

        answer = await client.post("/api/users/signin", json=ADA)

        assert code(answer) == (429, "too_many_attempts")
        assert 1 <= int(answer.headers["retry-after"]) <= 60
        nobody = await client.post("/api/users/signin", json={**ADA, "email": "eve@example.com"})
        assert code(nobody) == (400, "wrong_credentials")


async def test_nobody_keeps_an_account_from_its_owner() -> None:
    office = FakeOffice()
    async with office.client(address="93.184.216.34") as eve, office.client(address="93.184.216.35") as ada:
        assert (await ada.post("/api/users/signup", json=ADA)).status_code == 201
        for _ in range(11):
            answer = await eve.post("/api/users/signin", json=WRONG)
        assert code(answer) == (429, "too_many_attempts")
        assert (await ada.post("/api/users/signin", json=ADA)).status_code == 200


async def test_100_failures_a_minute_and_account() -> None:
    attempts = Attempts()
    for n in range(100):
        await attempts.check(f"93.184.216.{n}", "ada@example.com")
        await attempts.failed(f"93.184.216.{n}", "ada@example.com")
    with pytest.raises(ApiError, match="too_many_attempts"):
        await attempts.check("93.184.217.1", "ada@example.com")
    await attempts.check("93.184.217.1", "eve@example.com")


async def test_clients_that_cannot_be_told_apart_are_counted_by_account_alone() -> None:
    attempts = Attempts()
    for n in range(300):
        await attempts.failed(None, f"{n % 30}@example.com")
    for n in range(30):
        with pytest.raises(ApiError, match="too_many_attempts"):
            await attempts.check(None, f"{n}@example.com")
        await attempts.check("93.184.216.34", f"{n}@example.com")
    await attempts.check(None, "ada@example.com")


async def test_of_many_attempts_at_once_no_more_pass() -> None:
    async with FakeOffice().client() as client:
        answers = await asyncio.gather(*(client.post("/api/users/signin", json=WRONG) for _ in range(50)))
    tried = [answer for answer in answers if answer.status_code == 400]
    assert 10 <= len(tried) <= 10 + passwords.THREADS


async def test_successes_do_not_count() -> None:
    async with FakeOffice().client() as client:
        await client.post("/api/users/signup", json=ADA)
        answers = [await client.post("/api/users/signin", json=ADA) for _ in range(15)]
    assert {answer.status_code for answer in answers} == {200}


async def test_300_failures_a_minute_and_client() -> None:
    attempts = Attempts()
    for n in range(300):
        await attempts.failed("93.184.216.34", f"{n}@example.com")
    with pytest.raises(ApiError, match="too_many_attempts"):
        await attempts.check("93.184.216.34", "ada@example.com")
    await attempts.check("93.184.216.35", "ada@example.com")
    await attempts.check(None, "ada@example.com")


async def test_signing_up_finds_out_no_more_addresses_than_signing_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts_module, "PER_CLIENT", RateLimitItemPerMinute(3))
    office = FakeOffice()
    async with office.client(address="93.184.216.34") as curious, office.client(address="93.184.216.35") as ada:
        assert (await ada.post("/api/users/signup", json=ADA)).status_code == 201
        for _ in range(3):
            assert code(await curious.post("/api/users/signup", json=ADA)) == (400, "email_in_use")
        for path in ("signup", "signin"):
            assert code(await curious.post(f"/api/users/{path}", json=ADA)) == (429, "too_many_attempts")
        assert (await ada.post("/api/users/signin", json=ADA)).status_code == 200


async def test_who_hangs_up_has_tried_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, counted, goes_on = [], [], asyncio.Event()
    count = Attempts.failed

    async def verify(_: Passwords, password: str, __: str | None) -> bool:
        begun.append(password)
        await goes_on.wait()
        return False

    async def failed(attempts: Attempts, client: str | None, email: str | None = None) -> None:
        counted.append(email)
        await count(attempts, client, email)

    monkeypatch.setattr(Passwords, "verify", verify)
    monkeypatch.setattr(Attempts, "failed", failed)
    async with FakeOffice().client() as client:
        for tried in range(1, 11):
            goes_on.clear()
            impatient = asyncio.create_task(client.post("/api/users/signin", json=WRONG))
            await until("a hash is made", lambda tried=tried: len(begun) == tried)
            impatient.cancel()
            goes_on.set()
            await until("it counts", lambda tried=tried: len(counted) == tried)
        assert code(await client.post("/api/users/signin", json=WRONG)) == (429, "too_many_attempts")


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [("93.184.216.34", None, "93.184.216.34"), ("93.184.216.34", "198.51.100.1", "93.184.216.34"),
     ("127.0.0.1", None, None),
     ("127.0.0.1", "198.51.100.1", "198.51.100.1"), ("10.0.0.7", "6.6.6.6, 198.51.100.1", "198.51.100.1"),
     ("10.0.0.7", None, None), ("100.64.0.7", None, None), ("fd00::7", None, None),
     ("127.0.0.1", "nonsense", None), ("", None, None),
     ("127.0.0.1", "198.51.100.1\n203.0.113.9", "203.0.113.9"), ("127.0.0.1", "6.6.6.6\n", None),
     ("2600:1406:1:2:3:4:5:6", None, "2600:1406:1:2::/64"), ("::1", "2001:db8:1:2::7", "2001:db8:1:2::/64"),
     ("::ffff:93.184.216.34", None, "93.184.216.34"), ("::ffff:127.0.0.1", "198.51.100.1", "198.51.100.1")],
)  # fmt: skip
def test_who_the_client_is(peer: str, forwarded: str | None, client: str | None) -> None:
    headers = [(b"x-forwarded-for", line.encode()) for line in forwarded.split("\n")] if forwarded else []
    assert client_of(Request({"type": "http", "headers": headers, "client": (peer, 1)})) == client


async def test_an_account_or_none_costs_a_hash_each(monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[tuple[str, bool]] = []
    real = passwords.argon2.verify

    def verify(password: str, stored: str) -> bool:
        hashed.append((password, stored.startswith("$argon2id$")))
        return bool(real(password, stored))

    monkeypatch.setattr(passwords.argon2, "verify", verify)
    async with FakeOffice().client() as client:
        await client.post("/api/users/signup", json=ADA)
        for email in ("ada@example.com", "eve@example.com", "nobody", "x" * 1000):
            answer = await client.post("/api/users/signin", json={**WRONG, "email": email})
            assert code(answer) == (400, "wrong_credentials")
    assert hashed == [("wrong horse", True)] * 4


def test_nobodys_hash_takes_as_long_as_anybodys() -> None:
    kept, nobodys = (argon2.from_string(each) for each in (EXPENSIVE.hash("x"), NOBODYS))
    for cost in ("type", "memory_cost", "rounds", "parallelism"):
        assert getattr(kept, cost) == getattr(nobodys, cost)


async def test_a_hash_that_is_none_or_a_strange_password_is_just_wrong() -> None:
    hasher = Passwords()
    assert await hasher.verify("correct horse", "not a hash") is False
    assert await hasher.verify("nul\0inside", await hasher.hash("nul\0inside")) is True


async def test_too_many_who_wait_for_a_hash_are_told() -> None:
    hasher, leave = Passwords(), asyncio.Event()

    async def wait() -> None:
        async with hasher.turn():
            await leave.wait()

    waiting = [asyncio.ensure_future(wait()) for _ in range(passwords.THREADS + WAITING_MAX)]
    await asyncio.sleep(0)
    with pytest.raises(ApiError, match="overloaded"):
        async with hasher.turn():
            pass
    leave.set()
    await asyncio.gather(*waiting)
    async with hasher.turn():
        pass


async def test_a_database_that_fails_at_sign_in(caplog: pytest.LogCaptureFixture) -> None:
    office = FakeOffice()
    with office.broken(AutoReconnect("gone")):
        async with office.client() as client:
            assert code(await client.post("/api/users/signin", json=ADA)) == (503, "database_unavailable")
    assert [each.levelno for each in caplog.records] == [logging.WARNING]
