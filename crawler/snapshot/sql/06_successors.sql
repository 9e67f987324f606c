-- Successors: a name that no model bears may have been the earlier name of one, by the Hub's resolution or its redirects.
-- The first step that answers wins: former_name (learned from a resolution), legacy_name, redirect, absent.
-- In: real, meaning, old_models, old_asked, answered (this crawl's answers)
-- Out: asked, by_successor, healed (a placeholder, and the model that it turned out to be)
-- Changes: names (redirects are added), reference
-- Variables: now, asked_for

CREATE TABLE asked AS
SELECT name, getvariable('now') AS asked_at, status, key, id FROM answered
UNION ALL BY NAME
SELECT o.* FROM old_asked o ANTI JOIN answered USING (name)
WHERE o.asked_at > getvariable('now') - getvariable('asked_for')::INTERVAL;

INSERT INTO names BY NAME
SELECT lower(a.name) AS id_lower, a.key AS model, min(a.name) AS id, 'redirect' AS origin
FROM asked a JOIN real r USING (key)
ANTI JOIN names n ON n.id_lower = lower(a.name) AND n.model = a.key
WHERE r.id <> a.name
GROUP BY ALL;

-- Of several models, the one that the rule of 04_resolve chooses.
CREATE TABLE by_successor AS
SELECT id_lower, unnest(arg_max({model: key, step: step}, (status = 'listed', NOT former, key)))
FROM (
    SELECT n.id_lower, r.key, r.status, true AS former,
           CASE n.origin WHEN 'resolution' THEN 'former_name' WHEN 'legacy' THEN 'legacy_name' ELSE n.origin END AS step
    FROM names n JOIN real r ON r.key = n.model WHERE n.origin <> 'rename'
)
GROUP BY id_lower;

UPDATE reference SET parent = s.model, step = s.step FROM by_successor s
WHERE reference.step = 'absent' AND reference.target_lower = s.id_lower;

-- A placeholder whose name, or whose id on the Hub, is known by now.
CREATE TABLE healed AS
SELECT a.key AS placeholder, coalesce(h.key, m.key, s.model) AS key FROM old_models a
JOIN meaning m ON m.target = a.id
LEFT JOIN real h ON h.key = a.hub_id
LEFT JOIN by_successor s ON s.id_lower = a.id_lower
WHERE a.status = 'absent' AND coalesce(h.key, m.key, s.model) IS NOT NULL;
