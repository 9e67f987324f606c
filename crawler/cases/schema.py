"""The tables of the register, as numbered migrations: the number of the last one is the version of a register.

A migration that was released never changes; the next change of the tables is one more. Each is a tuple of statements, and
all that a register lacks run in one transaction. The tables are not STRICT, which the SQLite of some systems in use does not
know (before 3.37); the CHECKs say what can stand in a column.
"""

# Says that a file is a register of this program: "hgcr".
APPLICATION = 0x68676372

_VERSION_1 = (
    """
    CREATE TABLE cases (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      reference TEXT NOT NULL COLLATE NOCASE UNIQUE CHECK (reference <> ''),
      "right" TEXT NOT NULL CHECK ("right" IN ('access', 'erasure', 'objection', 'rectification', 'restriction')),
      about TEXT NOT NULL CHECK (about IN ('model', 'dataset')),
      key TEXT NOT NULL,
      subject TEXT NOT NULL,
      received TEXT NOT NULL CHECK (received IS date(received)),
      term INTEGER NOT NULL CHECK (typeof(term) = 'integer' AND term > 0),
      extension INTEGER NOT NULL DEFAULT 0 CHECK (typeof(extension) = 'integer' AND extension >= 0),
      state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'refused', 'closed'))
    )
    """,
    """
    CREATE TABLE members (
      "case" INTEGER NOT NULL REFERENCES cases (id),
      key TEXT NOT NULL,
      id TEXT NOT NULL,
      klass TEXT NOT NULL,
      certainty TEXT,
      link_status TEXT NOT NULL CHECK (link_status IN ('current', 'withdrawn', 'none')),
      depth INTEGER NOT NULL,
      status TEXT NOT NULL CHECK (status IN ('listed', 'gone', 'absent')),
      owner TEXT,
      gated TEXT,
      revision TEXT,
      parents TEXT NOT NULL,
      state TEXT NOT NULL CHECK (state IN
        ('to_contact', 'contacted', 'reminded', 'remedied', 'refused', 'unreachable', 'not_concerned')),
      since TEXT NOT NULL CHECK (since IS date(since)),
      medium TEXT,
      note TEXT,
      state_revision TEXT,
      PRIMARY KEY ("case", key)
    ) WITHOUT ROWID
    """,
    'CREATE INDEX members_of_owners ON members ("case", owner)',
    """
    CREATE TABLE events (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      "case" INTEGER NOT NULL REFERENCES cases (id),
      at TEXT NOT NULL,
      kind TEXT NOT NULL,
      by TEXT NOT NULL,
      key TEXT,
      details TEXT NOT NULL
    )
    """,
    'CREATE INDEX events_of_cases ON events ("case", number)',
    """
    CREATE TRIGGER events_are_not_changed BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'the trail of events is append-only'); END
    """,
    """
    CREATE TRIGGER events_are_not_deleted BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'the trail of events is append-only'); END
    """,
    """
    CREATE TRIGGER cases_are_not_deleted BEFORE DELETE ON cases
    BEGIN SELECT RAISE(ABORT, 'a case is closed, never deleted'); END
    """,
)

_VERSION_2 = ("ALTER TABLE members ADD COLUMN dataset TEXT",)

MIGRATIONS: tuple[tuple[str, ...], ...] = (_VERSION_1, _VERSION_2)
