"""Pages that listen to the live stream as browsers do: they remember the last id, and come back with it."""

import contextlib
import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bson import ObjectId

from tests.integration.office import Office
from tests.waiting import wait_for


@dataclass(frozen=True)
class Heard:
    """One event, and when it came (seconds of the monotonic clock)."""

    at_s: float
    event: str
    data: dict[str, Any]


@dataclass
class Page:
    """An open page. What it heard is in `heard`, over all its connections."""

    office: Office
    user_id: ObjectId | None = None
    query: str = ""
    last_id: str | None = None
    heard: list[Heard] = field(default_factory=list)
    connection: http.client.HTTPConnection | None = None

    def listen(self, count: float = float("inf")) -> None:
        """One connection: until it ends, or so many events have come."""
        self.connection = http.client.HTTPConnection("127.0.0.1", self.office.port, timeout=60)
        with contextlib.closing(self.connection) as connection:
            connection.request("GET", f"/api/stream{self.query}", headers=self.headers)
            answer = connection.getresponse()
            assert answer.status == 200, answer.read()
            self.read(answer, count)

    @property
    def headers(self) -> dict[str, str]:
        headers = {"Cookie": f"session={self.office.session(self.user_id)}"} if self.user_id else {}
        return headers | ({"Last-Event-ID": self.last_id} if self.last_id is not None else {})

    def read(self, answer: http.client.HTTPResponse, count: float) -> None:
        fields: dict[str, str] = {}
        while count > 0 and (line := answer.readline().decode()):
            if line != "\n":
                name, _, value = line.rstrip("\n").partition(": ")
                fields[name] = value
                continue
            self.last_id = fields["id"]
            if fields["event"] != "beat":
                self.heard.append(Heard(time.monotonic(), fields["event"], json.loads(fields["data"])))
                count -= 1
            fields = {}

    def close(self) -> None:
        """Break the connection off, from any thread."""
        if self.connection is not None and self.connection.sock is not None:
            with contextlib.suppress(OSError):
                self.connection.sock.shutdown(socket.SHUT_RDWR)

    def told(self, event: str, **data: object) -> list[Heard]:
        """The events of this name whose data say so."""
        return [each for each in tuple(self.heard) if each.event == event and data.items() <= each.data.items()]

    def wait(self, event: str, deadline_s: float = 15, **data: object) -> Heard:
        """The first such event."""
        return wait_for(f"{event} {data}", lambda: self.told(event, **data), deadline_s, every_s=0.01)[0]


@contextlib.contextmanager
def listening(office: Office, user_id: ObjectId | None = None, query: str = "") -> Iterator[Page]:
    """A page that is open, and comes back whenever its connection ends, until it is closed."""
    page, closed = Page(office, user_id, query), threading.Event()

    def keep_listening() -> None:
        while not closed.is_set():
            with contextlib.suppress(OSError, http.client.HTTPException, AssertionError):
                page.listen()
            closed.wait(0.1)

    thread = threading.Thread(target=keep_listening, daemon=True)
    thread.start()
    try:
        page.wait("hello", 30)
        yield page
    finally:
        closed.set()
        page.close()
        thread.join(10)
