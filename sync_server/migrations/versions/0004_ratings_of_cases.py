"""Add the ratings of cases and officers' own summaries."""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('own_summary',
    sa.Column('officer_id', sa.Integer(), nullable=False),
    sa.Column('until_day', sa.Integer(), nullable=False),
    sa.Column('from_day', sa.Integer(), nullable=False),
    sa.Column('n', sa.Integer(), nullable=False),
    sa.Column('satisfied', sa.Integer(), nullable=False),
    sa.Column('neutral', sa.Integer(), nullable=False),
    sa.Column('dissatisfied', sa.Integer(), nullable=False),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['officer_id'], ['officer.id'], name=op.f('fk_own_summary_officer_id_officer')),
    sa.PrimaryKeyConstraint('officer_id', 'until_day', name=op.f('pk_own_summary'))
    )
    op.create_table('case_rating',
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('rating_id', sa.LargeBinary(length=16), nullable=False),
    sa.Column('added_at', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case_file.id'], name=op.f('fk_case_rating_case_id_case_file')),
    sa.PrimaryKeyConstraint('case_id', 'rating_id', name=op.f('pk_case_rating'))
    )
    with op.batch_alter_table('case_rating', schema=None) as batch_op:
        batch_op.create_index('ix_case_rating_rating', ['rating_id'], unique=False)

    with op.batch_alter_table('case_file', schema=None) as batch_op:
        batch_op.add_column(sa.Column('officer_hears', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column('proposed_by', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('finding', sa.String(length=10), nullable=True))
        batch_op.add_column(sa.Column('measure', sa.String(length=10), nullable=True))
        batch_op.add_column(sa.Column('told_by_receipt', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column('told_on_board', sa.Boolean(), nullable=False, server_default=sa.false()))

    with op.batch_alter_table('rating', schema=None) as batch_op:
        batch_op.create_index('ix_rating_officer_low', ['officer_id', 'day'], unique=False, sqlite_where=sa.text('level <= 3'), postgresql_where=sa.text('level <= 3'))

    # The complaints that opened cases before this table was there.
    op.execute(
        "INSERT INTO case_rating (case_id, rating_id, added_at) "
        "SELECT id, rating_id, opened_at FROM case_file WHERE rating_id IS NOT NULL"
    )


def downgrade() -> None:
    with op.batch_alter_table('rating', schema=None) as batch_op:
        batch_op.drop_index('ix_rating_officer_low', sqlite_where=sa.text('level <= 3'), postgresql_where=sa.text('level <= 3'))

    with op.batch_alter_table('case_file', schema=None) as batch_op:
        batch_op.drop_column('told_on_board')
        batch_op.drop_column('told_by_receipt')
        batch_op.drop_column('measure')
        batch_op.drop_column('finding')
        batch_op.drop_column('proposed_by')
        batch_op.drop_column('officer_hears')

    with op.batch_alter_table('case_rating', schema=None) as batch_op:
        batch_op.drop_index('ix_case_rating_rating')

    op.drop_table('case_rating')
    op.drop_table('own_summary')
