"""The form of a ticket: what it asks for, and the page it becomes where that could not be done."""

from typing import Any

from starlette.responses import Response

from serve_app.refusals import NOT_SIGNED_IN
from serve_app.web.api import Said
from serve_app.web.forms import Form
from serve_app.web.shelf import ShownTicket
from serve_app.web.visit import Visit
from serve_app.web.waiting import in_line

WAS = "was"
"""The field that says what the ticket was when its form was made; a new one was nothing."""

_EMPTY = {"title": "", "price": "", WAS: "", "key": "", "errors": (), "present": None}


def wish_of(visit: Visit, form: Form) -> dict[str, object]:
    """What the API is asked for; a price that is no number goes as it is, for the API to refuse."""
    price = visit.texts.number(form.text("price"))
    return {"title": form.text("title"), "price": form.text("price") if price is None else price}


def answered(visit: Visit, form: Form, said: Said) -> Response:
    """What the API's answer becomes: the ticket, a place in line, or the form with what is wrong.

    Raises:
        ApiError: they may not do that, or there is no such ticket.
    """
    if said.is_done:
        return visit.go(f"/tickets/{said.body['id']}")
    if said.status in (403, 404):
        raise said.refusal
    if said.is_doubtful:
        return in_line(visit, said, form)
    # Whoever only signs in again sends what may have been sent before, with its key.
    key = form.key if said.code == NOT_SIGNED_IN.code else ""
    return _filled_in(visit, form, said.status, key=key, errors=said.errors, was=form.text(WAS))


def overtaken(visit: Visit, form: Form, now: ShownTicket) -> Response:
    """The form as it was filled in, beside what the ticket is by `now`; who sends it again has seen that."""
    return _filled_in(visit, form, 409, was=content_of(now.title, now.price), present=now)


def form_page(visit: Visit, status: int = 200, **shown: object) -> Response:
    """The form of this address, with what is to be `shown` in it."""
    filled: dict[str, Any] = {**_EMPTY, **shown}
    return visit.page("sell.html", status, **filled)


def content_of(title: str, price: int) -> str:
    """What a seller decides about a ticket, in one text; that somebody holds it for a while is nothing of it."""
    return f"{price} {title}"


def _filled_in(visit: Visit, form: Form, status: int, **shown: object) -> Response:
    return form_page(visit, status, title=form.text("title"), price=form.text("price"), **shown)
