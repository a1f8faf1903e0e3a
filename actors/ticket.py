"""The rules of a ticket: the only authority on who holds it."""

from datetime import datetime

from msgspec import field

from actors.contract import (
    NOT_THE_SELLER,
    ORDERS,
    TICKET_EXISTS,
    TICKET_NOT_FOUND,
    TICKET_RESERVED,
    TICKETS,
    ClaimTicket,
    CreateTicket,
    Decision,
    EditTicket,
    Grant,
    Granted,
    Id,
    Message,
    OrderCancelled,
    OrderCompleted,
    OrderEnded,
    Reserve,
    State,
    TicketClaimed,
    TicketClaimRefused,
    TicketCreated,
    TicketHeld,
    TicketRecord,
    TicketReply,
    TicketUpdated,
    ignore,
    refuse,
)


class Hold(Grant, frozen=True, kw_only=True):
    """Who holds the ticket: the grant that is in force."""

    asked: int | None = None
    """The price the seller asked when late money took the ticket at another one."""


class Ticket(State, frozen=True, kw_only=True):
    """One ticket. It is for sale while nobody holds it and it is not sold."""

    id: Id = field(name="_id")
    title: str = ""
    price: int = 0
    user_id: Id | None = None
    created_at: datetime | None = None
    hold: Hold | None = None
    hold_number: int = 0
    """How many holds were ever granted."""

    sold: bool = False

    def record(self) -> TicketRecord:
        """The ticket as an order remembers it."""
        assert self.user_id is not None, "a stored ticket has a seller"
        return TicketRecord(id=self.id, title=self.title, price=self.price, user_id=self.user_id, version=self.version)


class TicketBehaviour:
    """Decides what a ticket does."""

    service = TICKETS
    state_type = Ticket

    def empty(self, key: Id) -> Ticket:
        """The ticket nobody has listed."""
        return Ticket(id=key)

    def due(self, state: Ticket) -> datetime | None:
        """Tickets wait for nothing: their holds end by word of the order alone."""
        return None

    def decide(self, state: Ticket, message: Message, now: datetime) -> Decision[Ticket]:
        """Answer one message; see the functions below for the rules."""
        match message:
            case CreateTicket():
                return create(state, message, now)
            case EditTicket() | Reserve() if not state.exists:
                return refuse(state, TICKET_NOT_FOUND)
            case OrderEnded() | ClaimTicket() if not state.exists:
                raise LookupError(f"{type(message).__name__} for a ticket that was never listed")
            case EditTicket():
                return edit(state, message)
            case Reserve():
                return reserve(state, message)
            case ClaimTicket():
                return claim(state, message)
            case OrderCancelled():
                return release(state, message)
            case OrderCompleted():
                return sell(state, message)
        raise TypeError(f"a ticket does not understand {type(message).__name__}")


def create(state: Ticket, wish: CreateTicket, now: datetime) -> Decision[Ticket]:
    """A ticket can be listed once; saying it again in the same words is fine."""
    if state.exists:
        same = (state.user_id, state.title, state.price) == (wish.user_id, wish.title, wish.price)
        return Decision(state, reply_with(state)) if same else refuse(state, TICKET_EXISTS)
    new = state.next(user_id=wish.user_id, title=wish.title, price=wish.price, created_at=now)
    return Decision(new, reply_with(new), (TicketCreated(ticket=new.record()),))


def edit(state: Ticket, wish: EditTicket) -> Decision[Ticket]:
    """Its seller may edit a ticket that nobody holds."""
    if wish.user_id != state.user_id:
        return refuse(state, NOT_THE_SELLER)
    if state.hold:
        return refuse(state, TICKET_RESERVED)
    if (wish.title, wish.price) == (state.title, state.price):
        return Decision(state, reply_with(state))
    new = state.next(title=wish.title, price=wish.price)
    return Decision(new, reply_with(new), (TicketUpdated(ticket=new.record()),))


def reserve(state: Ticket, wish: Reserve) -> Decision[Ticket]:
    """The first who asks for a free ticket holds it; everyone else is refused."""
    if state.hold and state.hold.order_id == wish.order_id:
        return Decision(state, Granted(grant=state.hold))
    if state.hold:
        return refuse(state, reserved_by(state.hold))
    number = state.hold_number + 1
    held = Hold(order_id=wish.order_id, user_id=wish.user_id, hold_number=number)
    grant = Grant(order_id=wish.order_id, user_id=wish.user_id, hold_number=number)
    new = state.next(hold=held, hold_number=number)
    news = TicketUpdated(ticket=new.record(), grant=grant)
    return Decision(new, Granted(grant=grant), (news,), reply_from=ORDERS, to_others=reserved_by(held))


def claim(state: Ticket, wish: ClaimTicket) -> Decision[Ticket]:
    """Who paid too late gets the ticket at the price paid, if it is free; nobody else loses it for that."""
    if state.hold and state.hold.order_id != wish.order_id:
        return Decision(state.next(), events=(TicketClaimRefused(order_id=wish.order_id),))
    if state.sold:
        return ignore(state)
    number = state.hold_number + 1
    held = Hold(order_id=wish.order_id, user_id=wish.user_id, hold_number=number, asked=state.price)
    new = state.next(hold=held, hold_number=number, sold=True, price=wish.price)
    claimed = TicketClaimed(order_id=wish.order_id, hold_number=number)
    return Decision(new, events=(TicketUpdated(ticket=new.record()), claimed))


def release(state: Ticket, event: OrderCancelled) -> Decision[Ticket]:
    """The holder is gone: back on sale, also after a refund."""
    if not is_current(state, event):
        return ignore(state)
    asked = state.hold.asked if state.hold else None
    new = state.next(hold=None, sold=False, price=state.price if asked is None else asked)
    return Decision(new, events=(TicketUpdated(ticket=new.record()),))


def sell(state: Ticket, event: OrderCompleted) -> Decision[Ticket]:
    """The holder has paid."""
    if not is_current(state, event) or state.sold:
        return ignore(state)
    new = state.next(sold=True)
    return Decision(new, events=(TicketUpdated(ticket=new.record()),))


def is_current(state: Ticket, event: OrderEnded) -> bool:
    """Whether an order speaks of the hold in force; any other hold is history and changes nothing."""
    held = state.hold
    return held is not None and (held.order_id, held.hold_number) == (event.order_id, event.hold_number)


def reserved_by(held: Hold) -> TicketHeld:
    """The refusal, the same to everybody: with the order's id, which only its holder may be told."""
    words = TICKET_RESERVED
    return TicketHeld(code=words.code, message=words.message, order_id=held.order_id, user_id=held.user_id)


def reply_with(state: Ticket) -> TicketReply:
    """The ticket as its callers see it."""
    return TicketReply(ticket=state.record(), order_id=state.hold.order_id if state.hold else None)
