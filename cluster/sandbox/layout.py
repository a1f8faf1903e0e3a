"""What every page of the sandbox looks like: readable, without scripts, and never to be taken for real."""

from html import escape

LABEL = "Stripe sandbox - no real money"

HEADERS = {
    "Cache-Control": "no-store",  # going back must show the present state, not a form that was sent
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
}

# Text on its background has a contrast of at least 7:1, borders and focus rings of at least 3:1.
_STYLE = """
*, *::before { box-sizing: border-box }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0; color: #1a1a1a; background: #fff; overflow-wrap: anywhere }
.banner { background: #6b3300; color: #fff; padding: .5rem 1rem; margin: 0; font-weight: 600 }
main { max-width: 60rem; margin: 0 auto; padding: 1rem }
main.narrow { max-width: 34rem }
a { color: #0b4a9e }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .3rem .8rem .3rem 0 }
.number { text-align: right; font-variant-numeric: tabular-nums }
tfoot { font-weight: 600; border-top: 2px solid #1a1a1a }
form.inline { display: inline }
fieldset { border: 1px solid #6b6b6b; border-radius: .4rem; margin: 1rem 0; padding: .5rem 1rem 1rem }
legend { font-weight: 600; padding: 0 .3rem }
.choice { display: flex; gap: .6rem; align-items: center; min-height: 44px }
.choice input { width: 1.3rem; height: 1.3rem; flex: none; accent-color: #0b4a9e }
.field label { display: block; font-weight: 600 }
.field input { font: inherit; width: 100%; padding: .6rem; border: 1px solid #6b6b6b; border-radius: .4rem }
.hint { margin: .2rem 0; color: #404040 }
button { font: inherit; padding: .6rem 1.2rem; margin: 0 .6rem .6rem 0; min-height: 44px; border-radius: .4rem }
button { border: 1px solid #1a1a1a; background: #fff; color: #1a1a1a; cursor: pointer }
button.primary { background: #0b4a9e; border-color: #0b4a9e; color: #fff; font-weight: 600 }
:focus-visible { outline: 3px solid #0b4a9e; outline-offset: 3px }
.alert { border: 2px solid #a30000; border-radius: .4rem; padding: .6rem 1rem; color: #7a0000; background: #fff5f5 }
"""


def page(title: str, content: str, *, narrow: bool = False) -> str:
    """Return a whole page; `title` is text, `content` is HTML."""
    width = ' class="narrow"' if narrow else ""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(title)} - {LABEL}</title>"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}</style></head><body>"
        f'<header><p class="banner">{LABEL}</p></header>'
        f"<main{width}><h1>{escape(title)}</h1>{content}</main></body></html>"
    )
