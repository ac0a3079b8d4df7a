-- What subscribers are told of. Rows are numbered in the order of their commits: every write of a
-- database is made by one writer at a time, which takes the next number in its transaction.

CREATE TABLE event (
    sequence BIGINT NOT NULL PRIMARY KEY,
    topic TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    at BIGINT NOT NULL,
    document TEXT NOT NULL
);
CREATE INDEX event_by_topic ON event (topic, sequence);

-- One row. Numbers are never given twice, also after the events are gone.
CREATE TABLE event_counter (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    last BIGINT NOT NULL
);
INSERT INTO event_counter (id, last) VALUES (1, 0);

CREATE TABLE subscription (
    id TEXT NOT NULL PRIMARY KEY,
    topic TEXT NOT NULL,
    callback_uri TEXT NOT NULL,
    -- The filter, and how much is to be told.
    document TEXT NOT NULL,
    -- What the subscriber gave to authenticate us with, sealed.
    secret TEXT,
    created_at BIGINT NOT NULL,
    -- The last event that was delivered, or that the filter passed over.
    cursor BIGINT NOT NULL,
    -- How often the next event has failed to arrive, why, and when it is tried again.
    attempts BIGINT NOT NULL,
    error TEXT,
    next_attempt BIGINT NOT NULL,
    -- Since when nothing is tried any more; null while ACTIVE.
    parked_since BIGINT,
    -- How many events were dropped before they were delivered.
    lost BIGINT NOT NULL,
    worker TEXT,
    lease_until BIGINT NOT NULL,
    epoch BIGINT NOT NULL
);
CREATE INDEX subscription_by_topic ON subscription (topic, id);
