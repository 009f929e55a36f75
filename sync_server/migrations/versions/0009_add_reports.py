"""Add reports, their register and templates."""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('paper_template',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('paper', sa.String(length=40), nullable=False),
    sa.Column('file_name', sa.String(length=200), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=True),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.Column('made_by', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['made_by'], ['staff.id'], name=op.f('fk_paper_template_made_by_staff')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_paper_template_unit_id_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_paper_template'))
    )
    with op.batch_alter_table('paper_template', schema=None) as batch_op:
        batch_op.create_index('ix_paper_template_unit', ['unit_id', 'paper', 'id'], unique=False)

    op.create_table('register_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('book', sa.String(length=20), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('sign', sa.String(length=40), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('trigger', sa.String(length=100), nullable=False),
    sa.Column('signer', sa.String(length=120), nullable=False),
    sa.Column('day', sa.Integer(), nullable=False),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.Column('made_by', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['made_by'], ['staff.id'], name=op.f('fk_register_entry_made_by_staff')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_register_entry_unit_id_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_register_entry')),
    sa.UniqueConstraint('unit_id', 'book', 'year', 'number', name=op.f('uq_register_entry_unit_id'))
    )
    op.create_table('report',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('number', sa.SmallInteger(), nullable=False),
    sa.Column('first', sa.Integer(), nullable=False),
    sa.Column('until', sa.Integer(), nullable=False),
    sa.Column('supplements_id', sa.Integer(), nullable=True),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('words', sa.JSON(), nullable=False),
    sa.Column('changes', sa.Integer(), nullable=False),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.Column('made_by', sa.Integer(), nullable=True),
    sa.Column('changed_at', sa.BigInteger(), nullable=False),
    sa.Column('signed_at', sa.BigInteger(), nullable=True),
    sa.Column('signed_by', sa.Integer(), nullable=True),
    sa.Column('register_id', sa.Integer(), nullable=True),
    sa.Column('figures', sa.JSON(), nullable=True),
    sa.Column('figures_hash', sa.LargeBinary(length=32), nullable=True),
    sa.Column('seal', sa.LargeBinary(length=32), nullable=True),
    sa.ForeignKeyConstraint(['made_by'], ['staff.id'], name=op.f('fk_report_made_by_staff')),
    sa.ForeignKeyConstraint(['register_id'], ['register_entry.id'], name=op.f('fk_report_register_id_register_entry')),
    sa.ForeignKeyConstraint(['signed_by'], ['staff.id'], name=op.f('fk_report_signed_by_staff')),
    sa.ForeignKeyConstraint(['supplements_id'], ['report.id'], name=op.f('fk_report_supplements_id_report')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_report_unit_id_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_report')),
    sa.UniqueConstraint('register_id', name=op.f('uq_report_register_id'))
    )
    with op.batch_alter_table('report', schema=None) as batch_op:
        batch_op.create_index('ix_report_unit_kind', ['unit_id', 'kind', 'first'], unique=False)

    op.create_table('report_copy',
    sa.Column('report_id', sa.Integer(), nullable=False),
    sa.Column('place', sa.SmallInteger(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('through', sa.String(length=200), nullable=False),
    sa.Column('sent_day', sa.Integer(), nullable=True),
    sa.Column('sent_at', sa.BigInteger(), nullable=True),
    sa.Column('sent_by', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['report_id'], ['report.id'], name=op.f('fk_report_copy_report_id_report')),
    sa.ForeignKeyConstraint(['sent_by'], ['staff.id'], name=op.f('fk_report_copy_sent_by_staff')),
    sa.PrimaryKeyConstraint('report_id', 'place', name=op.f('pk_report_copy'))
    )
    op.create_table('report_file',
    sa.Column('report_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=8), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('sha256', sa.LargeBinary(length=32), nullable=False),
    sa.ForeignKeyConstraint(['report_id'], ['report.id'], name=op.f('fk_report_file_report_id_report')),
    sa.PrimaryKeyConstraint('report_id', 'kind', name=op.f('pk_report_file'))
    )


def downgrade() -> None:
    op.drop_table('report_file')
    op.drop_table('report_copy')
    with op.batch_alter_table('report', schema=None) as batch_op:
        batch_op.drop_index('ix_report_unit_kind')

    op.drop_table('report')
    op.drop_table('register_entry')
    with op.batch_alter_table('paper_template', schema=None) as batch_op:
        batch_op.drop_index('ix_paper_template_unit')

    op.drop_table('paper_template')
