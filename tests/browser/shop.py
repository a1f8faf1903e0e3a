"""What has happened before a test looks: tickets on sale, reserved and sold, made through the API."""

from dataclasses import dataclass

from bson import ObjectId

from tests.browser.somebody import Somebody
from tests.integration.office import Office


@dataclass(frozen=True)
class Listed:
    """A ticket on sale."""

    id: str
    title: str

    @property
    def path(self) -> str:
        return f"/tickets/{self.id}"

    @property
    def search(self) -> str:
        """The list with this ticket alone."""
        return f"/?q={self.title.rpartition(' ')[2]}"


def new_title(title: str) -> str:
    """A title that no other ticket in the office has."""
    return f"{title} {ObjectId()}"


def listed(office: Office, title: str = "Opera", price: str = "19.99", seller: ObjectId | None = None) -> Listed:
    """A new ticket; `title` gets a last word that nobody else's has."""
    with office.person(seller) as person:
        body = {"title": new_title(title), "price": price}
        made = person.client.post("/api/tickets", json=body).raise_for_status().json()
    return Listed(made["id"], made["title"])


def reserved(buyer: Somebody, ticket: Listed) -> str:
    """The id of a new order."""
    made = buyer.client.post("/api/orders", json={"ticketId": ticket.id}).raise_for_status().json()
    return str(made["id"])


def paid(buyer: Somebody, ticket: Listed) -> str:
    """The id of a new order that is paid."""
    order_id = reserved(buyer, ticket)
    buyer.client.post("/api/payments", json={"orderId": order_id, "token": "tok_visa"}).raise_for_status()
    return order_id


def orders_of(somebody: Somebody) -> int:
    """How many orders they have ever made."""
    return somebody.office.mongo.orders.count_documents({"userId": somebody.user_id})
