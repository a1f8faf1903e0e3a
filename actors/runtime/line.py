"""The sockets of links: an end that vanishes without a word, with its machine or its network, is noticed."""

import asyncio
import socket

SILENT_S, BETWEEN_S, TRIES = 5, 2, 3
"""A line that has been silent for so long is asked, so often. The system answers there, even for who is stopped."""

UNHEARD_MS = 10_000
"""How long what was sent may go without an acknowledgement; the system's own patience is a quarter of an hour."""


def notice_death(transport: asyncio.BaseTransport) -> None:
    """Have the connection end within some ten seconds once its other end is gone."""
    line = transport.get_extra_info("socket")
    line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, SILENT_S)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, BETWEEN_S)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, TRIES)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNHEARD_MS)
