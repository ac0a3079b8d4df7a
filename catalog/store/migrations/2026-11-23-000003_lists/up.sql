-- What lists are narrowed by before anything is read. The state is empty until the row's document has been looked
-- through, which happens when the database is opened.

ALTER TABLE vnf_instance ADD COLUMN state TEXT NOT NULL DEFAULT '';
ALTER TABLE vnf_instance ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE vnf_instance ADD COLUMN provider TEXT NOT NULL DEFAULT '';
ALTER TABLE vnf_instance ADD COLUMN product TEXT NOT NULL DEFAULT '';
-- The network service that its metadata names.
ALTER TABLE vnf_instance ADD COLUMN service TEXT NOT NULL DEFAULT '';
DROP INDEX vnf_instance_by_vnfd;
CREATE INDEX vnf_instance_by_vnfd ON vnf_instance (vnfd_id, id);
CREATE INDEX vnf_instance_by_state ON vnf_instance (state, id);
CREATE INDEX vnf_instance_by_name ON vnf_instance (name, id);
CREATE INDEX vnf_instance_by_provider ON vnf_instance (provider, id);
CREATE INDEX vnf_instance_by_product ON vnf_instance (product, id);
CREATE INDEX vnf_instance_by_service ON vnf_instance (service, id);

ALTER TABLE ns_instance ADD COLUMN state TEXT NOT NULL DEFAULT '';
ALTER TABLE ns_instance ADD COLUMN name TEXT NOT NULL DEFAULT '';
CREATE INDEX ns_instance_by_state ON ns_instance (state, id);
CREATE INDEX ns_instance_by_name ON ns_instance (name, id);

CREATE INDEX operation_by_id_of_kind ON operation (subject_kind, id);
