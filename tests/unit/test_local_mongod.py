"""MongoDB's address, fit to be shown."""

import pytest

from cluster.local.mongod import without_password


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("mongodb://127.0.0.1:27017/?replicaSet=x", "mongodb://127.0.0.1:27017/"),
        ("mongodb://user:p%40ss@a,b:1/db?authSource=admin", "mongodb://a,b:1/db"),
        ("mongodb+srv://user:hush@cluster.example.com", "mongodb+srv://cluster.example.com"),
    ],
)
def test_an_address_is_shown_without_its_password(url: str, shown: str) -> None:
    assert without_password(url) == shown
