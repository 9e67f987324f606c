-- The rest: the licences in use, what the Hub answered about single models, and what could not be understood.
-- In: models, known_licenses, enrichment (this crawl's answers), old_enriched, told_owners, old_owners, page_rejected, old_rejected, dropped, seen, removed
-- Out: licenses, enriched, owners, rejected
-- Variables: now, complete, conclusive

CREATE TABLE licenses AS
SELECT u.id, k.name, k.spdx, k.family,
       coalesce(k.commercial_use, 'unknown') AS commercial_use,
       coalesce(k.share_alike, 'unknown') AS share_alike,
       coalesce(k.use_restrictions, 'unknown') AS use_restrictions,
       coalesce(k.osi_approved, 'unknown') AS osi_approved
FROM (SELECT DISTINCT unnest(licenses) AS id FROM models) u LEFT JOIN known_licenses k USING (id);

CREATE TABLE enriched AS
SELECT model, topic, getvariable('now') AS asked_at, status, revision, reader FROM enrichment SEMI JOIN models ON models.key = model
UNION ALL
SELECT o.* FROM old_enriched o ANTI JOIN enrichment USING (model, topic) SEMI JOIN models ON models.key = o.model;

-- An answer that decides nothing leaves what was known.
CREATE TABLE owners AS
SELECT t.name, getvariable('now') AS asked_at, t.status,
       CASE WHEN list_contains(getvariable('conclusive'), t.status) THEN t.kind ELSE o.kind END AS kind,
       CASE WHEN list_contains(getvariable('conclusive'), t.status) THEN t.verified ELSE o.verified END AS verified
FROM told_owners t LEFT JOIN old_owners o USING (name) SEMI JOIN models ON models.owner = t.name
UNION ALL
SELECT o.* FROM old_owners o ANTI JOIN told_owners USING (name) SEMI JOIN models ON models.owner = o.name;

-- Of a model that this crawl did not see, or could not read, what was rejected before stays until the same field is
-- rejected anew; a complete sweep has seen every record.
CREATE TABLE rejected AS
SELECT model, id, field, value, reason FROM page_rejected
UNION ALL
SELECT d.model, m.id, d.field, d.value, d.reason FROM dropped d JOIN models m ON m.key = d.model
UNION ALL
SELECT o.model, o.id, o.field, o.value, o.reason FROM old_rejected o
ANTI JOIN page_rejected r ON r.model = o.model AND r.field = o.field
ANTI JOIN page_rejected r ON r.model IS NULL AND o.model IS NULL AND r.field = o.field AND r.value = o.value
                          AND r.id IS NOT DISTINCT FROM o.id
WHERE NOT starts_with(o.field, 'imported:') AND o.field NOT IN ('card_text', 'files')
  AND NOT EXISTS (SELECT 1 FROM seen s WHERE s.key = o.model)
  AND NOT EXISTS (SELECT 1 FROM removed r WHERE r.key = o.model)
  AND (NOT getvariable('complete') OR EXISTS (SELECT 1 FROM models m WHERE m.key = o.model));
