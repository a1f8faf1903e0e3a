"""Supervisors that start while MongoDB does not answer."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pymongo.errors import OperationFailure, ServerSelectionTimeoutError

from actors import opening
from actors.config import Config
from actors.opening import OPEN_EVERY_S, wait_for_partitions
from actors.runtime.partition_record import MapDisagrees
from tests.unit.runtime.fakes import now_s, virtually

CONFIG = Config(mongo_url="mongodb://127.0.0.1:9", jwt_key="", stripe_key="")


def answering(*answers: Any) -> Callable[[Config], Awaitable[Any]]:
    left = list(answers)

    async def open_partitions(_: Config) -> Any:
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return open_partitions


@virtually
async def test_a_database_that_is_away_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    away = ServerSelectionTimeoutError("no primary")
    monkeypatch.setattr(opening, "open_partitions", answering(*[away] * 40, "open"))
    assert await wait_for_partitions(CONFIG) == "open"  # type: ignore[comparison-overlap]
    assert now_s() == 40 * OPEN_EVERY_S


@virtually
async def test_an_index_that_is_another_one_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    conflict = OperationFailure("an equivalent index already exists with different options", 85)
    monkeypatch.setattr(opening, "open_partitions", answering(conflict))
    with pytest.raises(OperationFailure):
        await wait_for_partitions(CONFIG)


@virtually
async def test_another_map_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "open_partitions", answering(MapDisagrees(4, 1)))
    with pytest.raises(MapDisagrees):
        await wait_for_partitions(CONFIG)


async def test_no_wait_for_the_database_is_without_an_end() -> None:
    """Not even the one for a connection: by default the driver lets those stand in line for ever."""
    database = opening.open_database(CONFIG)
    pool = database.client.options.pool_options
    ends = (pool.wait_queue_timeout, pool.connect_timeout, pool.socket_timeout)
    assert all(end is not None and end <= 15 for end in ends)
    await database.client.close()
