"""Wires the real parts together: the one place where behaviours, runtime, MongoDB, Ray and Stripe meet."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from actors.alarm import AT_ONCE_MAX, Alarm
from actors.config import Config
from actors.contract import EXPIRATION, ORDERS, PAYMENTS, TICKETS, Key
from actors.expiration import ExpirationBehaviour
from actors.opening import Database, open_database, wait_for_partitions
from actors.order import OrderBehaviour
from actors.payment import PaymentBehaviour
from actors.runtime.actor import Actor
from actors.runtime.behaviour import Behaviour, Chore, Task
from actors.runtime.caller import Caller
from actors.runtime.clearing import Clearing
from actors.runtime.clock import SystemClock
from actors.runtime.lease import Lessor
from actors.runtime.mongo_store import MongoStore
from actors.runtime.partition import PartitionMap
from actors.runtime.placement import Placement, SharedPlacement
from actors.runtime.ray_dedicated import DedicatedPlacement
from actors.runtime.ray_supervisor import find_supervisor
from actors.runtime.ray_transport import RayTransport
from actors.runtime.read_ahead import ReadAhead
from actors.runtime.supervisor import Limits, Supervisor
from actors.runtime.turn import Turns
from actors.runtime.vouching import Vouching
from actors.ticket import TicketBehaviour
from actors.user import UserBehaviour

if TYPE_CHECKING:
    from stripe import StripeClient

DEDICATED = {TICKETS: "ticket", ORDERS: "order"}
"""The services whose actors may be Ray actors of their own, and what one of them is called."""

READ_AHEAD = {TICKETS}
"""The services whose actors are wanted together with those that came into being beside them."""


def behaviours(config: Config) -> dict[str, Behaviour]:
    """The rules of the five services."""
    rules: list[Behaviour] = [
        UserBehaviour(),
        TicketBehaviour(),
        OrderBehaviour(timedelta(seconds=config.order_window_s)),
        ExpirationBehaviour(),
        PaymentBehaviour(),
    ]
    return {each.service: each for each in rules}


def finder(config: Config) -> Callable[[str, int], Any]:
    """Finds, or starts, supervisors by service and partition; who signs nobody in is not told how."""
    theirs = replace(config, jwt_key="", stripe_webhook_secret=None)

    def find(service: str, partition: int) -> Any:  # noqa: ANN401  a Ray handle
        return find_supervisor(
            config.namespace, service, partition, partial(build_supervisor, theirs, service, partition)
        )

    return find


async def build_supervisor(config: Config, service: str, partition: int) -> Supervisor:
    """The supervisor of one partition, in the process that calls this."""
    database, partition_map = await wait_for_partitions(config)
    limits = limits_of(service, config)
    behaviour, clock = behaviours(config)[service], SystemClock()
    store = MongoStore(database, behaviour)
    lessor = Lessor(Vouching(store))
    transport = RayTransport(partition_map, finder(config))
    till = till_of(config) if service == PAYMENTS else None
    if config.placement == "dedicated" and service in DEDICATED:
        placement: Placement = dedicated(config, partition_map, service, limits)
    else:
        ahead = ReadAhead(store) if service in READ_AHEAD else None
        placement = SharedPlacement(Turns(behaviour, store, clock, lessor, ahead), store, transport)
    return Supervisor(
        behaviour=behaviour,
        partition=partition,
        partition_map=partition_map,
        store=store,
        clock=clock,
        placement=placement,
        task=task_of(service, till, transport),
        chore=chore_of(till, database, transport, partition_map.slots(partition)),
        limits=limits,
        lessor=lessor,
    )


def dedicated(config: Config, partition_map: PartitionMap, service: str, limits: Limits) -> DedicatedPlacement:
    """Every live actor of a service as a Ray actor of its own; each supervisor has its share of them."""
    return DedicatedPlacement(
        namespace=config.namespace,
        noun=DEDICATED[service],
        build=partial(build_actor, config, partition_map, service),
        live_max=max(1, config.dedicated_max // (len(DEDICATED) * config.partitions)),
        patience_s=limits.patience_s,
    )


def limits_of(service: str, config: Config) -> Limits:
    """The bounds of a service's supervisors: the timers of a whole sale may ring at once."""
    limits = Limits(passivate_after_s=config.passivate_after_s)
    return replace(limits, tasks_max=AT_ONCE_MAX) if service == EXPIRATION else limits


def till_of(config: Config) -> "StripeClient":
    """Where a payments supervisor asks Stripe, at its share of the pace."""
    # Here, for Stripe's SDK takes a fifth of the time in which the process of an actor starts.
    from actors.gateway.client import stripe_client  # noqa: PLC0415

    return stripe_client(config, config.stripe_per_s / config.partitions if config.stripe_per_s else None)


def task_of(service: str, till: "StripeClient | None", transport: RayTransport) -> Task | None:
    """What a service does outside of turns: timers tell their orders, payments talk to Stripe."""
    if till is not None:
        from actors.gateway.task import StripeTask  # noqa: PLC0415  see `till_of`

        return StripeTask(till, SystemClock())
    return Alarm(Caller(transport)) if service == EXPIRATION else None


def chore_of(till: "StripeClient | None", database: Database, transport: RayTransport, slots: range) -> Chore | None:
    """What a service does every few minutes: payments compare their books with Stripe's."""
    if till is None:
        return None
    from actors.gateway.hints import Hints  # noqa: PLC0415  see `till_of`
    from actors.gateway.reconciliation import Reconciliation  # noqa: PLC0415

    clock = SystemClock()
    return Reconciliation(till, Hints(till, Caller(transport), clock), database, slots, clock)


async def build_actor(config: Config, partition_map: PartitionMap, service: str, key: Key) -> Actor:
    """One dedicated actor, in the process that calls this."""
    database = open_database(config)
    behaviour = behaviours(config)[service]
    store = MongoStore(database, behaviour)
    turns = Turns(behaviour, store, SystemClock())
    return Actor(key, turns, Clearing(store), RayTransport(partition_map, finder(config)), lambda _: None)
