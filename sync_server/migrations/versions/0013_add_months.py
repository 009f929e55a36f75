"""Add what keeps ratings unique in tables in months, and what stays of a month that was detached."""

import sqlalchemy as sa
from alembic import op

from sync_server.errors import Refused

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('detached_month',
    sa.Column('month', sa.String(length=7), nullable=False),
    sa.Column('first_at', sa.BigInteger(), nullable=False),
    sa.Column('until_at', sa.BigInteger(), nullable=False),
    sa.Column('ratings', sa.BigInteger(), nullable=False),
    sa.Column('detached_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('month', name=op.f('pk_detached_month'))
    )
    op.create_table('detached_rating',
    sa.Column('epoch_id', sa.Integer(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('digest', sa.LargeBinary(length=32), nullable=False),
    sa.PrimaryKeyConstraint('epoch_id', 'seq', name=op.f('pk_detached_rating')),
    sqlite_with_rowid=False
    )
    op.create_table('detached_tally',
    sa.Column('month', sa.String(length=7), nullable=False),
    sa.Column('officer_id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Integer(), nullable=False),
    sa.Column('service_id', sa.Integer(), nullable=False),
    sa.Column('survey_id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('source', sa.SmallInteger(), nullable=False),
    sa.Column('n1', sa.Integer(), nullable=False),
    sa.Column('n2', sa.Integer(), nullable=False),
    sa.Column('n3', sa.Integer(), nullable=False),
    sa.Column('n4', sa.Integer(), nullable=False),
    sa.Column('n5', sa.Integer(), nullable=False),
    sa.Column('with_dossier', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('month', 'officer_id', 'day', 'service_id', 'survey_id', 'unit_id', 'source', name=op.f('pk_detached_tally')),
    sqlite_with_rowid=False
    )
    op.create_table('dossier_key',
    sa.Column('dossier_mac', sa.LargeBinary(length=16), nullable=False),
    sa.PrimaryKeyConstraint('dossier_mac', name=op.f('pk_dossier_key'))
    )
    op.create_table('rating_key',
    sa.Column('id', sa.LargeBinary(length=16), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rating_key'))
    )


def downgrade() -> None:
    bind = op.get_bind()
    if bind.dialect.name == 'postgresql':
        kind = bind.exec_driver_sql("SELECT relkind::text FROM pg_class WHERE oid = 'rating'::regclass").scalar()
        if kind == 'p':
            raise Refused('the ratings are in months, which revision 0012 does not know; run first: '
                          'nucuoi-server partition --off')
    op.drop_table('rating_key')
    op.drop_table('dossier_key')
    op.drop_table('detached_tally')
    op.drop_table('detached_rating')
    op.drop_table('detached_month')
