"""What becomes of messages is told to who sent them, servers and devices."""

import sqlalchemy as sa
from alembic import op

revision = "short_message_centre_0002"
down_revision = "short_message_centre_0001"

TABLES = sa.MetaData()
sa.Table(
    "receipt",
    TABLES,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("receiver", sa.String(15), nullable=False),
    sa.Column("sender", sa.String(15), nullable=False),
    sa.Column("state", sa.Integer, nullable=False),
    sa.Column("error", sa.Integer, nullable=False),
    sa.Column("submitted", sa.Float, nullable=False),
    sa.Column("done", sa.Float, nullable=False),
    sa.Column("expires", sa.Float, nullable=False),
    sa.Column("text", sa.LargeBinary, nullable=False),
    sa.Index("receipt_by_receiver", "receiver", "id"),
)


def upgrade() -> None:
    """Messages that wait were sent by servers, which had no receipts to ask for."""
    for column in (
        sa.Column("taken", sa.Float, nullable=False, server_default=sa.text("0")),
        sa.Column("receipts", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("reference", sa.Integer),
        sa.Column("is_single_shot", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("is_report", sa.Boolean, nullable=False, server_default=sa.false()),
    ):
        op.add_column("short_message", column)
    is_of_device = sa.text("reference IS NOT NULL")
    op.create_index(
        "short_message_by_originator",
        "short_message",
        ["originator", "reference"],
        sqlite_where=is_of_device,
        postgresql_where=is_of_device,
    )
    TABLES.create_all(op.get_bind())
