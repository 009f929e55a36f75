"""Add declared outages, and an index of the ratings that they take out."""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

TAKEN_OUT = sa.text('counted = 6')


def upgrade() -> None:
    op.create_table('outage',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('kiosk_id', sa.Integer(), nullable=True),
    sa.Column('from_at', sa.BigInteger(), nullable=False),
    sa.Column('until_at', sa.BigInteger(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('declared_at', sa.BigInteger(), nullable=False),
    sa.Column('declared_by', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['declared_by'], ['staff.id'], name=op.f('fk_outage_declared_by_staff')),
    sa.ForeignKeyConstraint(['kiosk_id'], ['kiosk.id'], name=op.f('fk_outage_kiosk_id_kiosk')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_outage_unit_id_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outage'))
    )
    op.create_index('ix_outage_kiosk', 'outage', ['kiosk_id'])
    op.create_index('ix_outage_unit', 'outage', ['unit_id'])
    op.create_table('outage_withdrawal',
    sa.Column('outage_id', sa.Integer(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('withdrawn_at', sa.BigInteger(), nullable=False),
    sa.Column('withdrawn_by', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['outage_id'], ['outage.id'], name=op.f('fk_outage_withdrawal_outage_id_outage')),
    sa.ForeignKeyConstraint(['withdrawn_by'], ['staff.id'], name=op.f('fk_outage_withdrawal_withdrawn_by_staff')),
    sa.PrimaryKeyConstraint('outage_id', name=op.f('pk_outage_withdrawal'))
    )
    op.create_index(
        'ix_rating_outage', 'rating', ['officer_id', 'day'], sqlite_where=TAKEN_OUT, postgresql_where=TAKEN_OUT
    )


def downgrade() -> None:
    op.drop_index('ix_rating_outage', 'rating')
    op.drop_table('outage_withdrawal')
    op.drop_index('ix_outage_unit', 'outage')
    op.drop_index('ix_outage_kiosk', 'outage')
    op.drop_table('outage')
