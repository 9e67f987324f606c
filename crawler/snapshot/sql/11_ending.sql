-- Ending edges: those known before that nothing declares or infers any more. A safety check then decides whether they are
-- withdrawn.
-- In: inferred, real, healed, old_edges
-- Out: past (the edges known before, with their parents of today), moved (edges whose placeholder is a model now), ending
-- Changes: present (inferred links are added)
-- Variables: sources

INSERT INTO present BY NAME
SELECT child, parent, rule, ['inferred'] AS sources, 'quantized' AS relation, false AS generated FROM inferred;

-- The edges known before; those to a placeholder that turned out to be a model go to it with their times.
CREATE TABLE past AS
WITH moving AS (SELECT DISTINCT child FROM old_edges o JOIN healed h ON h.placeholder = o.parent)
SELECT o.* FROM old_edges o ANTI JOIN moving USING (child)
UNION ALL BY NAME
SELECT o.* REPLACE (
    coalesce(h.key, o.parent) AS parent,
    min(o.first_seen) OVER (PARTITION BY o.child, coalesce(h.key, o.parent)) AS first_seen
)
FROM old_edges o SEMI JOIN moving USING (child) LEFT JOIN healed h ON h.placeholder = o.parent
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

-- An edge ends only where a listed child does not declare it any more; a gone child's edges stay as they were, but for those
-- that only imports say which have been removed.
CREATE TABLE ending AS
SELECT p.child, p.parent, p.sources
FROM past p
JOIN real c ON c.key = p.child AND (c.status = 'listed' OR NOT list_has_any(p.sources, getvariable('sources')))
ANTI JOIN present n ON n.child = p.child AND n.parent = p.parent
ANTI JOIN moved m ON m.child = p.child AND m.placeholder = p.parent
WHERE p.status = 'current';
