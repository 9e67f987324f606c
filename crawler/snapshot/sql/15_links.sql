-- Links: the models that share a current link with another one, as numbers, and those links.
-- In: models, edges
-- Out: node (numbered in the order of the keys), link (without self-links)

CREATE TEMP TABLE node AS
SELECT (row_number() OVER (ORDER BY key))::INTEGER AS node, key, id, created_at
FROM models
WHERE key IN (SELECT child FROM edges WHERE status = 'current' AND child <> parent
              UNION SELECT parent FROM edges WHERE status = 'current' AND child <> parent);

CREATE TEMP TABLE link AS
SELECT c.node AS child, p.node AS parent
FROM edges e JOIN node c ON c.key = e.child JOIN node p ON p.key = e.parent
WHERE e.status = 'current' AND e.child <> e.parent;
