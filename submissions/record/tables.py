"""How the ledger lies in a database: its tables, and the number of their layout."""

import sqlalchemy as sa

LAYOUT = 2  # 1 had entries, files and looks only

# Texts are compared and sorted by their bytes, as SQLite does by itself, whatever the language of the server.
Text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

METADATA = sa.MetaData()
ENTRIES = sa.Table(
    "entries",
    METADATA,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("kind", Text, nullable=False),
    sa.Column("at", Text, nullable=False),
    sa.Column("team", Text),
    sa.Column("submission", sa.Integer),
    sa.Column("file", Text),
    sa.Column("body", Text, nullable=False),
    sa.Column("previous", Text, nullable=False),
    sa.Column("digest", Text, nullable=False),
    sa.Index("entries_by_team", "team", "kind"),
    sa.Index("entries_by_submission", "submission", "kind"),
    sa.Index("entries_by_kind", "kind", "seq"),
)
FILES = sa.Table(
    "files",
    METADATA,
    sa.Column("digest", Text, primary_key=True),
    sa.Column("data", sa.LargeBinary, nullable=False),
)
# PostgreSQL would press each file together, which takes a millisecond under the write lock.
_AS_IT_CAME = sa.DDL("ALTER TABLE files ALTER COLUMN data SET STORAGE EXTERNAL")  # type: ignore[no-untyped-call]
sa.event.listen(FILES, "after_create", _AS_IT_CAME.execute_if(dialect="postgresql"))
# Which team was the first of those that look alike; it follows from the entries.
LOOKS = sa.Table(
    "looks",
    METADATA,
    sa.Column("look", Text, primary_key=True),
    sa.Column("team", Text, nullable=False),
)
# What follows is of the web desk, and outside the chain: it says who may come in, not what happened.
SETTINGS = sa.Table(
    "settings",
    METADATA,
    sa.Column("name", Text, primary_key=True),  # "layout", "cookie_key"
    sa.Column("value", Text, nullable=False),
)
ACCOUNTS = sa.Table(
    "accounts",
    METADATA,
    sa.Column("team", Text, primary_key=True),
    sa.Column("look", Text, nullable=False, unique=True),
    sa.Column("made_at", Text, nullable=False),
)
MEMBERS = sa.Table(
    "members",
    METADATA,
    sa.Column("member", sa.Integer, primary_key=True),
    sa.Column("team", Text, sa.ForeignKey("accounts.team"), nullable=False, index=True),
    sa.Column("name", Text, nullable=False),
    sa.Column("email", Text, unique=True),
    sa.Column("identity", Text, unique=True),  # "issuer subject" of a sign-in
    sa.Column("joined_at", Text, nullable=False),
    sa.Column("removed_at", Text),
)
# Codes and tokens are kept as SHA-256 only.
CODES = sa.Table(
    "codes",
    METADATA,
    sa.Column("digest", Text, primary_key=True),
    sa.Column("team", Text, sa.ForeignKey("accounts.team")),  # None: whoever has it may start a team
    sa.Column("made_at", Text, nullable=False),
    sa.Column("revoked_at", Text),
)
TOKENS = sa.Table(
    "tokens",
    METADATA,
    sa.Column("digest", Text, primary_key=True),
    sa.Column("team", Text, sa.ForeignKey("accounts.team"), nullable=False, index=True),
    sa.Column("name", Text, nullable=False),
    sa.Column("made_at", Text, nullable=False),
    sa.Column("revoked_at", Text),
)
# What a team sent under an Idempotency-Key.
KEYS = sa.Table(
    "keys",
    METADATA,
    sa.Column("team", Text, primary_key=True),
    sa.Column("key", Text, primary_key=True),  # SHA-256
    sa.Column("file", Text, nullable=False),
)
