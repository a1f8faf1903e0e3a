"""The sockets of links."""

import socket
from types import SimpleNamespace
from typing import Any

from actors.runtime.line import BETWEEN_S, SILENT_S, TRIES, UNHEARD_MS, notice_death


def test_an_end_that_vanishes_is_noticed_in_seconds_instead_of_hours() -> None:
    with socket.socket() as line:
        transport: Any = SimpleNamespace(get_extra_info={"socket": line}.get)
        notice_death(transport)
        assert line.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        found = [
            line.getsockopt(socket.IPPROTO_TCP, option)
            for option in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT, socket.TCP_USER_TIMEOUT)
        ]
    assert found == [SILENT_S, BETWEEN_S, TRIES, UNHEARD_MS]
    assert SILENT_S + BETWEEN_S * TRIES <= 15
