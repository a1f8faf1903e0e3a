"""An office of its own for every module that kills its processes."""

from collections.abc import Iterator

import pytest

from tests.conftest import running
from tests.integration.office import Office


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office that may be harmed."""
    yield from running(Office(tmp_path_factory.mktemp("chaos") / "data"))
