"""The contract between the services: every command, reply, event, status and refusal that crosses a boundary.

Nothing else crosses. Read top to bottom it is the whole conversation of one sale. Amounts are integer cents,
times are UTC, and `attempt` numbers an order's payment attempts from 1.
"""

from datetime import datetime
from typing import ClassVar, Literal

from msgspec.structs import replace

from actors.runtime.message import (  # re-exported: behaviours and callers need no other module
    Acknowledged as Acknowledged,
    Address as Address,
    Command as Command,
    Decision as Decision,
    Event as Event,
    Id as Id,
    Key as Key,
    Message as Message,
    OutcomeUnknown as OutcomeUnknown,
    Overloaded as Overloaded,
    Query as Query,
    Record as Record,
    Refused as Refused,
    Reply as Reply,
    State as State,
    Wake as Wake,
    answer_later as answer_later,
    forget as forget,
    ignore as ignore,
    refuse as refuse,
)

AUTH, TICKETS, ORDERS, EXPIRATION, PAYMENTS = SERVICES = (
    "auth",
    "tickets",
    "orders",
    "expiration",
    "payments",
)
"""The five services; each has a MongoDB collection of its name."""

OrderStatus = Literal["created", "awaiting:payment", "complete", "cancelled"]
PaymentStatus = Literal["processing", "requires_action", "failed", "paid", "refunding", "refunded"]


# --- Records that messages are made of ------------------------------------------------------------------------


class TicketRecord(Record, frozen=True, kw_only=True):
    """A ticket as its buyer saw it when it was granted."""

    id: Id
    title: str
    price: int
    user_id: Id
    version: int


class Grant(Record, frozen=True, kw_only=True):
    """The ticket's word that `order_id` holds it; `hold_number` tells this hold from every earlier one."""

    order_id: Id
    user_id: Id
    hold_number: int


class Checkout(Record, frozen=True, kw_only=True):
    """Stripe's hosted page: where it sends the buyer afterwards."""

    success_url: str
    cancel_url: str


class PaymentMethod(Record, frozen=True, kw_only=True):
    """What the buyer pays with: one of Stripe's tokens (`tok_visa`), its methods (`pm_card_visa`), or its page."""

    token: str | None = None
    payment_method: str | None = None
    checkout: Checkout | None = None


class NextAction(Record, frozen=True, kw_only=True):
    """What the buyer must do next: see the bank (3-D Secure), or pay on Stripe's page (`kind` is `checkout`)."""

    kind: str
    url: str | None = None
    client_secret: str | None = None


# --- Users ------------------------------------------------------------------------------------------------------


class SignUp(Command, frozen=True, kw_only=True, tag="user:sign-up"):
    """Open an account under the e-mail address it is sent to. `password_hash` was made by the caller."""

    user_id: Id
    password_hash: str


class SignedUp(Reply, frozen=True, kw_only=True, tag="user:signed-up"):
    """The account is open."""

    user_id: Id
    email: str


# --- Tickets ----------------------------------------------------------------------------------------------------


class CreateTicket(Command, frozen=True, kw_only=True, tag="ticket:create"):
    """Put a ticket on sale."""

    brings_into_being: ClassVar[bool] = True

    user_id: Id
    title: str
    price: int


class EditTicket(Command, frozen=True, kw_only=True, tag="ticket:edit"):
    """Change what is on sale; only its seller may, and only while nobody holds it."""

    user_id: Id
    title: str
    price: int


class Reserve(Command, frozen=True, kw_only=True, tag="ticket:reserve"):
    """Hold the ticket for an order that does not exist yet; `order_id` is chosen by the caller."""

    may_be_leased: ClassVar[bool] = True

    order_id: Id
    user_id: Id


class ClaimTicket(Command, frozen=True, kw_only=True, tag="ticket:claim"):
    """Money came for an order that had ended: sell its ticket to it after all, if nobody else has it."""

    order_id: Id
    ticket_id: Id
    user_id: Id
    price: int

    def addressees(self) -> tuple[Address, ...]:
        """The ticket."""
        return (Address(service=TICKETS, key=self.ticket_id),)


class TicketReply(Reply, frozen=True, kw_only=True, tag="ticket"):
    """The ticket as it stands."""

    ticket: TicketRecord
    order_id: Id | None = None


class Granted(Reply, frozen=True, kw_only=True, tag="ticket:granted"):
    """The ticket is held for this order. The caller of `Reserve` usually hears the order's own reply instead."""

    grant: Grant


class TicketCreated(Event, frozen=True, kw_only=True, tag="ticket:created"):
    """A ticket went on sale."""

    ticket: TicketRecord


class TicketUpdated(Event, frozen=True, kw_only=True, tag="ticket:updated"):
    """A ticket changed. With a grant, the order named in it comes into being from this event alone."""

    brings_into_being: ClassVar[bool] = True

    ticket: TicketRecord
    grant: Grant | None = None

    def addressees(self) -> tuple[Address, ...]:
        """The order that was granted the ticket."""
        return (Address(service=ORDERS, key=self.grant.order_id),) if self.grant else ()


class ClaimEvent(Event, frozen=True, kw_only=True):
    """What a ticket says to an order that claimed it."""

    order_id: Id

    def addressees(self) -> tuple[Address, ...]:
        """The order."""
        return (Address(service=ORDERS, key=self.order_id),)


class TicketClaimed(ClaimEvent, frozen=True, kw_only=True, tag="ticket:claimed"):
    """It is sold to the order, under a new hold number."""

    hold_number: int


class TicketClaimRefused(ClaimEvent, frozen=True, kw_only=True, tag="ticket:claim-refused"):
    """Somebody else has it."""


# --- Orders -----------------------------------------------------------------------------------------------------


class PaymentRecord(Record, frozen=True, kw_only=True):
    """What an order knows of its money: `status`, Stripe's object, the amount, and why it failed."""

    status: PaymentStatus
    attempt: int
    payment_id: Id
    amount: int
    stripe_id: str | None = None
    reason: str | None = None
    code: str | None = None
    next_action: NextAction | None = None


class OrderReply(Reply, frozen=True, kw_only=True, tag="order"):
    """The order as it stands."""

    order_id: Id
    status: OrderStatus
    user_id: Id
    expires_at: datetime
    version: int
    ticket: TicketRecord
    payment: PaymentRecord | None = None


class CancelOrder(Command, frozen=True, kw_only=True, tag="order:cancel"):
    """Give the ticket back. While a payment is under way, Stripe's answer decides whether that is possible."""

    user_id: Id


class PayOrder(Command, frozen=True, kw_only=True, tag="order:pay"):
    """Start a payment attempt; `payment_id` names it."""

    user_id: Id
    payment_id: Id
    method: PaymentMethod


class RefundOrder(Command, frozen=True, kw_only=True, tag="order:refund"):
    """The ticket's seller gives the money back."""

    user_id: Id


class OrderSettled(Query, frozen=True, kw_only=True, tag="order:settled?"):
    """Asks for the order once no payment attempt is under way or stands at the buyer's bank."""

    payment_id: Id | None = None
    """The attempt that the asker waits for: that it needs the buyer's action is an answer, and that it is over."""


class OrderEvent(Event, frozen=True, kw_only=True):
    """What every event of an order carries: whose hold it speaks of."""

    order_id: Id
    hold_number: int
    ticket_id: Id


class OrderCreated(OrderEvent, frozen=True, kw_only=True, tag="order:created"):
    """A hold became an order: the timer starts.

    Nobody else needs it: the ticket knows that the order exists, for it has acknowledged the grant, and a payment
    comes into being with its first attempt.
    """

    brings_into_being: ClassVar[bool] = True
    can_wait: ClassVar[bool] = True

    expires_at: datetime

    def addressees(self) -> tuple[Address, ...]:
        """The timer."""
        return (Address(service=EXPIRATION, key=self.order_id),)


class OrderEnded(OrderEvent, frozen=True, kw_only=True):
    """The order is over, one way or the other."""

    def addressees(self) -> tuple[Address, ...]:
        """The ticket and the timer."""
        return (Address(service=TICKETS, key=self.ticket_id), Address(service=EXPIRATION, key=self.order_id))


class OrderCancelled(OrderEnded, frozen=True, kw_only=True, tag="order:cancelled"):
    """The order is over without a sale: release, stop the timer, no payment any more."""

    attempted: bool = True
    """Whether a payment was ever begun; if not, payments have never heard of the order."""

    rang: bool = False
    """Whether it ended because its timer rang, which then need not be told."""

    def addressees(self) -> tuple[Address, ...]:
        """The ticket, the timer if it runs still, and the payment if there is one."""
        ticket, timer = super().addressees()
        payment = Address(service=PAYMENTS, key=self.order_id)
        return (ticket, *([] if self.rang else [timer]), *([payment] if self.attempted else []))


class OrderCompleted(OrderEnded, frozen=True, kw_only=True, tag="order:completed"):
    """The order is paid: sold, stop the timer. The payment said it first."""


# --- Expiration -------------------------------------------------------------------------------------------------


class ExpirationComplete(Event, frozen=True, kw_only=True, tag="expiration:complete"):
    """The payment window of this order has closed. It comes from no outbox: see `alarm`."""

    order_id: Id

    def addressees(self) -> tuple[Address, ...]:
        """The order."""
        return (Address(service=ORDERS, key=self.order_id),)


# --- Payments ---------------------------------------------------------------------------------------------------


class PaymentCommand(Command, frozen=True, kw_only=True):
    """A command from an order to its payment; both have the order's id."""

    order_id: Id
    attempt: int

    def addressees(self) -> tuple[Address, ...]:
        """The order's payment."""
        return (Address(service=PAYMENTS, key=self.order_id),)


class PaymentRequested(PaymentCommand, frozen=True, kw_only=True, tag="payment:requested"):
    """Start this attempt."""

    payment_id: Id
    amount: int
    title: str = "Ticket"
    """What the buyer pays for."""

    method: PaymentMethod


class PaymentStop(PaymentCommand, frozen=True, kw_only=True, tag="payment:stop"):
    """End this attempt, if Stripe has not taken the money yet."""


class PaymentRefund(PaymentCommand, frozen=True, kw_only=True, tag="payment:refund"):
    """Give the money of this attempt back."""


class PaymentEvent(Event, frozen=True, kw_only=True):
    """What a payment says to its order."""

    order_id: Id
    attempt: int

    def addressees(self) -> tuple[Address, ...]:
        """The order."""
        return (Address(service=ORDERS, key=self.order_id),)


class PaymentCreated(PaymentEvent, frozen=True, kw_only=True, tag="payment:created"):
    """The money is there."""

    payment_id: Id
    stripe_id: str
    amount: int


class PaymentFailed(PaymentEvent, frozen=True, kw_only=True, tag="payment:failed"):
    """This attempt took no money and never will: `code` is Stripe's, `reason` a sentence for the buyer."""

    code: str
    reason: str
    stripe_id: str | None = None


class PaymentActionRequired(PaymentEvent, frozen=True, kw_only=True, tag="payment:action-required"):
    """It is the buyer's turn: the bank wants to see him, or Stripe's page waits for him."""

    stripe_id: str
    next_action: NextAction


class PaymentStopped(PaymentEvent, frozen=True, kw_only=True, tag="payment:stopped"):
    """This attempt was ended as asked; no money will come."""


class PaymentRefunded(PaymentEvent, frozen=True, kw_only=True, tag="payment:refunded"):
    """The money of this attempt went back."""


class PaymentRefundFailed(PaymentEvent, frozen=True, kw_only=True, tag="payment:refund-failed"):
    """The money could not be given back: a sale stands; money that bought nothing is asked back until it is back."""

    reason: str
    is_unknown: bool = False
    """The payments service knows of no such money: to ask again is to hear the same, so nobody does."""


# --- Refusals: one sentence each --------------------------------------------------------------------------------

EMAIL_IN_USE = Refused(code="email_in_use", message="Email in use", field="email")
TICKET_NOT_FOUND = Refused(code="ticket_not_found", message="There is no such ticket")
NOT_THE_SELLER = Refused(code="not_the_seller", message="Only the seller of this ticket may do that")
TICKET_RESERVED = Refused(code="ticket_reserved", message="This ticket is already reserved")

TICKET_EXISTS = Refused(code="ticket_exists", message="A ticket with this id exists already")
ORDER_NOT_FOUND = Refused(code="order_not_found", message="There is no such order")
NOT_THE_BUYER = Refused(code="not_the_buyer", message="Only the buyer of this order may do that")
ORDER_COMPLETE = Refused(code="order_complete", message="This order is already complete; its seller can refund it")
ORDER_CANCELLED = Refused(code="order_cancelled", message="This order was cancelled; the ticket may be on sale again")
ALREADY_PAID = Refused(code="order_paid", message="This order is already paid")
PAYMENT_IN_PROGRESS = Refused(code="payment_in_progress", message="A payment for this order is under way")
TOO_MANY_PAYMENTS = Refused(
    code="too_many_payments", message="Too many payments for this order have failed; give it back and reserve again"
)
ORDER_NOT_PAID = Refused(
    code="order_not_paid",
    message="This order is not paid, or was refunded already, so there is nothing to refund",
)


class TicketHeld(Refused, frozen=True, kw_only=True, tag="ticket:held"):
    """`TICKET_RESERVED` among ourselves: the same words to whoever asks, so that they can be leased."""

    user_id: Id
    """The holder."""

    def to(self, asker: Id) -> Refused:
        """What `asker` is told: only the holder hears of the order."""
        return replace(TICKET_RESERVED, order_id=self.order_id) if asker == self.user_id else TICKET_RESERVED
