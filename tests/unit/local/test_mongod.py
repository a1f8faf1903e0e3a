"""Asking the embedded MongoDB: whoever is held still takes connections and never answers, and nobody waits with him."""

import socket
from collections.abc import Iterator

import pytest

from cluster.local import mongod


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Where connections are taken, and nothing is ever said."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_who_takes_connections_and_says_nothing_does_not_answer(silent_port: int) -> None:
    assert not mongod.answers(silent_port, timeout_s=0.2)
    assert not mongod.try_primary(silent_port)


def test_no_question_waits_for_ever(silent_port: int) -> None:
    """Not even one that is stopped between its greeting and the command, when by default there is no limit."""
    with mongod.connect(silent_port, within_s=0.3) as client:
        pool = client.options.pool_options
        assert (pool.connect_timeout, pool.socket_timeout) == (0.3, mongod.COMMAND_S_MAX)
