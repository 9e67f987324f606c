-- Evidence: everything that is said of one (child, parent), added up. Where nobody says the relation, the files may show it.
-- In: real, old_edges
-- Out: dropped (what elsewhere is named a parent and makes no link), firm, text_alone, closing, present, shown
-- Changes: reference
-- Variables: rules, declared_sources, sources (in order of belief)

-- A model is not its own parent because a text or somebody else says so; what the record itself declares is a fact, and stays.
-- A text that names its own model by any of its names says nothing.
CREATE TABLE dropped AS
SELECT DISTINCT child AS model, source AS field, spelling AS value, 'itself' AS reason FROM reference
WHERE child = parent AND source NOT IN ('hub', 'tag', 'card', 'adapter_config');

DELETE FROM reference WHERE child = parent AND source NOT IN ('hub', 'tag', 'card', 'adapter_config');

-- A text alone may not close a circle: a card also names what was made from its model.
CREATE VIEW firm AS
SELECT child, parent FROM reference WHERE source <> 'card_text'
UNION ALL
SELECT o.child, o.parent FROM old_edges o JOIN real c ON c.key = o.child
WHERE o.status = 'current' AND (c.status <> 'listed' OR list_has_any(o.sources, getvariable('declared_sources')));

CREATE TABLE text_alone AS
SELECT DISTINCT child, parent FROM reference ANTI JOIN firm USING (child, parent) WHERE source = 'card_text';

CREATE TABLE closing AS
WITH RECURSIVE up(child, parent, model) AS (
    SELECT child, parent, parent FROM text_alone
    UNION
    SELECT up.child, up.parent, l.parent
    FROM up JOIN (SELECT child, parent FROM firm UNION ALL SELECT child, parent FROM text_alone) l ON l.child = up.model
    WHERE up.model <> up.child
)
SELECT DISTINCT child, parent FROM up WHERE model = child;

INSERT INTO dropped BY NAME
SELECT DISTINCT r.child AS model, r.source AS field, r.spelling AS value, 'circular' AS reason
FROM reference r SEMI JOIN closing USING (child, parent) WHERE r.source = 'card_text';

DELETE FROM reference USING closing c
WHERE reference.source = 'card_text' AND reference.child = c.child AND reference.parent = c.parent;

CREATE MACRO strength(relation) AS list_position(['copy', 'quantized', 'adapter', 'finetune', 'merge'], relation);
CREATE TABLE present AS
SELECT child, parent,
       -- That of the first source that gives a known one; of several that it gives, the one that holds most of the parent's weights.
       coalesce(arg_min(relation, (list_position(getvariable('sources'), source), strength(relation)))
                FILTER (strength(relation) IS NOT NULL), 'unknown') AS relation,
       list_filter(getvariable('sources'), lambda s: list_contains(list(source), s)) AS sources,
       list_sort(list(DISTINCT spelling)) AS declared_as,
       list_sort(list(DISTINCT source || ':' || r.relation) FILTER (r.relation IS NOT NULL)) AS claims,
       arg_min(step, list_position(
           ['base_models', 'current_id', 'gone_id', 'former_name', 'other_case', 'legacy_name', 'redirect', 'first_meaning', 'absent'], step)) AS step,
       min(r.rule) AS rule, NULL::VARCHAR AS name_doubt, coalesce(bool_or(generated), false) AS generated
FROM reference r GROUP BY child, parent;

UPDATE present SET claims = list_filter(claims, lambda c: split_part(c, ':', 2) <> relation);
UPDATE present SET claims = NULL WHERE len(claims) = 0;

-- Of a declared parent without a relation, the child's own files may show what became of it. Of one parent only: a card
-- copied from a merge names all that was merged. A quantized parent's child need not have been quantized anew, so the
-- parent must be known not to be.
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
