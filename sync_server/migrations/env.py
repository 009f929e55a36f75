"""What Alembic runs for each migration: the models' metadata over a connection that the caller opened.

There is no alembic.ini: `sync_server.services.migration` gives the connection and owns the transaction.
"""

from alembic import context

from sync_server.models.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite cannot alter most of a table: Alembic makes it again
    transactional_ddl=True,  # SQLite can, although Alembic's default says otherwise: half a migration never stays
)
with context.begin_transaction():
    context.run_migrations()
