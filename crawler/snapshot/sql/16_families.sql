-- Families: the largest and deepest families, the most followed models, and the mark of models on a cycle, as of today.
-- In: node, link, member_of, strong (a node's strongly connected component, named after its least member), generation, reach
-- Out: figures, family, kept_families, upwards, chain, families
-- Changes: models (`cycle` is added)
-- Variables: largest, deepest, followed

CREATE TEMP TABLE figures AS
SELECT n.node, m.component, s.scc, g.generation, coalesce(r.descendants, 0) AS descendants, coalesce(r.depth, 0) AS depth,
       l.child IS NULL AS is_root
FROM node n
JOIN member_of m USING (node)
JOIN strong s USING (node)
JOIN generation g USING (scc)
LEFT JOIN (SELECT ancestor AS node, count(*) AS descendants, max(distance) AS depth FROM reach GROUP BY ancestor) r USING (node)
LEFT JOIN (SELECT DISTINCT child FROM link) l ON l.child = n.node;

-- The head has the most descendants; among equals, one without parents, then the oldest.
CREATE TEMP TABLE family AS
SELECT component, count(*) AS size, max(generation) AS depth, count(*) FILTER (is_root) AS roots,
       arg_min(node, (-descendants, NOT is_root, coalesce(n.created_at, TIMESTAMP 'infinity'), node)) AS head
FROM figures f JOIN node n USING (node) GROUP BY component;

CREATE TEMP TABLE kept_families AS
SELECT * FROM family
QUALIFY row_number() OVER (ORDER BY size DESC, depth DESC, head) <= getvariable('largest')
     OR row_number() OVER (ORDER BY depth DESC, size DESC, head) <= getvariable('deepest');

-- One longest chain of each, upwards from its last component: of several, the one through the least key. A cycle is one
-- component; it shows the member that the next model derives from, and at the end of a chain the one that derives from the last.
CREATE TEMP TABLE upwards AS
SELECT c.scc, min((p.node, c.node)) AS step
FROM link l
JOIN figures c ON c.node = l.child
JOIN figures p ON p.node = l.parent
JOIN kept_families k ON k.component = c.component
WHERE p.generation = c.generation - 1
GROUP BY c.scc;

CREATE TEMP TABLE chain AS
WITH RECURSIVE up AS (
    SELECT k.component, f.generation, min(f.scc) AS scc, NULL::INTEGER AS shown
    FROM kept_families k JOIN figures f ON f.component = k.component AND f.generation = k.depth GROUP BY ALL
    UNION ALL
    SELECT up.component, up.generation - 1, p.scc, p.node
    FROM up JOIN upwards u ON u.scc = up.scc JOIN figures p ON p.node = u.step[1]
)
SELECT up.component, list(n.key ORDER BY up.generation) AS keys
FROM up LEFT JOIN upwards u ON u.scc = up.scc JOIN node n ON n.node = coalesce(up.shown, u.step[2], up.scc)
GROUP BY up.component;

CREATE TABLE families AS
SELECT 'family:' || n.key AS key, 'family' AS kind, n.key AS head, n.id AS root, k.size, k.depth, k.roots, c.keys AS chain
FROM kept_families k JOIN chain c USING (component) JOIN node n ON n.node = k.head
UNION ALL BY NAME
SELECT 'followed:' || n.key AS key, 'followed' AS kind, n.key AS head, n.id AS root, f.descendants AS size, f.depth
FROM (SELECT * FROM figures WHERE descendants > 0 ORDER BY descendants DESC, node LIMIT getvariable('followed')) f
JOIN node n USING (node);

ALTER TABLE models ADD COLUMN cycle VARCHAR;
UPDATE models SET cycle = c.cycle
FROM (SELECT n.key, l.key AS cycle
      FROM strong p JOIN node n USING (node) JOIN node l ON l.node = p.scc
      WHERE p.scc IN (SELECT scc FROM strong WHERE node <> scc)) c
WHERE models.key = c.key;
