-- Edges: what is declared or inferred today, merged with the edges known before; and the models, absent ones included.
-- In: present, past, moved, ending, reference, healed, old_models
-- Out: edges, absent, models
-- Changes: real (`first_seen`; then it becomes `models`)
-- Variables: now, declared_sources, withdraw (whether declared edges of `ending` are withdrawn)

CREATE TABLE edges AS
SELECT n.* EXCLUDE (generated), certainty(n.sources, n.generated) AS certainty, 'current' AS status,
       coalesce(least(p.first_seen, m.first_seen), getvariable('now')) AS first_seen,
       NULL::TIMESTAMP AS withdrawn_at,
       CASE WHEN p.status = 'withdrawn'
            THEN list_concat(coalesce(p.absences, []), [p.withdrawn_at, getvariable('now')])
            ELSE p.absences END AS absences
FROM present n
LEFT JOIN past p USING (child, parent)
LEFT JOIN (SELECT child, parent, min(first_seen) AS first_seen FROM moved GROUP BY ALL) m USING (child, parent)
UNION ALL BY NAME
SELECT p.* EXCLUDE (ends) REPLACE (
    CASE WHEN ends THEN 'withdrawn' ELSE status END AS status,
    CASE WHEN ends THEN getvariable('now') ELSE withdrawn_at END AS withdrawn_at
)
FROM (SELECT p.*, e.child IS NOT NULL AND (getvariable('withdraw') OR NOT list_has_any(e.sources, getvariable('declared_sources'))) AS ends
      FROM past p LEFT JOIN ending e USING (child, parent)) p
ANTI JOIN present n ON n.child = p.child AND n.parent = p.parent
ANTI JOIN moved m ON m.child = p.child AND m.placeholder = p.parent;

-- The name by which a model is declared a parent may not have been its name when that was declared: the model may be
-- younger than the declaration, and the name another model's before, of which no crawl knows.
UPDATE edges SET name_doubt = d.doubt
FROM (SELECT e.child, e.parent,
             coalesce(r.doubt, CASE WHEN p.created_at > e.first_seen AND NOT list_contains(e.sources, 'hub') THEN 'younger' END) AS doubt
      FROM edges e JOIN real p ON p.key = e.parent
      LEFT JOIN (SELECT child, parent, min(doubt) AS doubt FROM reference WHERE doubt IS NOT NULL GROUP BY ALL) r
      ON r.child = e.child AND r.parent = e.parent
      WHERE e.status = 'current') d
WHERE edges.child = d.child AND edges.parent = d.parent AND edges.name_doubt IS DISTINCT FROM d.doubt;

-- A name that no listing ever held is a model too, as long as something points to it: its name is the first one seen.
CREATE TABLE absent AS
SELECT e.key, coalesce(o.id, r.id) AS id, substr(e.key, 8) AS id_lower, coalesce(o.hub_id, r.hub_id) AS hub_id,
       'absent' AS status, coalesce(o.first_seen, getvariable('now')) AS first_seen
FROM (SELECT DISTINCT parent AS key FROM edges WHERE parent LIKE 'absent:%') e
LEFT JOIN old_models o USING (key)
LEFT JOIN (
    SELECT parent AS key, arg_min(target, (child, position)) AS id, min(r.hub_id) AS hub_id
    FROM reference r WHERE parent LIKE 'absent:%' GROUP BY parent
) r USING (key);

-- A model is first seen when it is first named, even as a placeholder. `real` is wide, so it is updated and renamed, not copied.
UPDATE real SET first_seen = least(real.first_seen, h.first_seen)
FROM (SELECT h.key, min(o.first_seen) AS first_seen FROM healed h JOIN old_models o ON o.key = h.placeholder
      GROUP BY h.key) h
WHERE real.key = h.key;

ALTER TABLE real RENAME TO models;

INSERT INTO models BY NAME
SELECT *, CASE WHEN contains(id, '/') THEN split_part(id, '/', 1) END AS owner FROM absent;
