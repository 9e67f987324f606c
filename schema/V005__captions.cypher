// What drawings show, in graphs that were loaded before it was stored: the name without the owner, and what is not as usual.
MATCH (m:Model)
WHERE m.short_name IS NULL
CALL (m) {
  WITH m, last(split(m.id, '/')) AS name
  SET m.short_name = CASE name WHEN '' THEN m.id ELSE name END, m.remark = CASE WHEN m.status <> 'listed' THEN m.status END
} IN TRANSACTIONS OF 10000 ROWS;
MATCH (:Model)-[e:DERIVED_FROM]->(:Model)
WHERE e.remark IS NULL AND (e.status = 'withdrawn' OR e.sources = ['inferred'])
CALL (e) {
  SET e.remark = CASE e.status WHEN 'withdrawn' THEN e.status ELSE 'inferred' END
} IN TRANSACTIONS OF 10000 ROWS;
