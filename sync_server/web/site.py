"""The site for people: its blueprints, and what all its pages share.

A new page: a module with `pages = Blueprint(…)`, each view marked by `access.roles(…)`, added to `PAGES` below, and
to `navigation.GROUPS` when it is a place to go to. Templates extend `base.html` (blocks `title`, `content`).
"""

from datetime import timedelta

from flask import Flask, current_app, request
from flask_bootstrap import Bootstrap5
from flask_wtf import CSRFProtect

from sync_server.office import KEY, Office
from sync_server.queries import demo
from sync_server.web import (
    access,
    account,
    assignments,
    board,
    cases,
    emulation,
    faults,
    figures,
    fonts,
    handled,
    home,
    home_requests,
    imports,
    kiosk_settings,
    kiosks,
    language,
    letter_templates,
    letters,
    log,
    navigation,
    notices,
    officers,
    opinions,
    organisation,
    outages,
    own,
    paper_templates,
    patterns,
    people,
    phone,
    remote,
    reports,
    results,
    rollout,
    roster,
    rounds,
    seals,
    second_factor,
    security,
    service_imports,
    sign_in,
    slip_batches,
    slips,
    sticks,
    stylesheets,
    succession,
    surveys,
)

PAGES = (
    fonts.pages,
    sign_in.pages,
    home.pages,
    kiosks.pages,
    sticks.pages,
    slips.pages,
    slip_batches.pages,
    phone.pages,
    board.pages,
    officers.pages,
    figures.pages,
    account.pages,
    notices.pages,
    second_factor.pages,
    people.pages,
    organisation.pages,
    roster.pages,
    results.pages,
    patterns.pages,
    reports.pages,
    paper_templates.pages,
    letters.pages,
    letter_templates.pages,
    log.pages,
    imports.pages,
    cases.pages,
    handled.pages,
    outages.pages,
    opinions.pages,
    opinions.keying,
    home_requests.pages,
    own.pages,
    surveys.pages,
    assignments.pages,
    rounds.pages,
    seals.pages,
    remote.pages,
    kiosk_settings.pages,
    succession.pages,
    service_imports.pages,
    rollout.pages,
    emulation.pages,
)


FIELD_BYTES_MAX = 4 * 1024 * 1024
"""Of a form's fields that are no files: the preview of an import carries its list."""
FORM_BYTES_MAX = 12 * 1024 * 1024
"""Of a form with its files; more is answered 413 without being read. The kiosks' API has limits of its own."""


def attach(app: Flask) -> None:
    """Add the pages to the application."""
    office: Office = app.extensions[KEY]
    app.config.update(
        SESSION_COOKIE_NAME="nucuoi",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=office.settings.secure_cookies,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=office.settings.session_hours),
        SESSION_REFRESH_EACH_REQUEST=False,  # else files that caches keep would carry a person's cookie
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(days=365),  # addresses of files carry their hash
        BOOTSTRAP_SERVE_LOCAL=True,
        WTF_CSRF_CHECK_DEFAULT=False,  # the kiosks' API has no cookies to be abused; see _check_form
        WTF_CSRF_TIME_LIMIT=None,
    )
    Bootstrap5(app)
    csrf = CSRFProtect(app)
    app.before_request(lambda: _check_form(csrf))
    access.attach(app)
    language.attach(app)
    security.attach(app)
    stylesheets.attach(app)
    faults.attach(app)
    app.context_processor(_shared)
    for pages in PAGES:
        app.register_blueprint(pages)


def _check_form(csrf: CSRFProtect) -> None:
    if not request.path.startswith("/api/"):
        request.max_content_length = FORM_BYTES_MAX
        request.max_form_memory_size = FIELD_BYTES_MAX
    view = current_app.view_functions.get(request.endpoint or "")
    is_open = request.path.startswith("/api/") or getattr(view, "without_cookie", False)
    if current_app.config["WTF_CSRF_ENABLED"] and not is_open:
        csrf.protect()


def _shared() -> dict[str, object]:
    return {
        "navigation": navigation.groups,
        "role_name": navigation.role_name,
        "may_open": access.may_open,
        "is_demo": _is_demo,
    }


def _is_demo() -> bool:
    with access.office().database.read() as session:
        return demo.present(session)
