"""All tables at once, for those who need the whole metadata (migrations, tests)."""

from sync_server.models import casework, followup, integrity, kiosk, organisation, people, rating
from sync_server.models.base import Base

__all__ = ["Base", "casework", "followup", "integrity", "kiosk", "organisation", "people", "rating"]
metadata = Base.metadata
