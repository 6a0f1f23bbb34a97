"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "home_register_0001"
down_revision = None

TABLES = sa.MetaData()
sa.Table(
    "subscriber",
    TABLES,
    sa.Column("imsi", sa.String(15), primary_key=True),
    sa.Column("msisdn", sa.String(15), nullable=False, unique=True),
    sa.Column("secrets", sa.LargeBinary, nullable=False),
    sa.Column("algorithm", sa.Integer, nullable=False),
    sa.Column("sqn", sa.BigInteger, nullable=False),
    sa.Column("state", sa.String(8), nullable=False),
    sa.Column("since", sa.Float, nullable=False),
    sa.Column("iccid", sa.String(20), unique=True),
    sa.Column("vlr", sa.String(64)),
    sa.Column("profile", sa.Integer, nullable=False),
    sa.Column("waiting", sa.Boolean, nullable=False),
    sa.Index("subscriber_by_state", "state", "since", "imsi"),
)
sa.Table(
    "change",
    TABLES,
    sa.Column("transaction_id", sa.String(8), primary_key=True),
    sa.Column("iccid", sa.String(20)),
    sa.Column("imsi", sa.String(15)),
    sa.Column("state", sa.String(9), nullable=False),
    sa.Index("change_by_imsi", "imsi", "state"),
)
sa.Table(
    "departure",
    TABLES,
    sa.Column("transaction_id", sa.String(8), primary_key=True),
    sa.Column("iccid", sa.String(20), nullable=False),
    sa.Index("departure_by_iccid", "iccid"),
)
sa.Table(
    "outbox",
    TABLES,
    sa.Column("name", sa.String(96), primary_key=True),
    sa.Column("interface", sa.String(16), nullable=False),
    sa.Column("peer", sa.String(64), nullable=False),
    sa.Column("octets", sa.LargeBinary, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("due", sa.Float, nullable=False),
)


def upgrade() -> None:
    """Make the tables, as they stand here and nowhere else any more."""
    TABLES.create_all(op.get_bind())
