"""API.md, /api/users: signing up, in and out, and who is signed in."""

from concurrent.futures import ThreadPoolExecutor
from http.cookies import SimpleCookie

import httpx
import jwt
import pytest

from tests.integration.contract.people import error, new_email, refused, send, session_token
from tests.integration.office import Office

# What no ticket and no order decides is the same under both placements: one will do.
pytestmark = pytest.mark.parametrize("office", ["shared"], indirect=True, scope="session")

PASSWORD = "correct horse"
WRONG = error("wrong_credentials", "The e-mail address or the password is wrong")


def sign_up(client: httpx.Client, email: object, password: object = PASSWORD) -> httpx.Response:
    return send(client, "POST", "/api/users/signup", {"email": email, "password": password})


def sign_in(client: httpx.Client, email: object, password: object = PASSWORD) -> httpx.Response:
    return send(client, "POST", "/api/users/signin", {"email": email, "password": password})


def current(client: httpx.Client) -> object:
    answer = client.get("/api/users/currentuser")
    assert answer.status_code == 200
    assert answer.json().keys() == {"currentUser"}
    return answer.json()["currentUser"]


def cookie_of(answer: httpx.Response) -> dict[str, str]:
    """The attributes of the session cookie that came with an answer."""
    morsel = SimpleCookie(answer.headers["set-cookie"])["session"]
    return {name: value for name, value in morsel.items() if value}


def test_signing_up_answers_the_account_and_signs_in(anyone: httpx.Client) -> None:
    email = new_email()

    answer = sign_up(anyone, email)

    assert answer.status_code == 201
    assert answer.json() == {"id": answer.json()["id"], "email": email}
    assert len(bytes.fromhex(answer.json()["id"])) == 12
    assert current(anyone) == answer.json()


def test_the_session_cookie(anyone: httpx.Client, office: Office) -> None:
    answer = sign_up(anyone, new_email())

    assert cookie_of(answer) == {"path": "/", "max-age": "604800", "httponly": True, "samesite": "Lax"}
    claims = jwt.decode(answer.cookies["session"], office.jwt_key, ["HS256"])
    assert claims.keys() == {"sub", "email", "iat", "exp"}
    assert claims["sub"] == answer.json()["id"]
    assert claims["exp"] - claims["iat"] == 604800


@pytest.mark.parametrize(
    "email", ["", "ada", "ada@", "@example.com", "ada@nodot", "a b@example.com", None, 7, ["a@b.com"],
              "ada\ud800@example.com", "ada\0@example.com", "a" * 250 + "@example.com"]
)  # fmt: skip
def test_signing_up_with_a_bad_address(anyone: httpx.Client, email: object) -> None:
    assert refused(sign_up(anyone, email)) == (400, [("invalid_email", "email")])


@pytest.mark.parametrize("password", ["", "7 chars", "x" * 129, None, 12345678, {}, "eight\ud800bad"])
def test_signing_up_with_a_bad_password(anyone: httpx.Client, password: object) -> None:
    assert refused(sign_up(anyone, new_email(), password)) == (400, [("invalid_password", "password")])


@pytest.mark.parametrize("password", ["8 chars!", "x" * 128])
def test_the_shortest_and_the_longest_password(anyone: httpx.Client, password: str) -> None:
    email = new_email()
    assert sign_up(anyone, email, password).status_code == 201
    assert sign_in(anyone, email, password).status_code == 200


def test_both_fields_bad_are_named_at_once(anyone: httpx.Client) -> None:
    answer = sign_up(anyone, "ada", "short")
    assert refused(answer) == (400, [("invalid_email", "email"), ("invalid_password", "password")])


def test_an_address_has_one_account_however_it_is_written(anyone: httpx.Client) -> None:
    email = new_email()
    assert sign_up(anyone, email).status_code == 201

    again = sign_up(anyone, f"  {email.upper()} ")

    assert (again.status_code, again.json()) == (400, error("email_in_use", "Email in use", field="email"))
    assert "set-cookie" not in again.headers


def test_racing_sign_ups_make_one_account(office: Office) -> None:
    email = new_email()

    def race(_: int) -> httpx.Response:
        with office.client() as client:
            return sign_up(client, email)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(race, range(8)))

    assert sorted(answer.status_code for answer in answers) == [201] + [400] * 7


def test_signing_in_answers_the_account(anyone: httpx.Client) -> None:
    email = new_email()
    account = sign_up(anyone, email).json()
    anyone.cookies.clear()

    answer = sign_in(anyone, email.title())

    assert (answer.status_code, answer.json()) == (200, account)
    assert cookie_of(answer)["httponly"]
    assert current(anyone) == account


def test_one_and_the_same_message_for_either_being_wrong(anyone: httpx.Client) -> None:
    email = new_email()
    sign_up(anyone, email)
    for answer in (sign_in(anyone, email, "wrong horse"), sign_in(anyone, new_email()), sign_in(anyone, "nobody")):
        assert (answer.status_code, answer.json()) == (400, WRONG)
        assert "set-cookie" not in answer.headers


def test_signing_in_without_words(anyone: httpx.Client) -> None:
    answer = anyone.post("/api/users/signin", json={"password": 1})
    assert refused(answer) == (400, [("invalid_email", "email"), ("invalid_password", "password")])


def test_too_many_attempts(anyone: httpx.Client) -> None:
    email = new_email()
    sign_up(anyone, email)
    answers = [sign_in(anyone, email, "wrong horse")]
    while answers[-1].status_code == 400:  # every replica counts for itself
        assert len(answers) < 100, "nobody stops a hundred attempts"
        answers.append(sign_in(anyone, email, "wrong horse"))

    assert len(answers) > 10
    assert refused(answers[-1]) == (429, [("too_many_attempts", None)])
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60


def test_signing_out_clears_the_cookie(anyone: httpx.Client) -> None:
    sign_up(anyone, new_email())

    answer = anyone.post("/api/users/signout")

    assert (answer.status_code, answer.json()) == (200, {})
    assert answer.headers["set-cookie"].startswith("session=; Max-Age=0;")
    assert current(anyone) is None


def test_signing_out_without_being_signed_in(anyone: httpx.Client) -> None:
    assert anyone.post("/api/users/signout", json={}).status_code == 200


def test_nobody_is_signed_in_without_a_session(anyone: httpx.Client) -> None:
    assert current(anyone) is None


@pytest.mark.parametrize(
    "claims",
    [{"exp": 1}, {"exp": None}, {"exp": "soon"}, {"sub": None}, {"sub": "me"}, {"email": None}, {"email": 7}],
    ids=str,
)
def test_a_session_with_wrong_claims_is_none(anyone: httpx.Client, office: Office, claims: dict[str, object]) -> None:
    anyone.cookies.set("session", session_token(office.jwt_key, claims))
    assert current(anyone) is None


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "%ff"])
def test_a_session_that_is_no_token_is_none(anyone: httpx.Client, token: str) -> None:
    answer = anyone.get("/api/users/currentuser", headers={"Cookie": f"session={token}"})
    assert (answer.status_code, answer.json()) == (200, {"currentUser": None})


def test_a_session_signed_by_another_or_by_nobody_is_none(anyone: httpx.Client) -> None:
    claims = {"sub": "a" * 24, "email": "ada@example.com", "iat": 1, "exp": 9999999999}
    for token in (jwt.encode(claims, "k" * 64, "HS256"), jwt.encode(claims, "", "none")):
        anyone.cookies.set("session", token)
        assert current(anyone) is None
