"""The typeface, served from the package that brings it: there is no other network on these PCs than ours."""

from importlib import resources

from flask import Blueprint, Response, abort

from sync_server.web.access import public

CUTS = ("Regular", "Italic", "Medium", "SemiBold", "Bold")

pages = Blueprint("fonts", __name__)


@pages.get("/fonts/<cut>.ttf")
@public
def font(cut: str) -> Response:
    """One cut of Be Vietnam Pro; browsers may keep it for a year."""
    if cut not in CUTS:
        abort(404)
    file = resources.files("fontpkg_be_vietnam_pro") / "files" / f"BeVietnamPro-{cut}.ttf"
    answer = Response(file.read_bytes(), mimetype="font/ttf")
    answer.cache_control.public = True
    answer.cache_control.max_age = 31536000
    answer.cache_control.immutable = True
    return answer
