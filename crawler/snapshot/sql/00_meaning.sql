-- Meaning: what a name means today, by the rule that the queries follow too: listed before gone, then a current name before a
-- former one, then the newest (the Hub's keys are in order of creation). A name in another case counts where only one
-- repository has it; a gone one's only where no listed one has it.
-- It makes no table but the macro meaning_of: `wanted` names a table of targets, `bearers` one of id, id_lower, key, status and
-- former.

CREATE OR REPLACE MACRO meaning_of(wanted, bearers) AS TABLE (
WITH wanted_name AS (SELECT DISTINCT target, lower(target) AS target_lower FROM query_table(wanted)),
by_spelling AS (
    SELECT id, unnest(arg_max({key: key, status: status, former: former}, (status = 'listed', NOT former, key)))
    FROM query_table(bearers) bearer SEMI JOIN wanted_name ON wanted_name.target = bearer.id GROUP BY id
),
by_case AS (
    SELECT id_lower, unnest(arg_max({key: key, former: former}, (status = 'listed', NOT former, key)))
    FROM query_table(bearers) bearer SEMI JOIN wanted_name ON wanted_name.target_lower = bearer.id_lower GROUP BY id_lower
    HAVING count(DISTINCT key) FILTER (status = 'listed') = 1
        OR (count(*) FILTER (status = 'listed') = 0 AND count(DISTINCT key) = 1)
)
SELECT t.target, coalesce(s.key, c.key) AS key,
       CASE WHEN s.former OR (s.key IS NULL AND c.former) THEN 'former_name'
            WHEN s.status = 'listed' THEN 'current_id' WHEN s.status = 'gone' THEN 'gone_id'
            WHEN c.key IS NOT NULL THEN 'other_case' ELSE 'absent' END AS step
FROM wanted_name t
LEFT JOIN by_spelling s ON s.id = t.target
LEFT JOIN by_case c ON c.id_lower = t.target_lower
);
