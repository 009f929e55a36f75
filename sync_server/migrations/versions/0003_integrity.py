"""Add integrity alerts and slips by the hour."""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('integrity_alert',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('officer_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('first_day', sa.Integer(), nullable=False),
    sa.Column('last_day', sa.Integer(), nullable=False),
    sa.Column('found', sa.Integer(), nullable=False),
    sa.Column('of_n', sa.Integer(), nullable=False),
    sa.Column('chance', sa.Float(), nullable=True),
    sa.Column('raised_at', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['officer_id'], ['officer.id'], name=op.f('fk_integrity_alert_officer_id_officer')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_integrity_alert')),
    sa.UniqueConstraint('officer_id', 'kind', 'first_day', name=op.f('uq_integrity_alert_officer_id'))
    )
    with op.batch_alter_table('integrity_alert', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_integrity_alert_first_day'), ['first_day'], unique=False)

    op.create_table('slip_hour',
    sa.Column('officer_id', sa.Integer(), nullable=False),
    sa.Column('hour', sa.Integer(), nullable=False),
    sa.Column('n', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['officer_id'], ['officer.id'], name=op.f('fk_slip_hour_officer_id_officer')),
    sa.PrimaryKeyConstraint('officer_id', 'hour', name=op.f('pk_slip_hour')),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('slip_hour', schema=None) as batch_op:
        batch_op.create_index('ix_slip_hour_hour', ['hour'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('slip_hour', schema=None) as batch_op:
        batch_op.drop_index('ix_slip_hour_hour')

    op.drop_table('slip_hour')
    with op.batch_alter_table('integrity_alert', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_integrity_alert_first_day'))

    op.drop_table('integrity_alert')
