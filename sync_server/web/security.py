"""What a browser may do with our pages: headers on every answer, and a policy without inline scripts or styles.

An inline `<style>` that cannot be avoided (a chart's SVG) carries `nonce="{{ style_nonce() }}"`. `style="…"`
attributes and every inline script stay forbidden: say it with a class.
"""

import secrets

from flask import Flask, Response, g, request

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'{nonce}; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


def style_nonce() -> str:
    """A value, new for each answer, that lets the `<style>` elements that carry it through."""
    if "style_nonce" not in g:
        g.style_nonce = secrets.token_urlsafe(16)
    return str(g.style_nonce)


def attach(app: Flask) -> None:
    """Add the headers to every answer, also to errors and the kiosks' API."""
    app.jinja_env.globals["style_nonce"] = style_nonce
    app.after_request(_with_headers)


def _with_headers(answer: Response) -> Response:
    nonce = f" 'nonce-{g.style_nonce}'" if "style_nonce" in g else ""
    headers = answer.headers
    headers.setdefault("Content-Security-Policy", _POLICY.format(nonce=nonce))
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("X-Frame-Options", "DENY")  # for browsers that do not know frame-ancestors
    headers.setdefault("Referrer-Policy", "same-origin")  # a ticket's token is in the address of /r/…
    headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if answer.mimetype == "text/html":
        # The next person at this PC must not see the page by the browser's back button.
        headers.setdefault("Cache-Control", "no-store")
    return answer
