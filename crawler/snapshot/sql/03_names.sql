-- Names: every earlier name of a model. A rename keeps the key, so two crawls that see one key under two names show it.
-- A placeholder shows one too, where it has the key of a model that is now listed under another name.
-- In: seen, real, old_models, old_names
-- Out: names
-- Variables: now

CREATE OR REPLACE TABLE names AS
WITH renamed AS (
    SELECT o.id_lower, o.key AS model, o.id, o.listed_at FROM old_models o JOIN seen s USING (key)
    WHERE o.status <> 'absent' AND o.id <> s.id
),
-- The name before this one ended where the one that now ends began.
began AS (SELECT model, max(until) AS since FROM old_names GROUP BY model)
SELECT id_lower, model, r.id, coalesce(o.since, b.since, r.listed_at) AS since, getvariable('now') AS until,
       'rename' AS origin
FROM renamed r LEFT JOIN old_names o USING (id_lower, model) LEFT JOIN began b USING (model)
UNION ALL BY NAME
SELECT a.id_lower, a.hub_id AS model, a.id, a.first_seen AS since, getvariable('now') AS until, 'rename' AS origin
FROM old_models a JOIN real r ON r.key = a.hub_id
ANTI JOIN old_names o ON o.id_lower = a.id_lower AND o.model = a.hub_id
WHERE a.status = 'absent' AND a.id <> r.id
UNION ALL BY NAME
SELECT o.* FROM old_names o ANTI JOIN renamed USING (id_lower, model);
