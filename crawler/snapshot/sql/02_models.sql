-- Models: what this crawl listed, merged with what the snapshot before it knew. Run again where the Hub's answers change
-- what may be retired.
-- In: seen, vanished, old_models
-- Out: real (every model that a listing ever held; absent names come with the edges)
-- Variables: now, retire, refresh

CREATE OR REPLACE TABLE real AS
SELECT
    s.* EXCLUDE (page, place) REPLACE (
        make_timestamp(s.created_at * 1000) AS created_at,
        make_timestamp(s.modified_at * 1000) AS modified_at,
        CASE WHEN o.key IS NULL OR getvariable('refresh') THEN s.downloads ELSE o.downloads END AS downloads,
        CASE WHEN o.key IS NULL OR getvariable('refresh') THEN s.likes ELSE o.likes END AS likes
    ),
    lower(s.id) AS id_lower, s.key AS hub_id, 'listed' AS status, NULL::VARCHAR AS gone_reason,
    coalesce(o.first_seen, getvariable('now')) AS first_seen,
    coalesce(o.listed_at, getvariable('now')) AS listed_at,
    NULL::TIMESTAMP AS gone_at,
    CASE WHEN o.status = 'gone' THEN list_concat(coalesce(o.absences, []), [o.gone_at, getvariable('now')])
         ELSE o.absences END AS absences,
    getvariable('now') AS seen_at
FROM seen s LEFT JOIN old_models o USING (key);

-- What this crawl did not list is carried over (who is on a cycle is asked anew); it is gone only where this crawl may retire.
INSERT INTO real BY NAME
SELECT * EXCLUDE (retired, cycle) REPLACE (
    CASE WHEN retired THEN 'gone' ELSE status END AS status,
    CASE WHEN retired THEN 'unknown' ELSE gone_reason END AS gone_reason,
    CASE WHEN retired THEN getvariable('now') ELSE gone_at END AS gone_at
)
FROM (SELECT o.*, getvariable('retire') AND v.key IS NOT NULL AS retired
      FROM old_models o LEFT JOIN vanished v USING (key) WHERE o.status <> 'absent')
WHERE key NOT IN (SELECT key FROM seen);
