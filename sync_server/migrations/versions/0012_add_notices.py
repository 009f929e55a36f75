"""Add channels of notices, what goes to each, and the outbox."""

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

WAITING = sa.text('sent_at IS NULL AND failed_at IS NULL')


def upgrade() -> None:
    op.create_table('notice_channel',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.Column('shown', sa.String(length=80), nullable=False),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.Column('ended_at', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_notice_channel_staff_id_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notice_channel'))
    )
    op.create_index(op.f('ix_notice_channel_staff_id'), 'notice_channel', ['staff_id'])
    op.create_table('notice_choice',
    sa.Column('channel_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.ForeignKeyConstraint(
        ['channel_id'], ['notice_channel.id'], name=op.f('fk_notice_choice_channel_id_notice_channel')
    ),
    sa.PrimaryKeyConstraint('channel_id', 'kind', name=op.f('pk_notice_choice'))
    )
    op.create_table('notice',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('channel_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('once', sa.String(length=60), nullable=False),
    sa.Column('params', sa.JSON(), nullable=False),
    sa.Column('path', sa.String(length=100), nullable=False),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.Column('due_at', sa.BigInteger(), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('sent_at', sa.BigInteger(), nullable=True),
    sa.Column('failed_at', sa.BigInteger(), nullable=True),
    sa.Column('fault', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['channel_id'], ['notice_channel.id'], name=op.f('fk_notice_channel_id_notice_channel')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notice')),
    sa.UniqueConstraint('channel_id', 'once', name=op.f('uq_notice_channel_id'))
    )
    op.create_index('ix_notice_waiting', 'notice', ['due_at'], sqlite_where=WAITING, postgresql_where=WAITING)


def downgrade() -> None:
    op.drop_index('ix_notice_waiting', 'notice')
    op.drop_table('notice')
    op.drop_table('notice_choice')
    op.drop_index(op.f('ix_notice_channel_staff_id'), 'notice_channel')
    op.drop_table('notice_channel')
