"""Add emulation."""

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('emulation_points',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('criterion', sa.String(length=40), nullable=False),
    sa.Column('side', sa.String(length=10), nullable=False),
    sa.Column('points', sa.Float(), nullable=True),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.Column('made_by', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['made_by'], ['staff.id'], name=op.f('fk_emulation_points_made_by_staff')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_emulation_points_unit_id_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_emulation_points'))
    )
    with op.batch_alter_table('emulation_points', schema=None) as batch_op:
        batch_op.create_index('ix_emulation_points_unit', ['unit_id', 'year', 'id'], unique=False)

    op.create_table('emulation_sheet',
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('figures', sa.JSON(), nullable=False),
    sa.Column('seal', sa.LargeBinary(length=32), nullable=False),
    sa.Column('closed_at', sa.BigInteger(), nullable=False),
    sa.Column('closed_by', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['closed_by'], ['staff.id'], name=op.f('fk_emulation_sheet_closed_by_staff')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_emulation_sheet_unit_id_unit')),
    sa.PrimaryKeyConstraint('unit_id', 'year', name=op.f('pk_emulation_sheet'))
    )


def downgrade() -> None:
    op.drop_table('emulation_sheet')
    with op.batch_alter_table('emulation_points', schema=None) as batch_op:
        batch_op.drop_index('ix_emulation_points_unit')

    op.drop_table('emulation_points')
