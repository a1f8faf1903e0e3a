"""From an HTTP request to an answer and back: keys, bodies, headers, and the one thread for the file."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from cluster.sandbox import auth, engine, fault_effects, form, idempotency, whose, wire
from cluster.sandbox.endpoint import Call, Endpoint
from cluster.sandbox.errors import ApiError, InternalError, ParameterError
from cluster.sandbox.fault_effects import EngineFault
from cluster.sandbox.faults import Faults
from cluster.sandbox.ids import new_id
from cluster.sandbox.shapes import API_VERSION, Answer
from cluster.sandbox.store import Store
from cluster.sandbox.transaction import Transaction

BODY_BYTES_MAX = 64 * 1024
_log = logging.getLogger(__name__)
_Result = TypeVar("_Result")


class Service:
    """Serves endpoints from one store."""

    def __init__(self, store: Store, clock: Callable[[], float] = time.time) -> None:
        """Work on `store`; `clock` returns epoch seconds."""
        self.store = store
        self.clock = clock
        self.faults = Faults()
        self.woken = asyncio.Event()
        """Set when there is something to deliver."""

        self._gate = idempotency.Gate()
        # SQLite has one writer anyway; a thread of its own keeps the loop free to refuse a concurrent twin.
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sandbox-store")

    async def work(self, do: Callable[[], _Result]) -> _Result:
        """Run something on the store, in its thread."""
        result = await asyncio.get_running_loop().run_in_executor(self._worker, do)
        if self.store.queued:
            self.store.queued = False
            self.woken.set()
        return result

    async def in_transaction(self, do: Callable[[Transaction], _Result]) -> _Result:
        """Run something in one transaction, in the store's thread."""

        def run() -> _Result:
            with self.store.transaction() as tx:
                return do(tx)

        return await self.work(run)

    def call(self, tx: Transaction, base_url: str = "", **path: str) -> Call:
        """A call of now that did not come in over the API: it has no parameters."""
        return Call(tx=tx, params={}, path=path, now=int(self.clock()), base_url=base_url)

    def close(self) -> None:
        """Let the running request end, then close the file."""
        self._worker.shutdown(wait=True)
        self.store.close()

    def handler(self, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
        """Return the function that serves one endpoint."""

        async def handle(request: Request) -> Response:
            request_id = new_id("req")
            try:
                asked = Asked(endpoint, request, await _form(request), request_id)
                answer = await self._with_fault(asked)
            except ParameterError as refusal:
                answer = refusal.answer()
            return await wire.cut(request) if answer is None else respond(request, answer, request_id)

        return handle

    async def _with_fault(self, asked: "Asked") -> Answer | None:
        order = await self._order(asked) if self.faults.ask_whose else None
        rule = self.faults.for_request(
            asked.request.method, asked.request.url.path, keyed=asked.key is not None, order=order
        )

        async def run(fault: EngineFault | None) -> Answer:
            return await self._answer(asked, fault)

        if rule is None:
            return await run(None)
        return await fault_effects.serve(rule, run, partial(wire.hang, asked.request))

    async def _order(self, asked: "Asked") -> str | None:
        returns, path = asked.endpoint.returns, asked.request.path_params
        return await self.in_transaction(lambda tx: whose.of_request(tx, returns, path, asked.body))

    async def _answer(self, asked: "Asked", fault: EngineFault | None) -> Answer:
        try:
            return await self._run(asked, fault)
        except ApiError as refusal:
            return refusal.answer()
        except Exception:  # noqa: BLE001 - becomes a 500 in Stripe's shape
            _log.exception("%s %s failed", asked.request.method, asked.request.url.path)
            return InternalError("An unknown error occurred in the sandbox.").answer()

    async def _run(self, asked: "Asked", fault: EngineFault | None) -> Answer:
        request = asked.request
        auth.check(request.headers.get("authorization"))
        key = asked.key if asked.key is None else idempotency.check_key(asked.key)
        job = engine.Job(
            endpoint=asked.endpoint,
            path=request.url.path,
            names=dict(request.path_params),
            key=key,
            request_id=asked.request_id,
            fields=form.pairs(asked.body),
            now=int(self.clock()),
            base_url=base_url(request),
            fault=fault,
        )
        with self._gate.enter(key):
            return await self.work(lambda: engine.execute(self.store, job))


@dataclass(frozen=True)
class Asked:
    """A request for an endpoint, read to its end."""

    endpoint: Endpoint
    request: Request
    body: bytes
    """The form: the body of a POST, else the query."""

    request_id: str

    @property
    def key(self) -> str | None:
        """The idempotency key, which Stripe heeds on a POST alone."""
        return self.request.headers.get("idempotency-key") if self.request.method == "POST" else None


def base_url(request: Request) -> str:
    """Return where the client reached the sandbox, without a slash at the end."""
    return str(request.base_url).rstrip("/")


def respond(request: Request, answer: Answer, request_id: str) -> Response:
    """Return the HTTP response of an answer, with the headers that Stripe sends."""
    headers = {
        "Request-Id": request_id,
        "Stripe-Version": request.headers.get("stripe-version", API_VERSION),
        "Cache-Control": "no-cache, no-store",
    }
    if (key := request.headers.get("idempotency-key")) is not None:
        headers["Idempotency-Key"] = key
    if answer.replay_of is not None:
        headers |= {"Idempotent-Replayed": "true", "Original-Request": answer.replay_of}
    return JSONResponse(answer.body, answer.status, headers)


async def _form(request: Request) -> bytes:
    if request.method != "POST":
        return request.url.query.encode()
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES_MAX:
            raise ParameterError(f"Request body is larger than {BODY_BYTES_MAX} bytes.")
    return bytes(body)
