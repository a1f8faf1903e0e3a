"""What a form becomes that could not be carried out now: a place in line."""

from starlette.responses import Response

from serve_app.web.api import Said
from serve_app.web.forms import Form
from serve_app.web.visit import Visit

AGAIN_S = 2
"""Seconds after which to try again where nobody knows better."""


def in_line(visit: Visit, said: Said, form: Form | None) -> Response:
    """Say that it takes a moment, and offer to send the same form again, with the same key: it acts once.

    A form with a password in it is not repeated from the page; then `form` is None.
    """
    after_s = said.retry_after_s or AGAIN_S
    fields = form.fields if form else None
    errors = said.errors
    return visit.page("waiting.html", said.status, retry_after_s=after_s, fields=fields, after_s=after_s, errors=errors)
