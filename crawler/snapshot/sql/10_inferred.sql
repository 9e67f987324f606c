-- Inferred lineage: a model that declares no parent, and whose name is another model's name plus the mark of a format. It is
-- believed only where one model bears that name, and where architecture and size agree.
-- In: real, names, reference, undeclared, links, name_rules
-- Out: named, ruled, namesake, inferred (child, parent, rule), circular
-- Variables: marks, rules, agree (whether architecture and size must agree: false only where a rule is measured on names alone)

-- llama.cpp writes its own names of architectures into a file: most are the config's without its signs.
CREATE MACRO gguf_name(model_type) AS CASE
    WHEN model_type IN ('llama', 'mistral', 'mixtral') THEN 'llama'
    WHEN model_type = 'cohere' THEN 'commandr'
    WHEN model_type IN ('deepseek_v2', 'deepseek_v3') THEN 'deepseek2'
    WHEN model_type = 'phi' THEN 'phi2'
    ELSE regexp_replace(model_type, '_text$|[-_]', '', 'g') END;

CREATE TABLE named AS
SELECT key AS child, regexp_extract(id_lower, '[^/]+$') AS name,
       regexp_extract(name, '^(.+?)(?:[-_.]+(?:' || getvariable('marks') || '))+$', 1) AS stem
FROM real SEMI JOIN undeclared USING (key)
WHERE status = 'listed' AND stem <> '';

CREATE TABLE ruled AS
SELECT child, stem, arg_min(rule, rank) AS rule, arg_min(packed, rank) AS packed
FROM named JOIN name_rules ON regexp_matches(substr(name, len(stem) + 1), '[-_.](?:' || mark || ')(?:[-_.]|$)')
GROUP BY ALL;

-- Every model that bears or bore the name, listed or not; what only the child itself names is no evidence of another.
CREATE TABLE namesake AS
SELECT stem, model, NULL AS by_child FROM (
    SELECT regexp_extract(id_lower, '[^/]+$') AS stem, key AS model FROM real
    UNION SELECT regexp_extract(id_lower, '[^/]+$'), model FROM names
) SEMI JOIN ruled USING (stem)
UNION ALL
SELECT regexp_extract(target_lower, '[^/]+$') AS stem, parent AS model, child AS by_child
FROM reference SEMI JOIN ruled ON ruled.stem = regexp_extract(target_lower, '[^/]+$')
WHERE parent LIKE 'absent:%';

CREATE TABLE inferred AS
SELECT u.child, u.parent, CASE WHEN lower(c.owner) = lower(p.owner) THEN 'name:own' ELSE u.rule END AS rule
FROM (
    SELECT r.child, r.rule, r.packed, min(b.model) AS parent
    FROM ruled r JOIN namesake b ON b.stem = r.stem AND b.model <> r.child AND b.by_child IS DISTINCT FROM r.child
    GROUP BY r.child, r.rule, r.packed HAVING count(DISTINCT b.model) = 1
) u
JOIN real c ON c.key = u.child
JOIN real p ON p.key = u.parent AND p.status = 'listed'
WHERE list_contains(getvariable('rules'), CASE WHEN lower(c.owner) = lower(p.owner) THEN 'name:own' ELSE u.rule END)
  AND (NOT getvariable('agree') OR (
    coalesce(CASE WHEN c.gguf_architecture IS NOT NULL
                  THEN regexp_replace(c.gguf_architecture, '[-_]', '', 'g') = gguf_name(p.model_type)
                  ELSE c.model_type = p.model_type AND coalesce(c.architectures = p.architectures, false) END, false)
    -- Packed integers are counted as they lie: four or eight weights are one of them.
    AND coalesce(c.parameters BETWEEN p.parameters * CASE WHEN u.packed THEN 0.1 ELSE 0.98 END AND p.parameters * 1.02, false)
    AND coalesce(p.created_at <= c.created_at, true)
    AND lower(coalesce(p.new_version, '')) <> c.id_lower
));

-- No inferred link may close a circle.
CREATE TABLE circular AS
WITH RECURSIVE up(child, model) AS (
    SELECT child, parent FROM inferred
    UNION
    SELECT up.child, l.parent FROM up JOIN (SELECT child, parent FROM links UNION SELECT child, parent FROM inferred) l
    ON l.child = up.model
    WHERE up.model <> up.child
)
SELECT DISTINCT child FROM up WHERE child = model;

DELETE FROM inferred WHERE child IN (SELECT child FROM circular);
