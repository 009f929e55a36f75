"""Add rollout."""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('rollout_reminder',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('tasks', sa.Text(), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('sent_at', sa.BigInteger(), nullable=False),
    sa.Column('sent_by', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['sent_by'], ['staff.id'], name=op.f('fk_rollout_reminder_sent_by_staff')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_rollout_reminder_unit_id_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rollout_reminder'))
    )
    with op.batch_alter_table('rollout_reminder', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_rollout_reminder_unit_id'), ['unit_id'], unique=False)

    op.create_table('rollout_report',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('task', sa.String(length=40), nullable=False),
    sa.Column('stage', sa.String(length=12), nullable=False),
    sa.Column('day', sa.Integer(), nullable=False),
    sa.Column('present', sa.Integer(), nullable=True),
    sa.Column('total', sa.Integer(), nullable=True),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.Column('made_by', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['made_by'], ['staff.id'], name=op.f('fk_rollout_report_made_by_staff')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_rollout_report_unit_id_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rollout_report'))
    )
    with op.batch_alter_table('rollout_report', schema=None) as batch_op:
        batch_op.create_index('ix_rollout_report_unit', ['unit_id', 'id'], unique=False)

    op.create_table('rollout_start',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Integer(), nullable=False),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.Column('made_by', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['made_by'], ['staff.id'], name=op.f('fk_rollout_start_made_by_staff')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_rollout_start_unit_id_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rollout_start'))
    )
    with op.batch_alter_table('rollout_start', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_rollout_start_unit_id'), ['unit_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('rollout_start', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_rollout_start_unit_id'))

    op.drop_table('rollout_start')
    with op.batch_alter_table('rollout_report', schema=None) as batch_op:
        batch_op.drop_index('ix_rollout_report_unit')

    op.drop_table('rollout_report')
    with op.batch_alter_table('rollout_reminder', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_rollout_reminder_unit_id'))

    op.drop_table('rollout_reminder')
