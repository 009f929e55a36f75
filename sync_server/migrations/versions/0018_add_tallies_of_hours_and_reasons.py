"""Add tallies of hours and reasons, counted from the ratings that are there."""

import sqlalchemy as sa
from alembic import op

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None

# Of a rating in a month that was detached before this revision neither hour nor reasons are known any more; its
# tallies go on from what `rating` holds now.
COUNTED = """
    FROM (
        SELECT COALESCE(counter.unit_id,
                   (SELECT kiosk_move.from_unit_id FROM kiosk_move
                    WHERE kiosk_move.kiosk_id = kiosk.id AND kiosk_move.moved_at >= rating.received_at
                    ORDER BY kiosk_move.moved_at, kiosk_move.id LIMIT 1),
                   kiosk.unit_id) AS unit_id,
               rating.day AS day,
               (rating.happened_at - (CAST(rating.day AS BIGINT) - 719164) * 86400000) / 3600000 AS hour,
               COALESCE(rating.service_id, rating.tallied_service_id, 0) AS service_id,
               rating.survey_id AS survey_id, rating.source AS source, rating.level AS level,
               rating.reasons AS reasons
        FROM rating
        JOIN epoch ON epoch.id = rating.epoch_id
        JOIN kiosk ON kiosk.id = epoch.kiosk_id
        LEFT JOIN counter ON counter.id = rating.counter_id
        WHERE rating.counted = 0 AND rating.day IS NOT NULL AND rating.happened_at IS NOT NULL
    ) AS given
"""
LEVELS = ", ".join(f"SUM(CASE WHEN level = {level} THEN 1 ELSE 0 END)" for level in range(1, 6))


def upgrade() -> None:
    for prefix in ('', 'detached_'):
        month = [sa.Column('month', sa.String(length=7), nullable=False)] if prefix else []
        first = ['month'] if prefix else []
        hours = ['unit_id', 'day', 'hour', 'survey_id', 'source']
        op.create_table(f'{prefix}hour_tally',
        *month,
        sa.Column('unit_id', sa.Integer(), nullable=False),
        sa.Column('day', sa.Integer(), nullable=False),
        sa.Column('hour', sa.SmallInteger(), nullable=False),
        sa.Column('survey_id', sa.Integer(), nullable=False),
        sa.Column('source', sa.SmallInteger(), nullable=False),
        *(sa.Column(f'n{level}', sa.Integer(), nullable=False) for level in range(1, 6)),
        *_references(f'{prefix}hour_tally', prefix),
        sa.PrimaryKeyConstraint(*first, *hours, name=op.f(f'pk_{prefix}hour_tally')),
        sqlite_with_rowid=False
        )
        reasons = ['unit_id', 'day', 'service_id', 'survey_id', 'source', 'level', 'reasons']
        op.create_table(f'{prefix}reason_tally',
        *([sa.Column('month', sa.String(length=7), nullable=False)] if prefix else []),
        sa.Column('unit_id', sa.Integer(), nullable=False),
        sa.Column('day', sa.Integer(), nullable=False),
        sa.Column('service_id', sa.Integer(), nullable=False),
        sa.Column('survey_id', sa.Integer(), nullable=False),
        sa.Column('source', sa.SmallInteger(), nullable=False),
        sa.Column('level', sa.SmallInteger(), nullable=False),
        sa.Column('reasons', sa.Integer(), nullable=False),
        sa.Column('n', sa.Integer(), nullable=False),
        *_references(f'{prefix}reason_tally', prefix),
        sa.PrimaryKeyConstraint(*first, *reasons, name=op.f(f'pk_{prefix}reason_tally')),
        sqlite_with_rowid=False
        )
    op.execute(f"INSERT INTO hour_tally (unit_id, day, hour, survey_id, source, n1, n2, n3, n4, n5)"
               f" SELECT unit_id, day, hour, survey_id, source, {LEVELS} {COUNTED}"
               f" GROUP BY unit_id, day, hour, survey_id, source")
    op.execute(f"INSERT INTO reason_tally (unit_id, day, service_id, survey_id, source, level, reasons, n)"
               f" SELECT unit_id, day, service_id, survey_id, source, level, reasons, COUNT(*) {COUNTED}"
               f" WHERE reasons <> 0 GROUP BY unit_id, day, service_id, survey_id, source, level, reasons")


def _references(table: str, prefix: str) -> list[sa.ForeignKeyConstraint]:
    if prefix:
        return []
    return [
        sa.ForeignKeyConstraint(['survey_id'], ['survey_version.id'],
                                name=op.f(f'fk_{table}_survey_id_survey_version')),
        sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f(f'fk_{table}_unit_id_unit')),
    ]


def downgrade() -> None:
    for prefix in ('detached_', ''):
        op.drop_table(f'{prefix}reason_tally')
        op.drop_table(f'{prefix}hour_tally')
