"""The API as the pages use it: the same requests that any client sends, without leaving the process."""

from typing import Any

import httpx
import msgspec
from starlette.requests import Request
from starlette.types import ASGIApp

from actors.contract import Refused
from serve_app.operation import HEADER
from serve_app.refusals import ApiError

_PASSED_ON = (b"cookie", b"host", b"x-forwarded-for")
"""Who asks, of which address, from where: every line of it, byte by byte as it came."""

_HOST = "office"
"""Stands in the address of a request that leaves this process for nowhere; what the visitor called us is passed on."""

_encode = msgspec.json.Encoder(decimal_format="number").encode


class Said(msgspec.Struct, frozen=True):
    """What the API answered."""

    status: int
    body: Any
    cookies: tuple[str, ...] = ()
    retry_after_s: int | None = None

    @property
    def is_done(self) -> bool:
        """Whether it did what it was asked."""
        return self.status < 400

    @property
    def is_doubtful(self) -> bool:
        """Whether the same request is worth repeating: nobody knows yet, or too many ask.

        Not so after too many failed attempts to sign in (429): whoever made them is to read that.
        """
        return self.status == 503

    @property
    def errors(self) -> list[dict[str, str]]:
        """Why not; `field` is empty where none is at fault."""
        found = self.body.get("errors", []) if isinstance(self.body, dict) else []
        return [{"field": "", **each} for each in found]

    @property
    def code(self) -> str:
        """The code of the first reason; empty if it is done."""
        return self.errors[0]["code"] if self.errors else ""

    @property
    def refusal(self) -> ApiError:
        """Why not, as an error page shows it."""
        reasons = (Refused(code=each["code"], message=each["message"]) for each in self.errors)
        return ApiError(*reasons, status=self.status)


class Api:
    """Sends requests to the API on behalf of a visitor."""

    def __init__(self, app: ASGIApp) -> None:
        """Ask `app`."""
        self._app = app

    async def ask(self, visitor: Request, method: str, path: str, body: object = None, key: str = "") -> Said:
        """Send a request in the name of `visitor`, with an idempotency `key` if there is one."""
        headers = [(name, value) for name, value in visitor.scope["headers"] if name in _PASSED_ON]
        if key:
            headers.append((HEADER.encode(), key.encode()))
        url = f"{visitor.url.scheme}://{_HOST}{path}"
        content = b"" if body is None else _encode(body)
        transport = httpx.ASGITransport(self._app, client=_peer(visitor))
        response = await transport.handle_async_request(httpx.Request(method, url, headers=headers, content=content))
        return _said(response.status_code, response.headers, await response.aread())


def _peer(visitor: Request) -> tuple[str, int]:
    return (visitor.client.host, visitor.client.port) if visitor.client else ("", 0)


def _said(status: int, headers: httpx.Headers, content: bytes) -> Said:
    retry_after = headers.get("retry-after")
    return Said(
        status=status,
        body=msgspec.json.decode(content) if content else None,
        cookies=tuple(headers.get_list("set-cookie")),
        retry_after_s=int(retry_after) if retry_after else None,
    )
