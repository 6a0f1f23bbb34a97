"""Messages say when they are due, so that another server over the database can take them over."""

import sqlalchemy as sa
from alembic import op

revision = "home_register_0002"
down_revision = "home_register_0001"


def upgrade() -> None:
    """Add the column; what is there is overdue, and sent when a server starts in any case."""
    due = sa.Column("due", sa.Float, nullable=False, server_default=sa.text("0"))
    with op.batch_alter_table("outbox") as outbox:
        outbox.add_column(due)
    with op.batch_alter_table("outbox") as outbox:
        outbox.alter_column("due", server_default=None)
