-- What the first layout of the store's file was: rooms.jsonl as it was imported then.
PRAGMA application_id = 1215652450;
PRAGMA user_version = 1;
BEGIN TRANSACTION;
CREATE TABLE records (
    room INTEGER NOT NULL REFERENCES rooms,
    seq INTEGER NOT NULL,
    ts INTEGER NOT NULL,     -- ms since 1970
    plugin TEXT NOT NULL,
    version TEXT NOT NULL,
    sender TEXT NOT NULL,
    ref TEXT NOT NULL,       -- JSON; empty where there was none
    message TEXT NOT NULL,   -- JSON, as the room's members got it
    PRIMARY KEY (room, seq)
  ) STRICT, WITHOUT ROWID;
INSERT INTO "records" VALUES(1,3,1700000000003,'chat','0.1.0','jane','3','{"type":"message","content":"third","room":"design","nickname":"Jane","id":"jane","seq":3,"ts":1700000000003,"ref":3}');
INSERT INTO "records" VALUES(1,4,1700000000004,'chat','0.1.0','john','"a b"','{"type":"message","content":"größer als ASCII 🎈","room":"design","nickname":"John","id":"john","seq":4,"ts":1700000000004,"ref":"a b"}');
INSERT INTO "records" VALUES(1,5,1700000000005,'chat','0.1.1','jane','','{"type":"message","content":"without a ref","room":"design","nickname":"Jane","id":"jane","seq":5,"ts":1700000000005}');
INSERT INTO "records" VALUES(2,1,1700000000001,'chat','0.1.0','john','1','{"type":"message","content":"hello","room":"lobby","nickname":"John","id":"john","seq":1,"ts":1700000000001,"ref":1}');
CREATE TABLE rooms (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    epoch TEXT NOT NULL,
    first INTEGER NOT NULL,  -- the seq of the oldest record that is kept, or of the next one
    bytes INTEGER NOT NULL   -- of the messages that are kept
  ) STRICT;
INSERT INTO "rooms" VALUES(1,'design','e2',3,373);
INSERT INTO "rooms" VALUES(2,'lobby','e1',1,116);
INSERT INTO "rooms" VALUES(3,'trimmed','e3',8,0);
CREATE TABLE snapshots (
    room INTEGER PRIMARY KEY REFERENCES rooms,
    seq INTEGER NOT NULL,    -- of the last record that is in the state
    state TEXT NOT NULL      -- JSON: the plugins' states by name
  ) STRICT;
INSERT INTO "snapshots" VALUES(1,4,'{}');
INSERT INTO "snapshots" VALUES(3,7,'{}');
CREATE INDEX refs ON records (room, sender, ref) WHERE ref != '';
COMMIT;
