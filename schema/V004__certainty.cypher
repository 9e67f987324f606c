// The certainty of each link, in graphs that were loaded before it was stored: a function of its sources.
MATCH (:Model)-[e:DERIVED_FROM]->(:Model)
WHERE e.certainty IS NULL
CALL (e) {
  SET e.certainty = CASE WHEN 'inferred' IN e.sources THEN CASE size(e.sources) WHEN 1 THEN 'inferred' ELSE 'observed_in_files' END
                         WHEN 'hub' IN e.sources THEN 'declared_by_hub'
                         WHEN 'tag' IN e.sources OR 'card' IN e.sources THEN 'declared_by_author'
                         WHEN 'adapter_config' IN e.sources THEN 'observed_in_files'
                         ELSE 'inferred' END
} IN TRANSACTIONS OF 10000 ROWS;
