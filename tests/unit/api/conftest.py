"""The API's unit tests run in virtual time: waiting for an answer that does not come costs nothing and is exact."""

import asyncio
from collections.abc import Callable, Mapping

from tests.unit.api.fakes import OfficeLoop


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The loops that these tests run in."""
    return {"virtual": OfficeLoop}
