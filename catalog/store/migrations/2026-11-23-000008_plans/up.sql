-- A plan is written once and is large, while the row of its operation changes with every lease and every state. Apart,
-- such a change writes a few hundred bytes and not the plan again.

CREATE TABLE operation_plan (
    operation_id TEXT NOT NULL PRIMARY KEY REFERENCES operation (id) ON DELETE CASCADE,
    plan TEXT NOT NULL
);
INSERT INTO operation_plan (operation_id, plan) SELECT id, plan FROM operation WHERE plan IS NOT NULL;
ALTER TABLE operation DROP COLUMN plan;
