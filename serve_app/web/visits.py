"""Makes a visit of a request: templates in every language, and what every page needs."""

from pathlib import Path
from secrets import token_urlsafe

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import Response

from serve_app.office import Office
from serve_app.parts import Parts
from serve_app.web import csrf
from serve_app.web.assets import Assets
from serve_app.web.csrf import Csrf
from serve_app.web.headers import headers_for
from serve_app.web.language import language_of
from serve_app.web.texts import LANGUAGES, Texts, texts_in
from serve_app.web.visit import COOKIE_FLAGS, Visit

FOLDER = Path(__file__).parent / "templates"
_YEAR_S = 365 * 24 * 3600


class Visits:
    """Receives visitors."""

    def __init__(self, office: Office, parts: Parts, assets: Assets) -> None:
        """Know people by the sessions of `office`."""
        config = parts.config
        self._office = office
        self._live = parts.live
        self._is_sandbox = config.stripe_api_base is not None
        self._csrf = Csrf(config.jwt_key)
        self._headers = headers_for(config)
        self._templates = {code: _templates(texts_in(code), assets) for code in LANGUAGES}
        self._flags = f"; Max-Age={_YEAR_S}{COOKIE_FLAGS}" + ("; Secure" if config.secure_cookies else "")

    def of(self, request: Request) -> Visit:
        """The visit of whoever sent `request`. Begin with it: what the page reads afterwards, its stream adds to."""
        texts = texts_in(language_of(request))
        browser = self._csrf.browser(request)
        is_new = browser != request.cookies.get(csrf.COOKIE)
        return Visit(
            request,
            session=self._office.sessions.of(request),
            texts=texts,
            templates=self._templates[texts.language],
            headers=self._headers | {"Content-Language": texts.language},
            browser=f"{csrf.COOKIE}={browser}{self._flags}" if is_new else "",
            given={
                "csrf": self._csrf.token(browser),
                "now": self._office.clock.now(),
                "new_key": new_key,
                "since": self._live.log.head,
                "is_sandbox": self._is_sandbox,
            },
        )

    async def to_front(self, request: Request) -> Response:
        """Send a visitor to the front page: there is nothing to see where only a form is sent to."""
        return self.of(request).go("/")

    def is_ours(self, request: Request, token: str) -> bool:
        """Whether a form that `request` brings was ours."""
        return self._csrf.is_ours(request, token)


def new_key() -> str:
    """An idempotency key for a form: sent twice, it acts once."""
    return token_urlsafe(18)


def _templates(texts: Texts, assets: Assets) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(texts.translations, newstyle=True)  # type: ignore[attr-defined]
    # What the templates have not said themselves is text: `_` would take its signs for HTML and placeholders.
    said = texts.translations.gettext
    environment.globals |= {"texts": texts, "said": said, "asset": assets.address, "languages": LANGUAGES}
    return environment
