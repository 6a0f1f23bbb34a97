"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "short_message_centre_0001"
down_revision = None

TABLES = sa.MetaData()
sa.Table(
    "short_message",
    TABLES,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("destination", sa.String(15), nullable=False),
    sa.Column("originator", sa.String(15), nullable=False),
    sa.Column("esm_class", sa.Integer, nullable=False),
    sa.Column("protocol_id", sa.Integer, nullable=False),
    sa.Column("data_coding", sa.Integer, nullable=False),
    sa.Column("user_data", sa.LargeBinary, nullable=False),
    sa.Column("expires", sa.Float, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Index("short_message_by_destination", "destination", "id"),
    sqlite_autoincrement=True,
)


def upgrade() -> None:
    """Make the tables, as they stand here and nowhere else any more."""
    TABLES.create_all(op.get_bind())
