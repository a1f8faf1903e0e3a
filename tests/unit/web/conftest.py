"""The pages' unit tests run in virtual time, as the API's do."""

from tests.unit.api.conftest import pytest_asyncio_loop_factories

__all__ = ["pytest_asyncio_loop_factories"]
