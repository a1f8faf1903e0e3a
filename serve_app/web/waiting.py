"""What a form becomes that could not be carried out now: a place in line."""

from starlette.responses import Response

from serve_app.refusals import OVERLOADED
from serve_app.web.api import Said
from serve_app.web.forms import Form
from serve_app.web.visit import Visit

AGAIN_S = 2
"""Seconds after which to try again where nobody knows better."""

OUTCOME = "X-Outcome"
"""The header by which our script hears that it is not known whether a form was carried out."""


def in_line(visit: Visit, said: Said, form: Form | None, here: str = "") -> Response:
    """Say that it takes a moment, and offer to send the same form again, with the same key: it acts once.

    A form with a password in it is not repeated from the page; then `form` is None, and `here` is where it is found.
    """
    after_s = said.retry_after_s or AGAIN_S
    fields = form.fields if form else None
    shown = {"fields": fields, "after_s": after_s, "errors": said.errors}
    response = visit.page("waiting.html", said.status, here=here, retry_after_s=after_s, **shown)
    if said.code != OVERLOADED.code:  # of all that makes a line, only this says that nothing was done
        response.headers[OUTCOME] = "unknown"
    return response
