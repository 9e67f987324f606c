-- The rest: the licences in use, what the Hub answered about single models, and what could not be understood.
-- In: models, known_licenses, enrichment (this crawl's answers), old_enriched, page_rejected, old_rejected, dropped, seen, removed
-- Out: licenses, enriched, rejected
-- Variables: now, complete

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
WHERE NOT starts_with(o.field, 'imported:') AND o.field <> 'card_text'
  AND NOT EXISTS (SELECT 1 FROM seen s WHERE s.key = o.model)
  AND NOT EXISTS (SELECT 1 FROM removed r WHERE r.key = o.model)
  AND (NOT getvariable('complete') OR EXISTS (SELECT 1 FROM models m WHERE m.key = o.model));
