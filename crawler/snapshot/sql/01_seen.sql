-- Seen: the models that this crawl listed, and the listed ones that it did not meet any more.
-- In: page_models, old_models
-- Out: met_before (the copies of a record that do not count), seen (a view: most scripts need few of its columns), vanished
-- Changes: page_rejected (what an earlier copy of a record left there goes)

-- A model met twice in one walk counts as it was met last.
CREATE TABLE met_before AS
SELECT page, place FROM page_models
WHERE key IN (SELECT key FROM page_models GROUP BY key HAVING count(*) > 1)
QUALIFY row_number() OVER (PARTITION BY key ORDER BY page DESC, place DESC) > 1;

CREATE VIEW seen AS SELECT * FROM page_models ANTI JOIN met_before USING (page, place);

-- And so does what was rejected in it; objects that were rejected as a whole are no models, and stay.
DELETE FROM page_rejected r USING seen s
WHERE s.key = r.model AND (s.page, s.place) <> (r.page, r.place) AND r.field NOT IN ('id', 'private');

-- A record that is there but cannot be read is not gone.
CREATE TABLE vanished AS
SELECT key FROM old_models o
WHERE status = 'listed'
  AND key NOT IN (SELECT key FROM seen)
  AND NOT EXISTS (SELECT 1 FROM page_rejected r WHERE r.field IN ('id', 'record') AND r.model = o.key)
  AND NOT EXISTS (SELECT 1 FROM page_rejected r WHERE r.field = 'private' AND r.reason <> 'private' AND r.model = o.key)
  AND NOT EXISTS (SELECT 1 FROM page_rejected r WHERE r.field = '_id' AND r.id = o.id);
