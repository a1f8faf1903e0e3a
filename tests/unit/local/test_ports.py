"""Ports: blocks that are free, and a taken port that is named."""

import errno
import os
import socket

import pytest

from cluster.local import ports
from cluster.local.errors import PortError


def test_a_block_holds_every_port_once() -> None:
    block = ports.choose()
    named = [getattr(block, name) for name, kind in vars(ports.Ports).items() if isinstance(kind, property)]
    single = [port for port in named if isinstance(port, int)]
    assert len(set(single)) == len(single)
    assert max(single) < block.replicas[0] <= block.replicas[1] < block.first + ports.BLOCK


def test_the_preferred_block_is_kept_while_it_is_free() -> None:
    block = ports.choose()
    assert ports.choose(block.first) == block


def test_a_block_with_a_taken_port_is_not_chosen() -> None:
    block = ports.choose()
    with socket.create_server(("127.0.0.1", block.first + 7)):
        assert ports.choose(block.first) != block


def test_the_marketplaces_own_port_is_not_given_away() -> None:
    block = ports.choose()
    for port in (block.first, block.replicas[1]):
        assert ports.choose(block.first, without=port) != block
    assert ports.choose(block.first, without=block.replicas[1] + 1) == block


def test_a_taken_port_is_refused_with_who_has_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(PortError, match=rf"Port {port} on 127.0.0.1 is taken by process {os.getpid()} \("):
            ports.demand_free("127.0.0.1", port)
    ports.demand_free("127.0.0.1", port)


@pytest.mark.parametrize(
    "obstacle",
    [socket.gaierror(socket.EAI_NONAME, "Name or service not known"), OSError(errno.EADDRNOTAVAIL, "Not ours")],
    ids=["nobody knows it", "another machine's"],
)
def test_an_address_that_is_not_this_machines_is_not_called_taken(
    obstacle: OSError, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bind(_self: socket.socket, _address: object) -> None:
        raise obstacle

    monkeypatch.setattr(socket.socket, "bind", bind)
    with pytest.raises(PortError, match=rf"^Port 8000 on far.example cannot be used \({obstacle.strerror}\)") as caught:
        ports.demand_free("far.example", 8000)
    assert "BOXOFFICE_HOST" in caught.value.advice


def test_a_port_for_root_alone_is_not_called_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    # The tests may run as root, whom no port is refused.
    def refuse(_socket: object, _address: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("socket.socket.bind", refuse)
    with pytest.raises(PortError, match=r"^Port 80 on 127.0.0.1 is not for this user\.$") as caught:
        ports.demand_free("127.0.0.1", 80)
    assert "1024" in caught.value.advice
