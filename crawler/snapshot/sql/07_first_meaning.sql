-- First meaning: a declaration means what it meant when it was made. A spelling that a child has declared without a break
-- keeps the model it first resolved to, whoever bears the name today: an owner can give a name up and somebody else can
-- register it ("model namespace reuse"). Only the Hub's own baseModels make the later bearer a parent, beside the first one.
-- In: old_edges, old_declared, old_findings, old_said
-- Out: kept
-- Changes: reference (the parent; its step becomes first_meaning; `doubt` is added)

-- A match in another case is a guess, which an exact match may correct.
CREATE TABLE kept AS
SELECT e.child, e.spelling, arg_min(e.parent, (e.first_seen, e.parent)) AS parent
FROM (SELECT child, parent, first_seen, unnest(declared_as) AS spelling FROM old_edges
      WHERE status = 'current' AND parent NOT LIKE 'absent:%' AND step <> 'other_case'
        AND len(list_filter(sources, lambda s: s NOT IN ('hub', 'files', 'inferred'))) > 0) e
SEMI JOIN (SELECT child, spelling FROM old_declared WHERE source <> 'hub'
           UNION ALL SELECT child, target FROM old_said
           UNION ALL SELECT r.child, r.spelling FROM reference r SEMI JOIN old_findings f
                     ON r.source = 'imported:' || f.name AND r.spelling = f.parent) d USING (child, spelling)
GROUP BY e.child, e.spelling;

ALTER TABLE reference ADD COLUMN doubt VARCHAR;

UPDATE reference SET
    parent = k.parent, step = 'first_meaning',
    doubt = CASE WHEN reference.step <> 'absent' THEN 'reused' END
FROM kept k
WHERE reference.source <> 'hub' AND reference.child = k.child AND reference.spelling = k.spelling
  AND reference.parent <> k.parent;

-- The Hub's link to the later bearer of the name stands beside the first one, and is marked as well.
UPDATE reference SET doubt = 'reused'
FROM (SELECT DISTINCT child, target_lower FROM reference WHERE doubt = 'reused') r
WHERE reference.source = 'hub' AND reference.child = r.child AND reference.target_lower = r.target_lower;
