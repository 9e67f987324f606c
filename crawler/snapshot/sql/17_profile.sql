-- Profile: what the graph knows of its models, and when they were made. Counted once, for the `Crawl` node.
-- In: models, edges, enriched
-- Out: derived, known (what was asked for about listed models as they are today), coverage (one row), growth (a row for each month in which a model was made)
-- Variables: declared_sources

CREATE TEMP TABLE derived AS
SELECT e.child, count(*) AS parents, bool_or(p.status = 'absent') AS absent_parent, bool_or(p.status = 'gone') AS gone_parent,
       bool_or(list_has_any(e.sources, getvariable('declared_sources'))) AS declared,
       bool_or(e.relation = 'copy') AS copy, bool_or(e.relation = 'finetune') AS finetune,
       bool_or(e.relation = 'adapter') AS adapter, bool_or(e.relation = 'quantized') AS quantized,
       bool_or(e.relation = 'merge') AS merge, bool_or(e.relation = 'unknown') AS unknown
FROM edges e JOIN models p ON p.key = e.parent
WHERE e.status = 'current' AND e.child <> e.parent
GROUP BY e.child;

CREATE TEMP TABLE known AS
SELECT e.model, e.topic FROM enriched e JOIN models m ON m.key = e.model
WHERE m.status = 'listed' AND e.status <> 0 AND e.revision IS NOT DISTINCT FROM m.revision;

CREATE TEMP TABLE coverage AS
SELECT count(*) FILTER (has_card) AS listed_with_card,
       count(*) FILTER (licenses[1] IS NOT NULL) AS listed_with_license,
       count(d.child) AS listed_with_parent,
       count(*) FILTER (d.parents > 1) AS listed_with_several_parents,
       count(*) FILTER (d.absent_parent) AS listed_with_absent_parent,
       count(*) FILTER (d.gone_parent) AS listed_with_gone_parent,
       count(*) FILTER (NOT d.declared) AS listed_with_undeclared_parent,
       (SELECT count(*) FROM known WHERE topic = 'card') AS listed_with_known_card,
       (SELECT count(*) FROM known WHERE topic = 'files') AS listed_with_known_files
FROM models m LEFT JOIN derived d ON d.child = m.key
WHERE m.status = 'listed';

CREATE TEMP TABLE growth AS
SELECT strftime(created_at, '%Y-%m') AS months, count(*) AS models, count(*) FILTER (status = 'gone') AS gone,
       count(d.child) AS derived, count(*) FILTER (d.copy) AS copies, count(*) FILTER (d.finetune) AS finetunes,
       count(*) FILTER (d.adapter) AS adapters, count(*) FILTER (d.quantized) AS quantized,
       count(*) FILTER (d.merge) AS merges, count(*) FILTER (d.unknown) AS unknown
FROM models m LEFT JOIN derived d ON d.child = m.key
WHERE created_at IS NOT NULL
GROUP BY months;
