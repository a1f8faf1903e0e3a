"""The HTTP application as a Ray Serve deployment."""

import asyncio
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

from pymongo.errors import PyMongoError
from ray import serve
from ray.serve import Application
from starlette.types import ASGIApp

from actors.bootstrap import finder
from actors.config import Config
from actors.contract import SERVICES
from actors.gateway.client import stripe_client
from actors.gateway.hints import Hints
from actors.opening import Database, once_it_answers, wait_for_partitions
from actors.runtime.caller import Caller
from actors.runtime.clock import SystemClock
from actors.runtime.garbage import spare_what_stays
from actors.runtime.ray_transport import RayTransport
from serve_app import indexes
from serve_app.app import build_app
from serve_app.live.live import Live
from serve_app.live.mongo_source import MongoSource
from serve_app.parts import Parts

ONGOING_REQUESTS_MAX = 5_000
"""Requests one replica works on at once; more wait in the proxy."""

ANSWER_MAX_S = 2.0
"""How long a part may take to answer before it counts as missing."""


class Replica:
    """An open database, a way to the supervisors, and the HTTP application on them."""

    async def __init__(self, config: Config) -> None:  # type: ignore[misc]  # Serve awaits it
        """Open everything, and see that every supervisor runs: the first replica starts them."""
        database, partition_map = await wait_for_partitions(config)
        await once_it_answers(lambda: indexes.prepare(database))
        find = finder(config)
        places = [(service, n) for service in SERVICES for n in range(partition_map.partitions)]
        await asyncio.gather(*(asyncio.to_thread(find, *place) for place in places))
        caller, clock = Caller(RayTransport(partition_map, find)), SystemClock()
        self._parts = Parts(
            caller=caller,
            hints=Hints(stripe_client(config), caller, clock),
            database=database,
            config=config,
            clock=clock,
            live=Live(MongoSource(database), clock, Random()),
            readiness=readiness_of(database, find, places),
        )

    def __serve_build_asgi_app__(self) -> ASGIApp:
        """The ASGI application; Serve asks for it once the constructor is done."""
        app = build_app(self._parts)
        spare_what_stays()
        return app


def readiness_of(
    database: Database, find: Callable[[str, int], Any], places: list[tuple[str, int]]
) -> Callable[[], Awaitable[list[str]]]:
    """A question that answers what is missing: MongoDB, or supervisors that do not answer or still recover."""

    async def supervisor(service: str, partition: int) -> str | None:
        try:
            async with asyncio.timeout(ANSWER_MAX_S):
                handle = await asyncio.to_thread(find, service, partition)
                has_recovered = await handle.has_recovered.remote()
        except Exception:  # noqa: BLE001  whatever keeps it from answering, it is missing
            return f"{service}/{partition} does not answer"
        return None if has_recovered else f"{service}/{partition} is still recovering"

    async def mongo() -> str | None:
        try:
            async with asyncio.timeout(ANSWER_MAX_S):
                await database.command("ping")
        except (PyMongoError, TimeoutError):
            return "MongoDB does not answer"
        return None

    async def missing() -> list[str]:
        answers = await asyncio.gather(mongo(), *(supervisor(*place) for place in places))
        return [answer for answer in answers if answer]

    return missing


def application(config: Config, server: type = Replica) -> Application:
    """The Serve application for these settings; measurements pass in a smaller `server`."""
    office: Any = serve.deployment(serve.ingress()(server))
    bound: Application = office.options(
        name="office",
        num_replicas=config.replicas,
        max_ongoing_requests=ONGOING_REQUESTS_MAX,
        ray_actor_options={"num_cpus": 0.1},
        graceful_shutdown_timeout_s=5,
        health_check_period_s=2,
        # A line that nobody writes is still put together unless its level is off: a twentieth of a replica's time.
        logging_config={
            "log_level": "INFO" if config.access_log else "WARNING",
            "enable_access_log": config.access_log,
        },
    ).bind(config)
    return bound
