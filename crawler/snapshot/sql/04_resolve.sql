-- Resolution: which model each declared parent is today. Every crawl resolves the whole table, so a parent that is listed
-- today heals children that did not change. The first step that answers wins: base_models, then current_id, gone_id or
-- former_name, then other_case. 06_successors and 07_first_meaning follow.
-- In: page_declared, old_declared, seen, real, old_models
-- Out: declared, sought, bearer, meaning, resolved (what baseModels say), reference (declared, with the parent's key and the step), paired
-- Changes: names (learned names are added)

CREATE OR REPLACE TABLE declared AS
SELECT d.child, d.position, d.source, d.spelling, d.target, d.relation, d.hub_id
FROM page_declared d JOIN seen s ON s.key = d.child AND s.page = d.page AND s.place = d.place
UNION ALL BY NAME
SELECT o.* FROM old_declared o WHERE o.child NOT IN (SELECT key FROM seen);

-- Who bears a name, or bore it: 00_meaning has the rule.
CREATE OR REPLACE TABLE bearer AS
SELECT id, id_lower, key, status, false AS former FROM real
UNION ALL
SELECT n.id, n.id_lower, r.key, r.status, true FROM names n JOIN real r ON r.key = n.model WHERE n.origin = 'rename';

-- Only names that somebody asks for are looked up: they are a small part of all.
CREATE OR REPLACE TABLE sought AS
SELECT target FROM declared UNION SELECT id FROM old_models WHERE status = 'absent';

CREATE OR REPLACE TABLE meaning AS FROM meaning_of('sought', 'bearer');

CREATE OR REPLACE TABLE resolved AS
SELECT DISTINCT d.child, coalesce(h.key, m.key, 'absent:' || lower(d.target)) AS parent, lower(d.target) AS target_lower
FROM declared d
JOIN real c ON c.key = d.child AND c.status = 'listed'
JOIN meaning m USING (target)
LEFT JOIN real h ON h.key = d.hub_id
WHERE d.source = 'hub';

-- A record's own spellings belong to its own baseModels: the same name, or a former name of one of them …
CREATE OR REPLACE TABLE reference AS
SELECT d.*, lower(d.target) AS target_lower,
       coalesce(h.key, p.parent, m.key, 'absent:' || lower(d.target)) AS parent,
       CASE WHEN h.key IS NOT NULL OR p.parent IS NOT NULL THEN 'base_models' ELSE m.step END AS step
FROM declared d
JOIN real c ON c.key = d.child AND c.status = 'listed'
JOIN meaning m USING (target)
LEFT JOIN real h ON d.source = 'hub' AND h.key = d.hub_id
LEFT JOIN (SELECT child, target_lower, min(parent) AS parent FROM resolved GROUP BY ALL) p
       ON d.source <> 'hub' AND p.child = d.child AND p.target_lower = lower(d.target);

UPDATE reference SET parent = p.parent, step = 'base_models'
FROM (
    -- Not a learned one: what this crawl learns below must not give the same records another answer in the next.
    SELECT r.child, n.id_lower, min(r.parent) AS parent FROM resolved r JOIN names n ON n.model = r.parent
    WHERE n.origin = 'rename' GROUP BY ALL
) p
WHERE reference.source <> 'hub' AND reference.step <> 'base_models'
  AND reference.child = p.child AND reference.target_lower = p.id_lower;

-- … or the only one left over on each side, or the card's only one where there is only one base model (the tags may carry
-- a renamed parent's both names); unless the spelling is itself the name of a listed model. Most records are left out: each
-- spelling means what baseModels say, and by its own meaning too.
CREATE OR REPLACE TABLE paired AS
WITH unsettled AS (
    SELECT DISTINCT child FROM reference r JOIN meaning m USING (target) SEMI JOIN resolved USING (child)
    WHERE r.source <> 'hub' AND (r.step <> 'base_models' OR r.parent IS DISTINCT FROM m.key)
),
base AS (SELECT * FROM resolved SEMI JOIN unsettled USING (child)),
own AS (SELECT child, source, target_lower, parent, step FROM reference SEMI JOIN unsettled USING (child) WHERE source <> 'hub'),
spare_parent AS (
    SELECT child, min(parent) AS parent FROM (SELECT DISTINCT child, parent FROM base) s
    ANTI JOIN own USING (child, parent)
    GROUP BY child HAVING count(*) = 1
),
spare_spelling AS (
    SELECT child, min(target_lower) AS target_lower, bool_or(step = 'current_id') AS listed
    FROM own ANTI JOIN base USING (child, parent)
    GROUP BY child HAVING count(DISTINCT target_lower) = 1
),
only_parent AS (
    SELECT child, min(parent) AS parent FROM base GROUP BY child HAVING count(DISTINCT parent) = 1
),
only_in_card AS (
    SELECT child, min(target_lower) AS target_lower, bool_or(step = 'current_id') AS listed
    FROM own WHERE source = 'card' GROUP BY child HAVING count(DISTINCT target_lower) = 1
)
SELECT child, target_lower, parent FROM spare_parent JOIN spare_spelling USING (child) WHERE NOT listed
UNION
SELECT child, target_lower, parent FROM only_parent JOIN only_in_card USING (child) WHERE NOT listed;

-- Most are as they should be already, and an update costs more than a look.
UPDATE reference SET parent = p.parent, step = 'base_models' FROM paired p
WHERE reference.source <> 'hub' AND reference.child = p.child AND reference.target_lower = p.target_lower
  AND (reference.parent <> p.parent OR reference.step <> 'base_models');

-- A name that only such a pair explains was that model's: where every pair agrees, and no model bears it.
INSERT INTO names BY NAME
SELECT r.target_lower AS id_lower, min(r.parent) AS model, min(r.target) AS id,
       CASE WHEN contains(r.target_lower, '/') THEN 'resolution' ELSE 'legacy' END AS origin
FROM reference r SEMI JOIN paired p USING (child, target_lower)
ANTI JOIN names n ON n.id_lower = r.target_lower
ANTI JOIN real m ON m.id_lower = r.target_lower
WHERE r.source <> 'hub' AND r.parent NOT LIKE 'absent:%'
GROUP BY r.target_lower HAVING count(DISTINCT r.parent) = 1;
