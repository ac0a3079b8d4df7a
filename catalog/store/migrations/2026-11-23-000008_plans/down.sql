ALTER TABLE operation ADD COLUMN plan TEXT;
UPDATE operation SET plan = (SELECT plan FROM operation_plan WHERE operation_id = operation.id);
DROP TABLE operation_plan;
