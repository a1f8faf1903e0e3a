"""A sandbox for the tests of one module, one for a single test, and a shop that hears of events."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.sandbox.faults import FAULTS
from tests.integration.sandbox.process import Sandbox
from tests.integration.sandbox.shop import Shop


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    running = Sandbox(tmp_path_factory.mktemp("sandbox") / "sandbox.sqlite3")
    yield running
    running.end()


@pytest.fixture
def own_sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    running = Sandbox(tmp_path / "sandbox.sqlite3")
    yield running
    if running.process.poll() is None:
        running.end()


@pytest.fixture
def api(sandbox: Sandbox) -> Iterator[Any]:
    """The official client. No fault outlasts a test."""
    yield sandbox.client().v1
    sandbox.raw("DELETE", FAULTS)


@pytest.fixture
def shop() -> Iterator[Shop]:
    running = Shop()
    yield running
    running.close()


@pytest.fixture
def listening(sandbox: Sandbox, api: Any, shop: Shop) -> Iterator[Any]:
    """An endpoint for everything."""
    endpoint = api.webhook_endpoints.create({"url": shop.url, "enabled_events": ["*"]})
    shop.secret = endpoint.secret
    yield endpoint
    api.webhook_endpoints.delete(endpoint.id)
