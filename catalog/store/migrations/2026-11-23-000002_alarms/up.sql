-- The identity is that of an active alarm; it is null once the alarm is cleared.
CREATE TABLE alarm (
    id TEXT NOT NULL PRIMARY KEY,
    identity TEXT UNIQUE,
    document TEXT NOT NULL,
    generation BIGINT NOT NULL
);

-- Who does what only one process at a time should do, and until when.
CREATE TABLE duty (
    name TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    held_until BIGINT NOT NULL
);
