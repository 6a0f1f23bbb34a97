"""A card that has changed networks is known by its number there before the change is complete."""

import sqlalchemy as sa
from alembic import op

revision = "application_server_0003"
down_revision = "application_server_0002"


def upgrade() -> None:
    """Add the column; a change that is open meanwhile is known by the old number alone."""
    op.add_column("change", sa.Column("joined_msisdn", sa.String(15)))
    is_open = sa.text("open IS NOT NULL")
    op.create_index(
        "change_by_joined_msisdn",
        "change",
        ["joined_msisdn", "target_plmn"],
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
