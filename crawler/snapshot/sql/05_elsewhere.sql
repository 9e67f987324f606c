-- Elsewhere: parents that are named outside the child's record: by the text of its card, and by the findings of others. A spelling that the child also
-- declares means the same model in both; any other is resolved as a declared one is. And the weight files of models, as far as they are known.
-- In: told (the cards that this crawl read), told_said (what they say), old_said, weighed (models with files that are newly known), weighed_files, old_weights, findings, real, names
-- Out: said, weights, spelled, elsewhere, own_meaning
-- Changes: reference
-- Variables: rules

CREATE TABLE said AS
SELECT * FROM told_said
UNION ALL BY NAME
SELECT o.* FROM old_said o ANTI JOIN told USING (child);

CREATE TABLE weights AS
SELECT * FROM weighed_files
UNION ALL BY NAME
SELECT o.* FROM old_weights o ANTI JOIN weighed USING (model);

CREATE TABLE spelled AS SELECT target FROM findings UNION SELECT child FROM findings UNION SELECT target FROM said;

-- The child of a finding is a listed model; a finding about any other waits.
CREATE TABLE elsewhere AS
SELECT m.key AS child, f.position, 'imported:' || f.name AS source, f.parent AS spelling, f.target, f.relation,
       NULL::VARCHAR AS rule, false AS generated
FROM findings f JOIN meaning_of('spelled', 'bearer') m ON m.target = f.child JOIN real c ON c.key = m.key AND c.status = 'listed'
UNION ALL BY NAME
SELECT s.child, s.position, 'card_text' AS source, s.target AS spelling, s.target, s.relation, 'text:' || s.rule AS rule, s.generated
FROM said s JOIN real c ON c.key = s.child AND c.status = 'listed'
WHERE list_contains(getvariable('rules'), 'text:' || s.rule);

CREATE TABLE own_meaning AS
SELECT child, target_lower, unnest(arg_min({parent: parent, step: step}, (rank, parent))) FROM (
    SELECT child, target_lower, parent, step, 1 AS rank FROM reference SEMI JOIN elsewhere USING (child)
    UNION ALL
    SELECT r.child, n.id_lower, r.parent, 'base_models', 2
    FROM reference r SEMI JOIN elsewhere USING (child) JOIN names n ON n.model = r.parent
    WHERE r.source = 'hub' AND n.origin = 'rename'
) GROUP BY child, target_lower;

ALTER TABLE reference ADD COLUMN rule VARCHAR;

ALTER TABLE reference ADD COLUMN generated BOOLEAN;

INSERT INTO reference BY NAME
SELECT e.*, lower(e.target) AS target_lower, coalesce(o.parent, m.key, 'absent:' || lower(e.target)) AS parent,
       coalesce(o.step, m.step) AS step
FROM elsewhere e JOIN meaning_of('spelled', 'bearer') m USING (target)
LEFT JOIN own_meaning o ON o.child = e.child AND o.target_lower = lower(e.target);
