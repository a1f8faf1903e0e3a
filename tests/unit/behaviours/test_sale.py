"""The five behaviours in one conversation: whatever is late, repeated or crosses, every sale ends well.

No runtime here, only its promises: order is kept per publisher and subscriber, everything arrives at least once,
and nobody remembers operations, so that every repetition is decided anew. Stripe may decline, ask for the buyer,
refuse, do what it was asked and lose the answer; pages may be abandoned, refunds may fail, be it after they had
succeeded, or be made by hand, and a bank may send the money of an attempt that was dead.
"""

from collections import Counter, defaultdict, deque
from random import Random

import pytest

from actors.contract import (
    EXPIRATION,
    ORDERS,
    PAYMENTS,
    TICKETS,
    Address,
    CancelOrder,
    Checkout,
    CreateTicket,
    EditTicket,
    ExpirationComplete,
    NextAction,
    OrderSettled,
    PaymentMethod,
    PayOrder,
    RefundOrder,
    Reserve,
    TicketUpdated,
    Wake,
)
from actors.expiration import ExpirationBehaviour
from actors.order import OrderBehaviour
from actors.payment import PaymentBehaviour
from actors.payment_answers import (
    CheckoutOpened,
    IntentCancelled,
    IntentDeclined,
    IntentNeedsAction,
    IntentOpened,
    IntentSucceeded,
    RefundFailed,
    RefundSucceeded,
)
from actors.payment_state import step_of
from actors.ticket import TicketBehaviour

from .given import BUYER, NOON, PRICE, RIVAL, SELLER, TICKET, WINDOW, check_version, some_id
from .payment_papers import back, dead, declined, not_back, opened, succeeded

THE_TICKET = Address(service=TICKETS, key=TICKET)
LIST = CreateTicket(user_id=SELLER, title="Front row", price=PRICE)
EDITS = [EditTicket(user_id=SELLER, title="Front row, left", price=PRICE + more) for more in (0, 500)]
VISA = PaymentMethod(token="tok_visa")
PAGE = PaymentMethod(checkout=Checkout(success_url="https://box.example/paid", cancel_url="https://box.example/back"))
ORDER_IDS = [some_id(number) for number in range(1, 11)]
BUYERS = {order_id: (BUYER, RIVAL)[number % 2] for number, order_id in enumerate(ORDER_IDS)}
PAYMENT_IDS = [some_id(0xF0 + number) for number in range(6)]


class Stripe:
    """What the world outside knows of the money: one intent or page per order and attempt."""

    def __init__(self, dice):
        self.dice = dice
        self.intents = {}
        self.amounts = {}
        self.late = set()
        self.given_back = Counter()
        self.refunds = {}
        self.numbers = {}
        """The refund that gave the money of an attempt back; 0 for one by hand."""

    def net(self, order_id):
        """How many payments for an order Stripe has taken and not given back."""
        taken = [key for key, status in self.intents.items() if key[0] == order_id and status == "succeeded"]
        return len(taken) - sum(self.given_back[key] for key in taken)

    def work(self, state, now):
        """Do the next step of the first attempt that Stripe has an answer to; None where it has none yet."""
        answers = (self._step((state.id, attempt.number), attempt) for attempt in state.working(now))
        return next((answer for answer in answers if answer is not None), None)

    def _step(self, key, attempt):
        self.amounts.setdefault(key, attempt.amount)
        return getattr(self, f"_{step_of(attempt)}")(key, attempt)

    def _open(self, key, attempt):
        if key not in self.intents and self.dice.random() < 0.1:
            self.intents[key] = "refused"
        if self.intents.get(key) == "refused":
            return IntentDeclined(attempt=attempt.number, code="amount_too_small", reason="Too little")
        self.intents.setdefault(key, "page" if attempt.method.checkout else "new")
        if attempt.method.checkout:
            return CheckoutOpened(attempt=attempt.number, stripe_id=f"cs_{attempt.number}", url="https://pay.example")
        return IntentOpened(attempt=attempt.number, stripe_id=f"pi_{attempt.number}")

    def _confirm(self, key, attempt):
        if self.intents[key] == "new":
            self.intents[key] = self.dice.choice(("succeeded", "declined", "acting"))
        return self._watch(key, attempt)

    def _watch(self, key, attempt):
        match self.intents[key]:
            case "declined" if not attempt.method.checkout:
                return IntentDeclined(attempt=attempt.number, code="card_declined", reason="No")
            case "acting" if attempt.phase == "confirming":
                return IntentNeedsAction(attempt=attempt.number, next_action=NextAction(kind="redirect_to_url"))
            case "succeeded":
                return self._taken(key)
            case "canceled":
                return IntentCancelled(attempt=attempt.number)
        return None

    def _taken(self, key):
        return IntentSucceeded(attempt=key[1], stripe_id=f"pi_{key[1]}", amount=self.amounts[key])

    def _cancel(self, key, attempt):
        if self.intents[key] != "succeeded":
            self.intents[key] = "canceled" if self.intents[key] != "new" else "never confirmed"
            return IntentCancelled(attempt=key[1])
        return self._taken(key)

    def _refund(self, key, attempt):
        """One outcome for each refund asked for; money goes back once."""
        good = self.refunds.setdefault((*key, attempt.refunds), bool(self.given_back[key]) or self.dice.random() < 0.5)
        if not good and not self.given_back[key]:
            return RefundFailed(attempt=attempt.number, refund=attempt.refunds, reason="The card is closed")
        assert self.intents[key] == "succeeded"
        if not self.given_back[key]:
            self.given_back[key], self.numbers[key] = 1, attempt.refunds
        return RefundSucceeded(attempt=attempt.number, refund=attempt.refunds)

    def hints(self, key):
        """What webhooks, or a look through the books, say of an intent or page, and of its refund that failed."""
        if self.intents[key] == "succeeded" and key in self.numbers and not self.given_back[key]:
            yield RefundFailed(attempt=key[1], refund=self.numbers[key], reason="It came back from the bank")
        if (said := self._hint(key)) is not None:
            yield said

    def _hint(self, key):
        attempt = key[1]
        match self.intents[key]:
            case "succeeded" if self.given_back[key]:
                return RefundSucceeded(attempt=attempt, refund=0)
            case "succeeded":
                return self._taken(key)
            case "canceled" | "never confirmed":
                return IntentCancelled(attempt=attempt)
            case "declined":
                return IntentDeclined(attempt=attempt, code="card_declined", reason="No", stripe_id=f"pi_{attempt}")
        return None

    def a_buyer_goes_to_the_bank_or_the_page(self):
        """A page that saw a declined card stays open: another card may pay there."""
        waiting = [key for key, status in self.intents.items() if status in ("acting", "page")]
        if waiting:
            key = self.dice.choice(waiting)
            no = "page" if self.intents[key] == "page" else "declined"
            self.intents[key] = self.dice.choice(("succeeded", no))

    def a_bank_is_late(self):
        """It should not happen: the money of an intent or page comes although Stripe had called that one dead."""
        dead = [key for key, status in self.intents.items() if status == "canceled"]
        if dead:
            key = self.dice.choice(dead)
            self.intents[key] = "succeeded"
            self.late.add(key)

    def somebody_gives_back_by_hand(self):
        taken = [key for key, status in self.intents.items() if status == "succeeded"]
        if taken and self.dice.random() < 0.2:
            key = self.dice.choice(taken)
            if not self.given_back[key]:
                self.given_back[key], self.numbers[key] = 1, 0

    def a_bank_returns_a_refund(self):
        """It had succeeded, and fails after all."""
        back = [key for key, count in self.given_back.items() if count]
        if back:
            self.given_back[self.dice.choice(back)] = 0


class TheOffice:
    """All actors around one ticket, and the letters between them."""

    def __init__(self, seed):
        self.dice = Random(seed)
        self.stripe = Stripe(self.dice)
        self.now = NOON
        rules = (TicketBehaviour(), OrderBehaviour(WINDOW), ExpirationBehaviour(), PaymentBehaviour())
        self.rules = {behaviour.service: behaviour for behaviour in rules}
        self.states = {}
        self.lanes = defaultdict(deque)
        self.delivered = []
        self.answered = []
        self.wishes = []
        self.asked = PRICE
        self.tell(THE_TICKET, LIST)

    def state(self, service, key):
        return self.states.get(Address(service=service, key=key))

    def of(self, service):
        return [state for address, state in self.states.items() if address.service == service]

    def tell(self, to, message):
        """One turn; False where the message cannot be placed yet."""
        before = self.states.get(to) or self.rules[to.service].empty(to.key)
        try:
            decision = self.rules[to.service].decide(before, message, self.now)
        except LookupError:
            return False
        check_version(before, decision)
        if decision.over:
            self.states.pop(to, None)
        elif decision.state is not before:
            self.states[to] = decision.state
            self.asked = message.price if isinstance(message, EditTicket) else self.asked
        for event in decision.events:
            for address in event.addressees():
                self.lanes[to, address].append(event)
        self.check_holders()
        return True

    def check_holders(self):
        """Nobody holds the ticket whose order is over, or will never be."""
        alive = [order for order in self.of(ORDERS) if order.status != "cancelled"]
        assert len(alive) <= 1, alive
        held = self.state(TICKETS, TICKET).hold
        for order in alive:
            assert held, order
            assert (held.order_id, held.hold_number) == (order.id, order.hold_number), (held, order)
        if held and not self.state(ORDERS, held.order_id):
            on_its_way = self.lanes[THE_TICKET, Address(service=ORDERS, key=held.order_id)]
            assert any(isinstance(letter, TicketUpdated) for letter in on_its_way), held

    # What happens by chance.

    def somebody_wishes(self):
        """Mostly who holds the ticket; sometimes those who lost it or never had it."""
        order_id, held = self.dice.choice(ORDER_IDS), self.state(TICKETS, TICKET).hold
        if held is None or self.dice.random() < 0.1:
            wish = self.dice.choice(
                (
                    (THE_TICKET, Reserve(order_id=order_id, user_id=BUYERS[order_id])),
                    (THE_TICKET, Reserve(order_id=order_id, user_id=BUYERS[order_id])),
                    (THE_TICKET, self.dice.choice(EDITS)),
                )
            )
        else:
            order_id = held.order_id if self.dice.random() < 0.8 else order_id
            method = self.dice.choice((VISA, PAGE))
            pay = PayOrder(user_id=BUYERS[order_id], payment_id=self.dice.choice(PAYMENT_IDS), method=method)
            cancel, refund = CancelOrder(user_id=BUYERS[order_id]), RefundOrder(user_id=SELLER)
            wishes = (*[pay] * 8, cancel, refund, refund, OrderSettled())
            wish = (Address(service=ORDERS, key=order_id), self.dice.choice(wishes))
        self.wishes.append(wish)
        self.tell(*wish)

    def a_wish_comes_again(self):
        if self.wishes:
            self.tell(*self.dice.choice(self.wishes))

    def a_letter_arrives(self):
        """The first of a lane; sometimes its acknowledgement is lost, so that it will come again."""
        if full := [lane for lane, letters in self.lanes.items() if letters]:
            lane = self.dice.choice(full)
            letter = self.lanes[lane][0]
            if self.tell(lane[1], letter):
                self.delivered.append((lane[1], letter))
                if self.dice.random() < 0.8:
                    self.lanes[lane].popleft()

    def all_letters_arrive(self):
        while any(self.lanes.values()):
            for lane, letters in list(self.lanes.items()):
                while letters:
                    assert self.tell(lane[1], letters.popleft()), lane

    def an_old_letter_comes_again(self):
        if self.delivered:
            self.tell(*self.dice.choice(self.delivered))

    def stripe_works(self, reliable=False):
        """A step is done; sometimes its answer is lost, sometimes it comes twice."""
        for payment in self.of(PAYMENTS):
            due = self.rules[PAYMENTS].due(payment)
            if due and due <= self.now and (reliable or self.dice.random() < 0.5):
                answer = self.stripe.work(payment, self.now)
                for _ in range(1 if reliable else self.dice.choice((0, 1, 1, 2))):
                    if answer is not None:
                        self.tell(Address(service=PAYMENTS, key=payment.id), answer)
                        self.answered.append((Address(service=PAYMENTS, key=payment.id), answer))

    def a_hint_arrives(self):
        if self.stripe.intents:
            self.follow(self.dice.choice(list(self.stripe.intents)))

    def follow(self, key):
        to = Address(service=PAYMENTS, key=key[0])
        for said in self.stripe.hints(key):
            self.tell(to, said)
            self.answered.append((to, said))

    def an_old_answer_comes_again(self):
        if answers := self.answered:
            self.tell(*self.dice.choice(answers))

    def time_passes(self, how_long=WINDOW / 20):
        self.now += how_long
        for timer in self.of(EXPIRATION):
            due = self.rules[EXPIRATION].due(timer)
            if (
                due
                and due <= self.now
                and self.tell(Address(service=ORDERS, key=timer.id), ExpirationComplete(order_id=timer.id))
            ):
                self.tell(Address(service=EXPIRATION, key=timer.id), Wake())

    def step(self):
        self.dice.choices(
            (
                self.somebody_wishes,
                self.a_wish_comes_again,
                self.a_letter_arrives,
                self.an_old_letter_comes_again,
                self.stripe_works,
                self.an_old_answer_comes_again,
                self.stripe.a_buyer_goes_to_the_bank_or_the_page,
                self.stripe.a_bank_is_late,
                self.stripe.somebody_gives_back_by_hand,
                self.stripe.a_bank_returns_a_refund,
                self.a_hint_arrives,
                self.time_passes,
            ),
            weights=(6, 1, 20, 2, 8, 1, 2, 2, 1, 1, 3, 1),
        )[0]()

    def close_for_the_night(self):
        """Nobody wishes any more; everything that is under way comes to its end, and the books are compared."""
        for _ in range(500):
            before = dict(self.states)
            self.a_letter_arrives()
            self.all_letters_arrive()
            self.stripe_works(reliable=True)
            for key in self.stripe.intents:
                self.follow(key)
            self.time_passes(WINDOW)
            timers = any(self.rules[EXPIRATION].due(timer) for timer in self.of(EXPIRATION))
            work = any(self.rules[PAYMENTS].due(payment) for payment in self.of(PAYMENTS))
            if before == self.states and not timers and not work and not any(self.lanes.values()):
                return
        raise AssertionError("the office never comes to rest")


def check_the_books(office):
    ticket = office.state(TICKETS, TICKET)
    sold = [order for order in office.of(ORDERS) if order.status == "complete"]
    for order in office.of(ORDERS):
        assert order.status in ("complete", "cancelled"), order
        assert office.stripe.net(order.id) == (order.status == "complete"), order
        assert not order.payment or order.payment.status in ("failed", "paid", "refunded"), order
        assert (order.status == "complete") == (order.payment is not None and order.payment.status == "paid"), order
        assert not order.claiming, order
        assert office.state(EXPIRATION, order.id) is None, order
        payment = office.state(PAYMENTS, order.id)
        assert (payment is not None) == bool(order.attempted), (order, payment)
        assert not payment or order.status == "complete" or payment.status == "closed", (order, payment)
    assert ticket.sold == bool(sold), (ticket, sold)
    assert ticket.price == (sold[0].payment.amount if sold else office.asked), (ticket, sold)
    assert (ticket.hold.order_id if ticket.hold else None) == (sold[0].id if sold else None), (ticket, sold)


@pytest.mark.parametrize("hundred", range(5))
def test_no_path_ends_with_money_and_no_ticket_or_a_ticket_and_no_money(hundred):
    for seed in range(100 * hundred, 100 * hundred + 100):
        office = TheOffice(seed)
        for _ in range(office.dice.choice((20, 100, 300))):
            office.step()
        office.close_for_the_night()
        check_the_books(office)


def test_money_that_came_beside_another_request_goes_back_while_a_third_is_the_sale():
    office = TheOffice(0)
    order, payment = (Address(service=service, key=ORDER_IDS[0]) for service in (ORDERS, PAYMENTS))
    buyer = BUYERS[ORDER_IDS[0]]
    first, second, third = (PayOrder(user_id=buyer, payment_id=each, method=VISA) for each in PAYMENT_IDS[:3])
    for crossing in (
        [(THE_TICKET, Reserve(order_id=order.key, user_id=buyer))],
        [(order, first)],
        [(payment, opened(1)), (payment, declined(1)), (payment, dead(1))],
        [(order, second), (payment, succeeded(1))],
        [(order, third)],
        [(payment, opened(3)), (payment, succeeded(3)), (payment, not_back(1))],
        [(payment, back(1, nth=2))],
    ):
        for to, message in crossing:
            office.tell(to, message)
        office.all_letters_arrive()
    sold, paid = office.state(ORDERS, order.key), office.state(PAYMENTS, order.key)
    assert (sold.status, sold.payment.status, sold.payment.attempt) == ("complete", "paid", 3)
    assert [(attempt.number, attempt.phase) for attempt in paid.attempts] == [(3, "succeeded"), (1, "refunded")]


def test_the_conversations_reach_every_ending():
    """A test of the test: sales, refunds, declines, stops and repetitions do happen in it."""
    seen = Counter()
    for seed in range(60):
        office = TheOffice(seed)
        for _ in range(200):
            office.step()
            seen.update({payment.attempt.phase for payment in office.of(PAYMENTS) if payment.attempt})
            seen.update({order.status for order in office.of(ORDERS)})
            seen.update({"stopping" for order in office.of(ORDERS) if order.stopping})
            seen.update({"claiming" for order in office.of(ORDERS) if order.claiming})
            seen.update(
                {"claimed" for order in office.of(ORDERS) if order.status == "complete" and order.hold_number > 1}
            )
            seen.update({"beside" for order in office.of(ORDERS) if len(order.paid) > 1})
            seen.update(
                {"page" for payment in office.of(PAYMENTS) if payment.attempt and payment.attempt.method.checkout}
            )
            seen.update({"late" for _ in office.stripe.late})
            seen.update({"past" for payment in office.of(PAYMENTS) if payment.past})
            seen.update(
                {"untried" for order in office.of(ORDERS) if order.status == "cancelled" and not order.attempted}
            )
            seen.update({"retried" for order in office.of(ORDERS) if order.payment and order.payment.attempt > 1})
    phases = {"opening", "confirming", "acting", "cancelling", "succeeded", "failed", "refunding", "refunded"}
    phases |= {"claiming", "claimed", "beside", "page", "late", "past", "untried"}
    assert phases | {"created", "awaiting:payment", "complete", "cancelled", "stopping", "retried"} <= set(seen)
