-- A register that version 1 wrote: the tables, and one case.
PRAGMA application_id=1751606130;
PRAGMA user_version=1;
BEGIN TRANSACTION;
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
    );
INSERT INTO "cases" VALUES(1,'R-1','erasure','model','B','a/base','2026-11-02',1,0,'open');
CREATE TABLE events (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      "case" INTEGER NOT NULL REFERENCES cases (id),
      at TEXT NOT NULL,
      kind TEXT NOT NULL,
      by TEXT NOT NULL,
      key TEXT,
      details TEXT NOT NULL
    );
INSERT INTO "events" VALUES(1,1,'2026-11-28T12:00:00+00:00','opened','anna',NULL,'{"right": "erasure", "subject": "a/base", "received": "2026-11-02", "due": "2026-12-02", "models": 4}');
INSERT INTO "events" VALUES(2,1,'2026-11-28T12:00:00+00:00','set','anna','S','{"id": "b/small", "from": "to_contact", "to": "remedied", "day": "2026-11-28", "medium": "post", "revision": "r1"}');
INSERT INTO "events" VALUES(3,1,'2026-11-28T12:00:00+00:00','noted','anna',NULL,'{"note": "a note"}');
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
    ;
INSERT INTO "members" VALUES(1,'B','a/base','itself',NULL,'current',0,'listed','a','false','r1','[]','to_contact','2026-11-28',NULL,NULL,'r1');
INSERT INTO "members" VALUES(1,'S','b/small','same_weights','declared_by_hub','current',1,'listed','b','false','r1','["B"]','remedied','2026-11-28','post',NULL,'r1');
INSERT INTO "members" VALUES(1,'T','b/tuned','retrained','declared_by_author','current',2,'listed','b',NULL,'r1','["S"]','to_contact','2026-11-28',NULL,NULL,'r1');
INSERT INTO "members" VALUES(1,'absent:c/never','c/never','unclear','inferred','current',1,'absent','c',NULL,NULL,'["B"]','to_contact','2026-11-28',NULL,NULL,NULL);
CREATE INDEX members_of_owners ON members ("case", owner);
CREATE INDEX events_of_cases ON events ("case", number);
CREATE TRIGGER events_are_not_changed BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'the trail of events is append-only'); END;
CREATE TRIGGER events_are_not_deleted BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'the trail of events is append-only'); END;
CREATE TRIGGER cases_are_not_deleted BEFORE DELETE ON cases
    BEGIN SELECT RAISE(ABORT, 'a case is closed, never deleted'); END;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('cases',1);
INSERT INTO "sqlite_sequence" VALUES('events',3);
COMMIT;
