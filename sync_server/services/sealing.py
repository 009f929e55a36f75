"""Is this the secret that the database's keys are sealed with?"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from sync_server.errors import BadSeal, WrongSecret
from sync_server.models.organisation import Unit
from sync_server.seals import Seals


def check_secret(session: Session, seals: Seals) -> None:
    """Raises `WrongSecret` when the units' keys were sealed with another secret than this server has."""
    sealed = session.scalar(select(Unit.key_sealed).order_by(Unit.id).limit(1))
    if sealed is None:
        return
    try:
        seals.open(sealed)
    except BadSeal as error:
        raise WrongSecret(
            "the keys in this database are sealed with another secret; bring the old secret file back, "
            "or name it by NUCUOI_SECRET_FILE"
        ) from error
