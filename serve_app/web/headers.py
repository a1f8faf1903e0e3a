"""What every page tells the browser not to do."""

from urllib.parse import urlsplit

from actors.config import Config

STRIPE_PAGES = "https://checkout.stripe.com"


def headers_for(config: Config) -> dict[str, str]:
    """The headers of every page.

    Sources: OWASP's HTTP headers cheat sheet; the CSP Level 3 specification, by which `form-action` also holds for
    where a form's answer redirects to, hence Stripe's pages in it.
    """
    pages = _origin(config.stripe_api_base) if config.stripe_api_base else STRIPE_PAGES
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "data:",
        "connect-src": "'self'",
        "form-action": f"'self' {pages}",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
        "Cache-Control": "no-store",
    }


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
