"""What a request to the sandbox may look like, and what its idempotency key remembers."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cluster.sandbox import auth, form, idempotency
from cluster.sandbox.endpoint import Call, Endpoint
from cluster.sandbox.engine import Job, execute
from cluster.sandbox.errors import (
    ApiError,
    KeyInUseError,
    KeyMismatchError,
    ParameterError,
    RefusedError,
    TooManyRequestsError,
    UnauthorizedError,
)
from cluster.sandbox.metadata import Metadata
from cluster.sandbox.schema import Hash, TimeRange
from cluster.sandbox.shapes import Answer
from cluster.sandbox.specs import Array, Choice, Flag, Integer, Text, Url
from cluster.sandbox.store import Store

NOW = 1_800_000_000
DAY_S = 24 * 60 * 60


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "sandbox.sqlite3")
    yield opened
    opened.close()


class Till:
    """An endpoint that counts its runs, writes one object a run, and fails on demand."""

    def __init__(self) -> None:
        self.runs = 0
        self.error: Exception | None = None

    def __call__(self, call: Call) -> Answer:
        self.runs += 1
        call.tx.put({"id": f"thing_{self.runs}", "object": "thing", "created": call.now})
        if self.error is not None:
            raise self.error
        return Answer({"object": "thing", "run": self.runs})


def job(till: Till, key: str | None = "k", query: str = "", now: int = NOW, path: str = "/v1/things") -> Job:
    endpoint = Endpoint(method="POST", path=path, run=till, returns="thing", params={"n": Integer()})
    return Job(
        endpoint=endpoint,
        path=path,
        names={},
        fields=form.pairs(query.encode()),
        key=key,
        request_id=f"req_{till.runs}",
        now=now,
        base_url="",
    )


def things(store: Store) -> list[str]:
    with store.transaction() as tx:
        return [name for name in ("thing_1", "thing_2", "thing_3") if tx.get("thing", name)]


def test_nested_forms_become_dicts() -> None:
    fields = form.pairs(b"a=1&metadata[x%20y]=2&card[address][city]=B%C3%A9&expand[]=p&expand[]=q&list[1]=s")
    assert form.nest(fields) == {
        "a": "1",
        "metadata": {"x y": "2"},
        "card": {"address": {"city": "Bé"}},
        "expand": {"0": "p", "1": "q"},
        "list": {"1": "s"},
    }


@pytest.mark.parametrize(
    "text",
    [
        b"\xff\xfe",
        b"a=%ff",
        b'{"amount": 1}',
        b"a[=1",
        b"[a]=1",
        b"a]b=1",
        b"a=1&a[b]=2",
        b"a[b]=1&a=2",
        b"a" + b"[b]" * 9 + b"=1",
        b"&".join(b"a[]=1" for _ in range(1001)),
    ],
)
def test_garbage_is_refused_as_such(text: bytes) -> None:
    with pytest.raises(ParameterError):
        form.nest(form.pairs(text))


SCHEMA = Hash(
    {
        "amount": Integer(1, 99),
        "on": Flag(),
        "how": Choice(("a", "b")),
        "url": Url(),
        "word": Text(5),
        "metadata": Metadata(),
        "list": Array(Integer()),
        "created": TimeRange(),
        "card": Hash({"token": Text()}, ("token",)),
    },
    ("amount",),
)


@pytest.mark.parametrize(
    ("query", "code", "param"),
    [
        ("", "parameter_missing", "amount"),
        ("amount=", "parameter_invalid_empty", "amount"),
        ("amount=1.5", "parameter_invalid_integer", "amount"),
        ("amount=0", "parameter_invalid_integer", "amount"),
        ("amount=100", "parameter_invalid_integer", "amount"),
        ("amount=%D9%A1", "parameter_invalid_integer", "amount"),
        ("amount=1&zip=1", "parameter_unknown", "zip"),
        ("amount=1&card[x]=1", "parameter_unknown", "card[x]"),
        ("amount=1&on=yes", None, "on"),
        ("amount=1&how=c", None, "how"),
        ("amount=1&url=nowhere", "url_invalid", "url"),
        ("amount=1&url=javascript://x", "url_invalid", "url"),
        ("amount=1&word=sixsix", None, "word"),
        ("amount=1&card=tok_visa", None, "card"),
        ("amount=1&card[token][a]=1", None, "card[token]"),
        ("amount=1&list=1", None, "list"),
        ("amount=1&list[x]=1", None, "list"),
        ("amount=1&list[0]=x", "parameter_invalid_integer", "list[0]"),
        ("amount=1&metadata=x", None, "metadata"),
        ("amount=1&metadata[a][b]=x", None, "metadata[a]"),
        ("amount=1&created[gte]=x", "parameter_invalid_integer", "created[gte]"),
    ],
)
def test_wrong_parameters_are_named(query: str, code: str | None, param: str) -> None:
    with pytest.raises(ParameterError) as error:
        SCHEMA.parse(form.nest(form.pairs(query.encode())))
    assert (error.value.code, error.value.param) == (code, param)


def test_right_parameters_come_out_typed() -> None:
    query = b"amount=5&on=true&how=b&url=https://a.test/&list[1]=8&list[0]=7&metadata[k]=v&card[token]=t&created=9"
    assert SCHEMA.parse(form.nest(form.pairs(query))) == {
        "amount": 5,
        "on": True,
        "how": "b",
        "url": "https://a.test/",
        "list": [7, 8],
        "metadata": {"k": "v"},
        "card": {"token": "t"},
        "created": {"gte": 9, "lte": 9},
    }


@pytest.mark.parametrize("header", ["Bearer sk_test_1", "bearer sk_test_1", "Basic c2tfdGVzdF8xOg=="])
def test_test_keys_are_let_in(header: str) -> None:
    auth.check(header)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer sk_test_",
        "Bearer sk_live_1234567890",
        "Bearer pk_test_1",
        "Basic !!",
        "Basic /////w==",
        "Digest sk_test_1",
    ],
)
def test_other_keys_are_not_and_are_not_repeated(header: str | None) -> None:
    with pytest.raises(UnauthorizedError) as error:
        auth.check(header)
    assert "1234567890" not in error.value.message


def test_a_key_gives_its_first_answer_again(store: Store) -> None:
    till = Till()
    first = execute(store, job(till, query="n=1"))
    again = execute(store, job(till, query="n=1"))
    assert (till.runs, again.body, again.replay_of) == (1, first.body, "req_0")


def test_without_a_key_every_request_counts(store: Store) -> None:
    till = Till()
    assert [execute(store, job(till, key=None)).body["run"] for _ in range(2)] == [1, 2]


def test_a_key_belongs_to_its_parameters_and_its_path(store: Store) -> None:
    till = Till()
    execute(store, job(till, query="n=1"))
    with pytest.raises(KeyMismatchError, match="same parameters"):
        execute(store, job(till, query="n=2"))
    with pytest.raises(KeyMismatchError, match="same endpoint"):
        execute(store, job(till, query="n=1", path="/v1/others"))
    assert till.runs == 1


@pytest.mark.parametrize(("error", "status"), [(RefusedError("no"), 400), (ZeroDivisionError(), 500)])
def test_a_failure_of_the_endpoint_is_remembered_and_undone(store: Store, error: Exception, status: int) -> None:
    till = Till()
    till.error = error
    assert execute(store, job(till)).status == status
    till.error = None
    replayed = execute(store, job(till))
    assert (replayed.status, replayed.replay_of, till.runs, things(store)) == (status, "req_0", 1, [])


@pytest.mark.parametrize("query", ["n=x", "unknown=1", "expand[]=nothing"])
def test_a_bad_parameter_is_not_remembered(store: Store, query: str) -> None:
    till = Till()
    with pytest.raises(ParameterError):
        execute(store, job(till, query=query))
    assert (till.runs, execute(store, job(till)).status) == (0, 200)


def test_a_parameter_error_found_late_is_neither_kept_nor_remembered(store: Store) -> None:
    till = Till()
    till.error = ParameterError("these two exclude each other")
    with pytest.raises(ParameterError):
        execute(store, job(till))
    assert things(store) == []
    till.error = None
    assert execute(store, job(till)).status == 200


@pytest.mark.parametrize(("age_s", "runs"), [(DAY_S, 1), (DAY_S + 1, 2)])
def test_a_key_is_kept_for_a_day(store: Store, age_s: int, runs: int) -> None:
    till = Till()
    execute(store, job(till))
    execute(store, job(till, now=NOW + age_s))
    assert till.runs == runs


def test_the_gate_refuses_a_twin_and_a_crowd(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "REQUESTS_MAX", 2)
    gate = idempotency.Gate()
    with gate.enter("a"), gate.enter(None):
        refused: list[tuple[str, type[ApiError]]] = [("a", KeyInUseError), ("b", TooManyRequestsError)]
        for key, kind in refused:
            with pytest.raises(kind), gate.enter(key):
                pytest.fail("the gate let it through")
    with gate.enter("a"):
        assert gate.requests == 1


@pytest.mark.parametrize(("key", "good"), [("", False), ("k" * 255, True), ("k" * 256, False)])
def test_keys_have_a_length(key: str, good: bool) -> None:
    if good:
        assert idempotency.check_key(key) == key
    else:
        with pytest.raises(ParameterError):
            idempotency.check_key(key)


def test_a_transaction_that_raises_leaves_nothing(store: Store) -> None:
    def broken() -> Any:
        with store.transaction() as tx:
            tx.put({"id": "thing_1", "object": "thing", "created": NOW})
            raise ValueError("half way")

    with pytest.raises(ValueError, match="half way"):
        broken()
    assert things(store) == []
