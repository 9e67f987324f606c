-- Removed: models that have been gone for longer than `keep.gone` says, unless a model that stays names one, or once did. Of data
-- sets the same, unless a model names one.
-- In: present, named_keys
-- Out: removed
-- Changes: real, names, said, weights, past (what is theirs goes)
-- Variables: gone_before (NULL: none is removed)

CREATE TABLE removed AS
WITH RECURSIVE
old AS (SELECT key FROM real WHERE status = 'gone' AND gone_at < getvariable('gone_before')),
led_to AS (
    SELECT child, parent FROM past SEMI JOIN old ON old.key = past.parent
    UNION SELECT child, parent FROM present SEMI JOIN old ON old.key = present.parent
),
needed AS (
    SELECT parent AS key FROM led_to ANTI JOIN old ON old.key = led_to.child
    UNION
    SELECT key FROM old SEMI JOIN named_keys USING (key)
    UNION
    SELECT l.parent FROM needed n JOIN led_to l ON l.child = n.key
)
SELECT key FROM old ANTI JOIN needed USING (key);

DELETE FROM past WHERE child IN (SELECT key FROM removed);

DELETE FROM names WHERE model IN (SELECT key FROM removed);

DELETE FROM said WHERE child IN (SELECT key FROM removed);

DELETE FROM weights WHERE model IN (SELECT key FROM removed);

DELETE FROM real WHERE key IN (SELECT key FROM removed);
