"""One request for a page: who is asking, in which language, and how to answer."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import Response

from serve_app.sessions import Session
from serve_app.web.texts import Texts

SCRIPTED = "x-boxoffice-script"
"""The header by which our script says that it sends a form: it is told where to go instead of being sent there."""

COOKIE_FLAGS = "; HttpOnly; Path=/; SameSite=Lax"


class Visit:
    """Answers one request."""

    def __init__(
        self,
        request: Request,
        *,
        session: Session | None,
        texts: Texts,
        templates: Environment,
        headers: Mapping[str, str],
        browser: str,
        given: Mapping[str, Any],
    ) -> None:
        """Render `templates` in the language of `texts`, with what is `given` on every page."""
        self.request = request
        self.session = session
        self.texts = texts
        self._templates = templates
        self._headers = headers
        self._browser = browser
        self._given = given

    @property
    def address(self) -> str:
        """What was asked for, with its query string."""
        url = self.request.url
        return f"{url.path}?{url.query}" if url.query else url.path

    def page(
        self,
        template: str,
        status: int = 200,
        *,
        here: str = "",
        retry_after_s: int | None = None,
        **shown: Any,  # noqa: ANN401
    ) -> Response:
        """A page; `here` is where it is to be seen again, if that is not where it was asked for."""
        given = {**self._given, "path": self.request.url.path, "here": here or self.address}
        values = {**given, "visit": self, "session": self.session, **shown}
        html = self._templates.get_template(template).render(values)
        response = Response(html, status, self._headers, "text/html")
        if retry_after_s is not None:
            response.headers["Retry-After"] = str(retry_after_s)
        self._introduce(response)
        return response

    def go(self, path: str) -> Response:
        """Send the browser on, so that reloading what it then shows sends no form again."""
        if SCRIPTED in self.request.headers:
            response = Response(status_code=204, headers={**self._headers, "X-Location": path})
        else:
            response = Response(status_code=303, headers={**self._headers, "Location": path})
        self._introduce(response)
        return response

    def sign_in_first(self) -> Response:
        """Ask who it is, and come back here; to the page of a form that cannot be shown by itself, come back there."""
        request, back = self.request, self.address
        if request.method == "POST":
            host = request.url.netloc
            back = local_path(request.headers.get("referer", "").partition(host)[2]) if host else "/"
        return self.go(f"/signin?next={quote(back, safe='')}")

    def _introduce(self, response: Response) -> None:
        """Name the browser that has no name yet."""
        if self._browser:
            response.headers.append("Set-Cookie", self._browser)


def local_path(text: str) -> str:
    """`text` if it is a path of this site, else the front page: nobody is sent elsewhere by a link to us."""
    if not text.startswith("/") or text.startswith(("//", "/\\")) or any(each < "!" or each > "~" for each in text):
        return "/"
    return text
