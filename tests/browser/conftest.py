"""One Chromium for all of these tests, and a context of its own for every person in them."""

import os
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser import chromium
from tests.browser.somebody import Somebody
from tests.integration.office import Office

Invite = Callable[..., Somebody]


def pytest_runtest_setup() -> None:
    """Before an office is started for nothing: without a Chromium, skip at home and fail in CI."""
    if chromium.find() is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(chromium.MISSING)


# Not for the whole session: Playwright's synchronous interface keeps an event loop running in this thread, and tests
# elsewhere start their own.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium, without a window."""
    path = chromium.find()
    assert path is not None, "looked for before any fixture"
    with chromium.running(path) as running:
        yield running


@pytest.fixture
def invite(browser: Browser) -> Iterator[Invite]:
    """Brings people to an office: `invite(office, signed_in=False)`.

    Whatever goes wrong on their pages, and was not expected, fails the test.
    """
    people: list[Somebody] = []

    def invited(office: Office, *, signed_in: bool = True, **options: object) -> Somebody:
        people.append(Somebody(browser, office, signed_in=signed_in, **options))
        return people[-1]

    yield invited
    troubles = [trouble for each in people for trouble in each.leave()]
    assert not troubles, "\n".join(troubles)
