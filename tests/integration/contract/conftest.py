"""The cast: a seller, a buyer, a stranger, and somebody who is not signed in."""

from collections.abc import Iterator

import httpx
import pytest

from tests.integration.contract.people import Json, Person, new_person
from tests.integration.office import Office
from tests.tls import TLS


def present(office: Office) -> Iterator[Person]:
    person = new_person(office.url, office.jwt_key)
    with person.client:
        yield person


@pytest.fixture
def seller(office: Office) -> Iterator[Person]:
    yield from present(office)


@pytest.fixture
def buyer(office: Office) -> Iterator[Person]:
    yield from present(office)


@pytest.fixture
def stranger(office: Office) -> Iterator[Person]:
    yield from present(office)


@pytest.fixture
def anyone(office: Office) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=office.url, timeout=60, verify=TLS) as client:
        yield client


@pytest.fixture
def ticket(seller: Person) -> Json:
    """A ticket that is for sale."""
    return seller.sells()


@pytest.fixture
def order(buyer: Person, ticket: Json) -> Json:
    """The buyer's order for it, just created."""
    return buyer.reserves(ticket)


@pytest.fixture
def sale(buyer: Person, order: Json) -> Json:
    """The same order, paid."""
    answer = buyer.pays(order)
    assert answer.status_code == 201, answer.text
    return order
