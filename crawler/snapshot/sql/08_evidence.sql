-- Evidence: adds up all sources that name the same parent for the same child. Identical weight files are one of these sources.
-- Where no source names the relation, the child's files may show it.
-- In: real, old_edges, weights
-- Out: dropped (what elsewhere makes no link), held (sets of weight files that several models hold), oldest, parent_holds, copies (child and parent hold the same set), firm, copies_alone, text_alone, closing, pair, masked (the sources of each bit mask), present, shown
-- Changes: reference
-- Variables: rules, declared_sources, sources (in order of belief)

-- A link from a model to itself stays where the record declares it. What only a text or an import says of it is dropped: the text
-- of a card often names its own model.
CREATE TABLE dropped AS
SELECT DISTINCT child AS model, source AS field, spelling AS value, 'itself' AS reason FROM reference
WHERE child = parent AND source NOT IN ('hub', 'tag', 'card', 'adapter_config');

DELETE FROM reference WHERE child = parent AND source NOT IN ('hub', 'tag', 'card', 'adapter_config');

-- Identical weights: shards in another order are the same set, and a gone model still holds its own.
CREATE TABLE held AS
WITH shared AS (SELECT sha256 FROM weights GROUP BY sha256 HAVING min(model) <> max(model)),
sets AS (
    SELECT DISTINCT model, files FROM (
        SELECT model, list_sort(list(DISTINCT sha256)) AS files FROM weights
        WHERE model IN (SELECT model FROM weights SEMI JOIN shared USING (sha256)) GROUP BY model, set_of(name)
    )
)
SELECT s.files, s.model, (coalesce(r.created_at, 'infinity'), s.model) AS age
FROM sets s SEMI JOIN (SELECT files FROM sets GROUP BY files HAVING count(*) > 1) USING (files)
JOIN real r ON r.key = s.model;

CREATE TABLE oldest AS SELECT files, arg_min(model, age) AS parent FROM held GROUP BY files;

-- Where a named parent holds the set, the child is its copy. A parent that only a text names must be older: a card also
-- names what was made from its model.
CREATE TABLE parent_holds AS
SELECT DISTINCT c.files, r.child, r.parent
FROM reference r JOIN held c ON c.model = r.child JOIN held p ON p.model = r.parent AND p.files = c.files
WHERE r.child <> r.parent AND (r.source <> 'card_text' OR p.age < c.age);

-- Any other holder is a copy of the oldest one.
CREATE TABLE copies AS
SELECT child, parent FROM parent_holds
UNION
SELECT h.model AS child, o.parent FROM held h JOIN oldest o USING (files) JOIN real c ON c.key = h.model AND c.status = 'listed'
ANTI JOIN parent_holds p ON p.child = h.model AND p.files = h.files
WHERE h.model <> o.parent;

-- Neither identical files nor a text alone may close a circle of links. Files come first: a circle may be the text's.
CREATE TABLE firm AS
SELECT child, parent FROM reference WHERE source <> 'card_text'
UNION
SELECT o.child, o.parent FROM old_edges o JOIN real c ON c.key = o.child
WHERE o.status = 'current' AND (c.status <> 'listed' OR list_has_any(o.sources, getvariable('declared_sources')));

CREATE MACRO closes_circle(alone) AS TABLE (
WITH RECURSIVE up(child, parent, model) AS (
    SELECT child, parent, parent FROM query_table(alone)
    UNION
    SELECT up.child, up.parent, l.parent
    FROM up JOIN (SELECT child, parent FROM firm UNION ALL SELECT child, parent FROM query_table(alone)) l ON l.child = up.model
    WHERE up.model <> up.child
)
SELECT DISTINCT child, parent FROM up WHERE model = child
);

CREATE TABLE copies_alone AS SELECT child, parent FROM copies ANTI JOIN firm USING (child, parent);

CREATE TABLE closing AS SELECT 'files' AS source, child, parent FROM closes_circle('copies_alone');

INSERT INTO reference BY NAME
SELECT child, parent, 'files' AS source, 'copy' AS relation, false AS generated FROM copies ANTI JOIN closing USING (child, parent);

INSERT INTO firm SELECT child, parent FROM copies_alone ANTI JOIN closing USING (child, parent);

CREATE TABLE text_alone AS
SELECT DISTINCT child, parent FROM reference ANTI JOIN firm USING (child, parent) WHERE source = 'card_text';

INSERT INTO closing SELECT 'card_text', child, parent FROM closes_circle('text_alone');

INSERT INTO dropped BY NAME
SELECT DISTINCT c.child AS model, c.source AS field, coalesce(r.spelling, p.id) AS value, 'circular' AS reason
FROM closing c JOIN real p ON p.key = c.parent LEFT JOIN reference r USING (source, child, parent);

DELETE FROM reference USING closing c
WHERE reference.source = c.source AND reference.child = c.child AND reference.parent = c.parent;

CREATE MACRO strength(relation) AS list_position(['copy', 'quantized', 'adapter', 'finetune', 'merge'], relation);
CREATE MACRO steps() AS
    ['base_models', 'current_id', 'gone_id', 'former_name', 'other_case', 'legacy_name', 'redirect', 'first_meaning', 'absent'];

-- Of nearly every pair, all sources spell the parent alike and name one relation, or none: lists are made of the others only.
CREATE TABLE pair AS
SELECT child, parent, coalesce(bit_or(1 << list_position(getvariable('sources'), source)), 0) AS mask,
       min(spelling) AS spelling, min(relation) AS relation, min(list_position(steps(), step)) AS step, min(rule) AS rule,
       coalesce(bool_or(generated), false) AS generated,
       min(spelling) IS NOT DISTINCT FROM max(spelling) AND min(relation) IS NOT DISTINCT FROM max(relation)
           AND (min(relation) IS NULL OR strength(min(relation)) IS NOT NULL) AS alike
FROM reference GROUP BY child, parent;

CREATE TABLE masked AS
SELECT mask, list_filter(getvariable('sources'), lambda s, i: mask & (1 << i) <> 0) AS sources FROM (SELECT DISTINCT mask FROM pair);

CREATE TABLE present AS
SELECT child, parent, coalesce(relation, 'unknown') AS relation, sources, CASE WHEN spelling IS NOT NULL THEN [spelling] END AS declared_as,
       NULL::VARCHAR[] AS claims, steps()[step] AS step, rule, NULL::VARCHAR AS name_doubt, generated
FROM pair JOIN masked USING (mask) WHERE alike
UNION ALL BY NAME
SELECT * REPLACE (nullif(list_filter(claims, lambda c: split_part(c, ':', 2) <> relation), []) AS claims) FROM (
    SELECT child, parent,
           -- Identical files make it a copy. Otherwise the most trusted source that names a known relation decides. If that
           -- source names several, the one that keeps most of the parent's weights counts.
           coalesce(arg_min(r.relation, (source <> 'files', list_position(getvariable('sources'), source), strength(r.relation)))
                    FILTER (strength(r.relation) IS NOT NULL), 'unknown') AS relation,
           any_value(sources) AS sources,
           list_sort(list(DISTINCT r.spelling) FILTER (r.spelling IS NOT NULL)) AS declared_as,
           list_sort(list(DISTINCT source || ':' || r.relation) FILTER (r.relation IS NOT NULL)) AS claims,
           steps()[any_value(p.step)] AS step, any_value(p.rule) AS rule, any_value(p.generated) AS generated
    FROM reference r JOIN pair p USING (child, parent) JOIN masked USING (mask) WHERE NOT alike GROUP BY child, parent
);

-- Where a declared parent has no relation, the child's own files may show it. GGUF and quantization count only for a child
-- with one parent: a card that was copied from a merge names all that was merged. A child may only have
-- kept its parent's quantization, so the parent must be known as not quantized.
CREATE TABLE shown AS
SELECT e.child, e.parent, CASE
    WHEN list_contains(c.markers, 'peft') AND list_contains(getvariable('rules'), 'files:peft') THEN 'files:peft'
    WHEN list_contains(c.markers, 'mergekit') AND list_contains(getvariable('rules'), 'files:mergekit')
        THEN 'files:mergekit'
    WHEN n.parents > 1 THEN NULL
    WHEN list_contains(c.weight_formats, 'gguf') AND NOT contains(coalesce(p.id_lower, e.parent), 'gguf')
         AND NOT coalesce(list_contains(p.weight_formats, 'gguf'), false)
         AND list_contains(getvariable('rules'), 'files:gguf') THEN 'files:gguf'
    WHEN c.quantization IS NOT NULL AND p.quantization IS NULL AND p.model_type IS NOT NULL
         AND list_contains(getvariable('rules'), 'files:quantization_config') THEN 'files:quantization_config'
    END AS rule
FROM present e
JOIN (SELECT child, count(*) AS parents FROM present GROUP BY child) n USING (child)
JOIN real c ON c.key = e.child
LEFT JOIN real p ON p.key = e.parent
WHERE e.relation = 'unknown' AND e.claims IS NULL;

UPDATE present SET
    rule = s.rule, sources = list_append(sources, 'inferred'),
    relation = CASE s.rule WHEN 'files:peft' THEN 'adapter' WHEN 'files:mergekit' THEN 'merge' ELSE 'quantized' END
FROM shown s WHERE s.rule IS NOT NULL AND present.child = s.child AND present.parent = s.parent;
