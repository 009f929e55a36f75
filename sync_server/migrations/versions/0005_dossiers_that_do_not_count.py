"""Index only the ratings of a dossier that do not count: the one that does has an index of its own."""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

EVERY = sa.text('dossier_mac IS NOT NULL')
NOT_COUNTED = sa.text('dossier_mac IS NOT NULL AND counted != 0')


def upgrade() -> None:
    op.drop_index('ix_rating_dossier_mac', 'rating')
    op.create_index(
        'ix_rating_dossier_mac', 'rating', ['dossier_mac'], sqlite_where=NOT_COUNTED, postgresql_where=NOT_COUNTED
    )


def downgrade() -> None:
    op.drop_index('ix_rating_dossier_mac', 'rating')
    op.create_index('ix_rating_dossier_mac', 'rating', ['dossier_mac'], sqlite_where=EVERY, postgresql_where=EVERY)
