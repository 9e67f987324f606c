// Data sets are told apart by `key`, as models are: a name can pass from one repository to another.
DROP CONSTRAINT dataset_id_lower IF EXISTS;
CREATE CONSTRAINT dataset_key IF NOT EXISTS FOR (d:Dataset) REQUIRE d.key IS UNIQUE;
CREATE INDEX dataset_name IF NOT EXISTS FOR (d:Dataset) ON (d.id_lower);
// In graphs that were loaded before, no data set had been crawled.
MATCH (d:Dataset)
WHERE d.key IS NULL
CALL (d) {
  SET d.key = 'absent:' + d.id_lower, d.status = 'absent'
} IN TRANSACTIONS OF 10000 ROWS;
