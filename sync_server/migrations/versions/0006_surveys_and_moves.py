"""Add drafts, assignments and rounds of surveys, settings of kiosks, and what became of units, officers and kiosks."""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

# Ratings refer to published surveys, so that no program, ours included, may change one.
FREEZE = {
    'sqlite': (
        "CREATE TRIGGER survey_version_kept_{what} BEFORE {what} ON survey_version "
        "BEGIN SELECT RAISE(ABORT, 'a published survey never changes; publish another one'); END",
    ),
    'postgresql': (
        "CREATE OR REPLACE FUNCTION survey_version_kept() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'a published survey never changes; publish another one'; END $$",
        "CREATE TRIGGER survey_version_kept_{what} BEFORE {what} ON survey_version "
        "FOR EACH ROW EXECUTE FUNCTION survey_version_kept()",
    ),
}
WHATS = ('UPDATE', 'DELETE')


def upgrade() -> None:
    op.create_table('unit_successor',
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('successor_id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['successor_id'], ['unit.id'], name=op.f('fk_unit_successor_successor_id_unit')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_unit_successor_unit_id_unit')),
    sa.PrimaryKeyConstraint('unit_id', 'successor_id', name=op.f('pk_unit_successor'))
    )
    with op.batch_alter_table('unit_successor', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_unit_successor_successor_id'), ['successor_id'], unique=False)

    op.create_table('officer_move',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('officer_id', sa.Integer(), nullable=False),
    sa.Column('from_unit_id', sa.Integer(), nullable=False),
    sa.Column('to_unit_id', sa.Integer(), nullable=False),
    sa.Column('moved_at', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['from_unit_id'], ['unit.id'], name=op.f('fk_officer_move_from_unit_id_unit')),
    sa.ForeignKeyConstraint(['officer_id'], ['officer.id'], name=op.f('fk_officer_move_officer_id_officer')),
    sa.ForeignKeyConstraint(['to_unit_id'], ['unit.id'], name=op.f('fk_officer_move_to_unit_id_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_officer_move'))
    )
    with op.batch_alter_table('officer_move', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_officer_move_officer_id'), ['officer_id'], unique=False)

    op.create_table('kiosk_move',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kiosk_id', sa.Integer(), nullable=False),
    sa.Column('from_unit_id', sa.Integer(), nullable=False),
    sa.Column('from_counter_id', sa.Integer(), nullable=True),
    sa.Column('moved_at', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['from_counter_id'], ['counter.id'], name=op.f('fk_kiosk_move_from_counter_id_counter')),
    sa.ForeignKeyConstraint(['from_unit_id'], ['unit.id'], name=op.f('fk_kiosk_move_from_unit_id_unit')),
    sa.ForeignKeyConstraint(['kiosk_id'], ['kiosk.id'], name=op.f('fk_kiosk_move_kiosk_id_kiosk')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_kiosk_move'))
    )
    with op.batch_alter_table('kiosk_move', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_kiosk_move_kiosk_id'), ['kiosk_id'], unique=False)

    op.create_table('survey_assignment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('survey_id', sa.Integer(), nullable=False),
    sa.Column('first_day', sa.Integer(), nullable=False),
    sa.Column('until_day', sa.Integer(), nullable=True),
    sa.Column('made_by', sa.Integer(), nullable=True),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['made_by'], ['staff.id'], name=op.f('fk_survey_assignment_made_by_staff')),
    sa.ForeignKeyConstraint(['survey_id'], ['survey_version.id'], name=op.f('fk_survey_assignment_survey_id_survey_version')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_survey_assignment_unit_id_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_survey_assignment'))
    )
    with op.batch_alter_table('survey_assignment', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_survey_assignment_unit_id'), ['unit_id'], unique=False)

    op.create_table('survey_draft',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('content', sa.JSON(), nullable=False),
    sa.Column('based_on_id', sa.Integer(), nullable=True),
    sa.Column('made_by', sa.Integer(), nullable=True),
    sa.Column('changed_at', sa.BigInteger(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=True),
    sa.Column('published_by', sa.Integer(), nullable=True),
    sa.Column('dropped_at', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['based_on_id'], ['survey_version.id'], name=op.f('fk_survey_draft_based_on_id_survey_version')),
    sa.ForeignKeyConstraint(['made_by'], ['staff.id'], name=op.f('fk_survey_draft_made_by_staff')),
    sa.ForeignKeyConstraint(['published_by'], ['staff.id'], name=op.f('fk_survey_draft_published_by_staff')),
    sa.ForeignKeyConstraint(['version_id'], ['survey_version.id'], name=op.f('fk_survey_draft_version_id_survey_version')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_survey_draft')),
    sa.UniqueConstraint('version_id', name=op.f('uq_survey_draft_version_id'))
    )
    op.create_table('survey_round',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('owner_id', sa.Integer(), nullable=True),
    sa.Column('first_day', sa.Integer(), nullable=False),
    sa.Column('until_day', sa.Integer(), nullable=True),
    sa.Column('made_by', sa.Integer(), nullable=True),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['made_by'], ['staff.id'], name=op.f('fk_survey_round_made_by_staff')),
    sa.ForeignKeyConstraint(['owner_id'], ['staff.id'], name=op.f('fk_survey_round_owner_id_staff')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_survey_round_unit_id_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_survey_round'))
    )
    with op.batch_alter_table('survey_round', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_survey_round_unit_id'), ['unit_id'], unique=False)

    with op.batch_alter_table('enrolment_code', schema=None) as batch_op:
        batch_op.add_column(sa.Column('replaces_id', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_enrolment_code_replaces_id_kiosk'), 'kiosk', ['replaces_id'], ['id'])

    with op.batch_alter_table('kiosk', schema=None) as batch_op:
        batch_op.add_column(sa.Column('settings', sa.JSON(), nullable=False, server_default=sa.text("'{}'")))
        batch_op.add_column(sa.Column('shown', sa.JSON(), nullable=False, server_default=sa.text("'{}'")))
        batch_op.add_column(sa.Column('replaces_id', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_kiosk_replaces_id_kiosk'), 'kiosk', ['replaces_id'], ['id'])

    with op.batch_alter_table('unit', schema=None) as batch_op:
        batch_op.add_column(sa.Column('shown', sa.JSON(), nullable=False, server_default=sa.text("'{}'")))

    for what in WHATS:
        for statement in FREEZE[op.get_bind().dialect.name]:
            op.execute(statement.format(what=what))


def downgrade() -> None:
    is_postgres = op.get_bind().dialect.name == 'postgresql'
    for what in WHATS:
        op.execute(f'DROP TRIGGER IF EXISTS survey_version_kept_{what}' + (' ON survey_version' if is_postgres else ''))
    if is_postgres:
        op.execute('DROP FUNCTION IF EXISTS survey_version_kept()')

    with op.batch_alter_table('unit', schema=None) as batch_op:
        batch_op.drop_column('shown')

    with op.batch_alter_table('kiosk', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_kiosk_replaces_id_kiosk'), type_='foreignkey')
        batch_op.drop_column('replaces_id')
        batch_op.drop_column('shown')
        batch_op.drop_column('settings')

    with op.batch_alter_table('enrolment_code', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_enrolment_code_replaces_id_kiosk'), type_='foreignkey')
        batch_op.drop_column('replaces_id')

    with op.batch_alter_table('survey_round', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_survey_round_unit_id'))

    op.drop_table('survey_round')
    op.drop_table('survey_draft')
    with op.batch_alter_table('survey_assignment', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_survey_assignment_unit_id'))

    op.drop_table('survey_assignment')
    with op.batch_alter_table('kiosk_move', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_kiosk_move_kiosk_id'))

    op.drop_table('kiosk_move')
    with op.batch_alter_table('officer_move', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_officer_move_officer_id'))

    op.drop_table('officer_move')
    with op.batch_alter_table('unit_successor', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_unit_successor_successor_id'))

    op.drop_table('unit_successor')