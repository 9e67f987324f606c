-- Edges: what is declared or inferred today, merged with the edges known before.
-- In: present, inferred, reference, real, healed, old_edges, old_models; variable now; macro certainty. Out: edges, models.

INSERT INTO present BY NAME
SELECT child, parent, rule, ['inferred'] AS sources, 'quantized' AS relation FROM inferred;

-- The edges known before; those to a placeholder that turned out to be a model go to it with their times.
CREATE TABLE past AS
SELECT o.* REPLACE (
    coalesce(h.key, o.parent) AS parent,
    min(o.first_seen) OVER (PARTITION BY o.child, coalesce(h.key, o.parent)) AS first_seen
)
FROM old_edges o LEFT JOIN healed h ON h.placeholder = o.parent
QUALIFY row_number() OVER (
    PARTITION BY o.child, coalesce(h.key, o.parent) ORDER BY o.status <> 'current', o.first_seen, o.parent) = 1;

-- The same spelling of the same child means a model by now, where it meant a placeholder: the edge moved, nobody withdrew it.
CREATE TABLE moved AS
SELECT p.child, p.parent AS placeholder, min(n.parent) AS parent, min(p.first_seen) AS first_seen
FROM past p
JOIN real c ON c.key = p.child AND c.status = 'listed'
JOIN present n ON n.child = p.child AND list_has_any(n.declared_as, p.declared_as)
ANTI JOIN present same ON same.child = p.child AND same.parent = p.parent
WHERE p.parent LIKE 'absent:%' AND p.status = 'current' AND n.parent NOT LIKE 'absent:%'
GROUP BY ALL;

-- An edge is withdrawn only by a listed child that does not declare it any more; a gone child's edges stay as they were.
CREATE TABLE edges AS
SELECT *, certainty(sources) AS certainty FROM (
SELECT n.*, 'current' AS status,
       coalesce(least(p.first_seen, m.first_seen), getvariable('now')) AS first_seen,
       NULL::TIMESTAMP AS withdrawn_at,
       CASE WHEN p.status = 'withdrawn'
            THEN list_concat(coalesce(p.absences, []), [p.withdrawn_at, getvariable('now')])
            ELSE p.absences END AS absences
FROM present n
LEFT JOIN past p USING (child, parent)
LEFT JOIN (SELECT child, parent, min(first_seen) AS first_seen FROM moved GROUP BY ALL) m USING (child, parent)
UNION ALL BY NAME
SELECT p.* EXCLUDE (ends, certainty) REPLACE (
    CASE WHEN ends THEN 'withdrawn' ELSE status END AS status,
    CASE WHEN ends THEN getvariable('now') ELSE withdrawn_at END AS withdrawn_at
)
FROM (SELECT p.*, p.status = 'current' AND c.status = 'listed' AS ends FROM past p JOIN real c ON c.key = p.child) p
ANTI JOIN present n ON n.child = p.child AND n.parent = p.parent
ANTI JOIN moved m ON m.child = p.child AND m.placeholder = p.parent
);

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

-- A model is first seen when it is first named, be it as a placeholder.
CREATE TABLE models AS
SELECT r.* REPLACE (least(r.first_seen, h.first_seen) AS first_seen)
FROM real r
LEFT JOIN (SELECT h.key, min(o.first_seen) AS first_seen FROM healed h JOIN old_models o ON o.key = h.placeholder
           GROUP BY h.key) h USING (key)
UNION ALL BY NAME
SELECT *, CASE WHEN contains(id, '/') THEN split_part(id, '/', 1) END AS owner FROM absent;
