"""What a form brought: only those of our own pages are read."""

from starlette.datastructures import FormData
from starlette.requests import Request

from actors.contract import Refused
from serve_app.body import in_time
from serve_app.refusals import ApiError
from serve_app.web.csrf import FIELD
from serve_app.web.visits import Visits

FIELDS_MAX = 20
KEY = "key"
"""The field with the idempotency key."""

TYPE = "application/x-www-form-urlencoded"
"""How browsers send our forms. The other way, `multipart/form-data`, is for files, and has many ways to be wrong."""

BAD_FORM = Refused(code="bad_form", message="This form could not be read")
FORM_EXPIRED = Refused(
    code="form_expired", message="This form is not from this site, or too old: please open the page again and retry"
)


class Form:
    """The fields of one form, all of them text."""

    def __init__(self, data: FormData) -> None:
        """Take the text fields of `data`."""
        self.fields = {name: value for name, value in data.items() if isinstance(value, str) and name != FIELD}

    def text(self, name: str) -> str:
        """A field; empty if it is missing."""
        return self.fields.get(name, "")

    @property
    def key(self) -> str:
        """The idempotency key; empty if the form has none."""
        return self.text(KEY)


async def read_form(visits: Visits, request: Request) -> Form:
    """The form in a request's body.

    Raises:
        ApiError: it is not one of ours, not sent as ours are, or too slow.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != TYPE:
        raise ApiError(BAD_FORM, status=415)
    async with in_time():
        data = await request.form(max_fields=FIELDS_MAX)
    token = data.get(FIELD)
    if not isinstance(token, str) or not visits.is_ours(request, token):
        raise ApiError(FORM_EXPIRED, status=403)
    return Form(data)
