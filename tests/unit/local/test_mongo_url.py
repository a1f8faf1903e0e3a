"""A MongoDB by its URL: what is wrong with it is a sentence, in which no password is."""

import pytest
from pymongo.errors import AutoReconnect, ConfigurationError, OperationFailure, ServerSelectionTimeoutError

from cluster.local.errors import DatabaseError
from cluster.local.mongo_url import demand_replica_set, explained, without_password

URL = "mongodb://user:hush@shop.example/?authSource=admin"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("mongodb://127.0.0.1:27017/?replicaSet=x", "mongodb://127.0.0.1:27017/"),
        ("mongodb://user:p%40ss@a,b:1/db?authSource=admin", "mongodb://a,b:1/db"),
        ("mongodb+srv://user:hush@cluster.example.com", "mongodb+srv://cluster.example.com"),
        ("mongodb://user:hu/sh@host:1/db?w=1", "mongodb://host:1/db"),
        ("mongodb://user:hu?s/h@host", "mongodb://host"),
        ("mongodb://user:hu@sh@host/", "mongodb://host/"),
    ],
)
def test_an_address_is_shown_without_its_password(url: str, shown: str) -> None:
    assert without_password(url) == shown


@pytest.mark.parametrize("password", ["hu/sh", "hu@sh", "hu%sh", "hu:sh"])
def test_a_password_that_is_not_escaped_is_said_to_be_one_and_not_shown(password: str) -> None:
    with pytest.raises(DatabaseError, match=r"^MONGO_URL is no MongoDB URL\.$") as caught:
        demand_replica_set(f"mongodb://user:{password}@127.0.0.1:1/")
    assert "%-escape" in caught.value.advice
    assert password not in caught.value.sentence + caught.value.advice


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (OperationFailure("not authorized", 13), "does not let this user in (code 13)."),
        (OperationFailure("Authentication failed: hush", 18), "does not let this user in (code 18)."),
        (OperationFailure("hush", 8000), "does not let this user in (code 8000)."),
        (OperationFailure("hush", 14031), "refuses to work (code 14031)."),
        (ServerSelectionTimeoutError("hush"), "does not answer."),
        (AutoReconnect("hush"), "does not answer."),
        (TimeoutError(), "does not answer."),
        (ConfigurationError("hush"), "cannot be used (ConfigurationError)."),
        (FileNotFoundError(2, "no certificate"), "cannot be used (FileNotFoundError)."),
    ],
)
def test_what_failed_is_named_and_the_password_is_not(error: Exception, sentence: str) -> None:
    with pytest.raises(DatabaseError) as caught, explained(URL):
        raise error
    assert caught.value.sentence == f"The MongoDB at mongodb://shop.example/ {sentence}"
    assert "hush" not in caught.value.advice
