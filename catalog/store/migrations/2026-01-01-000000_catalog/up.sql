-- One schema for SQLite and PostgreSQL: ids and documents are text, times are microseconds since 1970.

CREATE TABLE vnf_instance (
    id TEXT NOT NULL PRIMARY KEY,
    vnfd_id TEXT NOT NULL,
    document TEXT NOT NULL,
    generation BIGINT NOT NULL
);
CREATE INDEX vnf_instance_by_vnfd ON vnf_instance (vnfd_id);

CREATE TABLE ns_instance (
    id TEXT NOT NULL PRIMARY KEY,
    nsd_info_id TEXT NOT NULL,
    document TEXT NOT NULL,
    generation BIGINT NOT NULL
);
CREATE INDEX ns_instance_by_nsd ON ns_instance (nsd_info_id);

-- The descriptor ids are null until the content is onboarded, and unique from then on.
CREATE TABLE vnf_package (
    id TEXT NOT NULL PRIMARY KEY,
    vnfd_id TEXT UNIQUE,
    document TEXT NOT NULL,
    generation BIGINT NOT NULL
);

CREATE TABLE nsd (
    id TEXT NOT NULL PRIMARY KEY,
    nsd_id TEXT UNIQUE,
    document TEXT NOT NULL,
    generation BIGINT NOT NULL
);

CREATE TABLE vim (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    document TEXT NOT NULL,
    generation BIGINT NOT NULL
);

CREATE TABLE operation (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    state TEXT NOT NULL,
    state_since BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    params TEXT NOT NULL,
    subject_before TEXT NOT NULL,
    plan TEXT,
    cancel TEXT,
    error TEXT,
    automatic BOOLEAN NOT NULL,
    worker TEXT,
    lease_until BIGINT NOT NULL,
    epoch BIGINT NOT NULL
);
-- One unfinished operation per subject.
CREATE UNIQUE INDEX operation_unfinished ON operation (subject_kind, subject_id)
    WHERE state NOT IN ('COMPLETED', 'FAILED', 'ROLLED_BACK');
CREATE INDEX operation_by_state ON operation (state, started_at);
CREATE INDEX operation_by_subject_kind ON operation (subject_kind, started_at, id);
CREATE INDEX operation_by_subject ON operation (subject_id, started_at, id);

CREATE TABLE step_event (
    operation_id TEXT NOT NULL REFERENCES operation (id) ON DELETE CASCADE,
    sequence BIGINT NOT NULL,
    event TEXT NOT NULL,
    PRIMARY KEY (operation_id, sequence)
);

CREATE TABLE vnf_grant (
    id TEXT NOT NULL PRIMARY KEY,
    vnf_instance_id TEXT NOT NULL,
    operation_id TEXT NOT NULL,
    vnfd_id TEXT NOT NULL,
    document TEXT NOT NULL
);
CREATE INDEX vnf_grant_by_operation ON vnf_grant (operation_id, id);
CREATE INDEX vnf_grant_by_vnfd ON vnf_grant (vnfd_id, vnf_instance_id);

CREATE TABLE allocation (
    vnf_instance_id TEXT NOT NULL,
    vnfc TEXT NOT NULL,
    host_id TEXT NOT NULL,
    -- The operation that reserved it; null once the VNF is known to hold it.
    operation_id TEXT,
    takes TEXT NOT NULL,
    PRIMARY KEY (vnf_instance_id, vnfc, host_id)
);
CREATE INDEX allocation_by_host ON allocation (host_id);
CREATE INDEX allocation_by_operation ON allocation (operation_id);

-- One row; every change of an allocation raises it.
CREATE TABLE allocation_version (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    version BIGINT NOT NULL
);
INSERT INTO allocation_version (id, version) VALUES (1, 1);

CREATE TABLE token (
    name TEXT NOT NULL PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL
);
