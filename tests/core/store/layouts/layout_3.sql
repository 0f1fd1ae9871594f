-- What the third layout of the store's file was: rooms.jsonl as it was imported then.
PRAGMA application_id = 1215652450;
PRAGMA user_version = 3;
BEGIN TRANSACTION;
CREATE TABLE clients (            -- of records with a ref, by each full block of 2^9 ids
    block INTEGER NOT NULL,         -- id >> 9
    client INTEGER NOT NULL,
    PRIMARY KEY (block, client)
  ) STRICT, WITHOUT ROWID;
CREATE TABLE "records" (
    id INTEGER PRIMARY KEY,         -- the room's id * 2^38 + seq
    ts INTEGER NOT NULL,            -- ms since 1970
    plugin TEXT NOT NULL,
    version TEXT NOT NULL,
    client INTEGER NOT NULL,        -- these three are what the message is known by when it is sent again (see Repetition);
    ref INTEGER NOT NULL,           -- 0 where there was no ref, and where only the sender's id was known
    asked INTEGER NOT NULL,
    bytes_before INTEGER NOT NULL,  -- of the room's messages before this one
    message TEXT NOT NULL           -- JSON, as the room's members got it
  ) STRICT;
INSERT INTO "records" VALUES(274877906947,1700000000003,'chat','0.1.0',0,0,0,0,'{"type":"message","content":"third","room":"design","nickname":"Jane","id":"jane","seq":3,"ts":1700000000003,"ref":3}');
INSERT INTO "records" VALUES(274877906948,1700000000004,'chat','0.1.0',0,0,0,117,'{"type":"message","content":"größer als ASCII 🎈","room":"design","nickname":"John","id":"john","seq":4,"ts":1700000000004,"ref":"a b"}');
INSERT INTO "records" VALUES(274877906949,1700000000005,'chat','0.1.1',0,0,0,256,'{"type":"message","content":"without a ref","room":"design","nickname":"Jane","id":"jane","seq":5,"ts":1700000000005}');
INSERT INTO "records" VALUES(549755813889,1700000000001,'chat','0.1.0',0,0,0,0,'{"type":"message","content":"hello","room":"lobby","nickname":"John","id":"john","seq":1,"ts":1700000000001,"ref":1}');
CREATE TABLE "rooms" (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    epoch TEXT NOT NULL,
    first INTEGER NOT NULL          -- the seq of the oldest record that is kept, or of the next one
  ) STRICT;
INSERT INTO "rooms" VALUES(1,'design','e2',3);
INSERT INTO "rooms" VALUES(2,'lobby','e1',1);
INSERT INTO "rooms" VALUES(3,'trimmed','e3',8);
CREATE TABLE snapshots (
    room INTEGER PRIMARY KEY REFERENCES rooms,
    seq INTEGER NOT NULL,    -- of the last record that is in the state
    state TEXT NOT NULL      -- JSON: the plugins' states by name
  ) STRICT;
INSERT INTO "snapshots" VALUES(1,4,'{}');
INSERT INTO "snapshots" VALUES(3,7,'{}');
COMMIT;
