"""Add board settings."""

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('board_setting',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('figures_public', sa.Boolean(), nullable=False),
    sa.Column('period', sa.String(length=10), nullable=False),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.Column('made_by', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['made_by'], ['staff.id'], name=op.f('fk_board_setting_made_by_staff')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_board_setting_unit_id_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_board_setting'))
    )
    with op.batch_alter_table('board_setting', schema=None) as batch_op:
        batch_op.create_index('ix_board_setting_unit', ['unit_id', 'id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('board_setting', schema=None) as batch_op:
        batch_op.drop_index('ix_board_setting_unit')

    op.drop_table('board_setting')
