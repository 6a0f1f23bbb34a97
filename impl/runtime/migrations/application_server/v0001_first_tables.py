"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "application_server_0001"
down_revision = None

TABLES = sa.MetaData()
sa.Table(
    "agreement",
    TABLES,
    sa.Column("plmn", sa.String(6), primary_key=True),
    sa.Column("name", sa.String(64), nullable=False),
)
sa.Table(
    "card",
    TABLES,
    sa.Column(
        "key",
        sa.BigInteger().with_variant(sa.Integer, "sqlite"),
        primary_key=True,
        autoincrement=False,
    ),
    sa.Column("secrets", sa.LargeBinary, nullable=False),
    sa.Column("key_version", sa.Integer, nullable=False),
    sa.Column("plmn", sa.String(6)),
    sa.Column("msisdn", sa.String(15)),
    sa.Column("sent_counter", sa.BigInteger, nullable=False),
    sa.Column("seen_counter", sa.BigInteger, nullable=False),
)
sa.Table(
    "change",
    TABLES,
    sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("transaction_id", sa.String(8), nullable=False, unique=True),
    sa.Column("card_key", sa.BigInteger, nullable=False),
    sa.Column("iccid", sa.String(20), nullable=False),
    sa.Column("source_plmn", sa.String(6), nullable=False),
    sa.Column("target_plmn", sa.String(6), nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("reason", sa.String(24)),
    sa.Column("open", sa.Integer),
    sa.Column("opened", sa.Float, nullable=False),
    sa.Column("ended", sa.Float),
    sa.Column("due", sa.Float),
    sa.Column("identity", sa.LargeBinary),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("orders", sa.Integer, nullable=False),
    sa.Column("first_order", sa.BigInteger),
    sa.Column("report", sa.Integer),
    sa.UniqueConstraint("card_key", "open"),
)
sa.Table(
    "refusal",
    TABLES,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("iccid", sa.String(20)),
    sa.Column("plmn", sa.String(6)),
    sa.Column("sender", sa.String(64), nullable=False),
    sa.Column("reason", sa.String(24), nullable=False),
)
sa.Table(
    "installation",
    TABLES,
    sa.Column(
        "card_key",
        sa.BigInteger().with_variant(sa.Integer, "sqlite"),
        primary_key=True,
        autoincrement=False,
    ),
    sa.Column("iccid", sa.String(20), nullable=False),
    sa.Column("counter", sa.BigInteger, nullable=False),
    sa.Column("status", sa.Integer),
    sa.Column("sw", sa.Integer),
)
sa.Table(
    "outbox",
    TABLES,
    sa.Column("name", sa.String(96), primary_key=True),
    sa.Column("interface", sa.String(16), nullable=False),
    sa.Column("peer", sa.String(64), nullable=False),
    sa.Column("octets", sa.LargeBinary, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
)
_HAS_NUMBER = sa.text("msisdn IS NOT NULL")
sa.Index(
    "card_by_msisdn",
    TABLES.tables["card"].c.msisdn,
    sqlite_where=_HAS_NUMBER,
    postgresql_where=_HAS_NUMBER,
)
_HAS_TIMER = sa.text("due IS NOT NULL")
sa.Index(
    "change_by_due",
    TABLES.tables["change"].c.due,
    sqlite_where=_HAS_TIMER,
    postgresql_where=_HAS_TIMER,
)


def upgrade() -> None:
    """Make the tables, as they stand here and nowhere else any more."""
    TABLES.create_all(op.get_bind())
