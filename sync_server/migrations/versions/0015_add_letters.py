"""Add letters."""

import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('letter',
    sa.Column('register_id', sa.Integer(), nullable=False),
    sa.Column('batch', sa.String(length=32), nullable=False),
    sa.Column('place', sa.SmallInteger(), nullable=False),
    sa.Column('dossier_mac', sa.LargeBinary(length=16), nullable=True),
    sa.Column('cancelled_at', sa.BigInteger(), nullable=True),
    sa.Column('cancelled_by', sa.Integer(), nullable=True),
    sa.Column('cancel_reason', sa.String(length=20), nullable=True),
    sa.ForeignKeyConstraint(['cancelled_by'], ['staff.id'], name=op.f('fk_letter_cancelled_by_staff')),
    sa.ForeignKeyConstraint(['register_id'], ['register_entry.id'], name=op.f('fk_letter_register_id_register_entry')),
    sa.PrimaryKeyConstraint('register_id', name=op.f('pk_letter')),
    sa.UniqueConstraint('batch', 'place', name=op.f('uq_letter_batch'))
    )
    with op.batch_alter_table('letter', schema=None) as batch_op:
        batch_op.create_index('ix_letter_dossier_mac', ['dossier_mac'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('letter', schema=None) as batch_op:
        batch_op.drop_index('ix_letter_dossier_mac')

    op.drop_table('letter')
