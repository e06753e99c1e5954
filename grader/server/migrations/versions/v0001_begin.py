"""The tables as they were in the beginning."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "server_accounts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("pseudonym", sa.String(length=32), nullable=False),
        sa.Column("pseudonym_key", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_server_accounts")),
        sa.UniqueConstraint("name", name=op.f("uq_server_accounts_name")),
        sa.UniqueConstraint("pseudonym_key", name=op.f("uq_server_accounts_pseudonym_key")),
    )
    op.create_table(
        "server_audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("address", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_server_audit")),
    )
    op.create_index(op.f("ix_server_audit_at"), "server_audit", ["at"], unique=False)
    op.create_table(
        "server_course",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_server_course")),
    )
    op.create_table(
        "server_workers",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_server_workers")),
    )
    op.create_table(
        "server_submissions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=7), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("assignment", sa.String(length=200), nullable=False),
        sa.Column("track", sa.String(length=100), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=120), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=7), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(length=200), nullable=True),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_score", sa.Double(), nullable=True),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("max_score", sa.Double(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["server_accounts.id"], name=op.f("fk_server_submissions_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_server_submissions")),
        sa.UniqueConstraint("account_id", "assignment", "track", "number", name="one_of_each_number"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_server_submissions_of_track", "server_submissions", ["assignment", "track", "state"], unique=False
    )
    op.create_index("ix_server_submissions_waiting", "server_submissions", ["state", "id"], unique=False)
    op.create_table(
        "server_tokens",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["server_accounts.id"], name=op.f("fk_server_tokens_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_server_tokens")),
        sa.UniqueConstraint("hash", name=op.f("uq_server_tokens_hash")),
    )
    op.create_index(op.f("ix_server_tokens_account_id"), "server_tokens", ["account_id"], unique=False)
    op.create_table(
        "server_sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("token_id", sa.Integer(), nullable=False),
        sa.Column("csrf", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["token_id"], ["server_tokens.id"], name=op.f("fk_server_sessions_token_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_server_sessions")),
        sa.UniqueConstraint("hash", name=op.f("uq_server_sessions_hash")),
    )
    op.create_index(op.f("ix_server_sessions_expires_at"), "server_sessions", ["expires_at"], unique=False)


def downgrade() -> None:
    """Drop them."""
    op.drop_table("server_sessions")
    op.drop_table("server_tokens")
    op.drop_table("server_submissions")
    op.drop_table("server_workers")
    op.drop_table("server_course")
    op.drop_table("server_audit")
    op.drop_table("server_accounts")
