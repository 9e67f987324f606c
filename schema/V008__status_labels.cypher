// What Neo4j Browser can colour, in graphs that were loaded before it was stored: a second label for each status but listed.
MATCH (m:Model)
WHERE m.status = 'gone' AND NOT m:Gone
CALL (m) {
  SET m:Gone
} IN TRANSACTIONS OF 10000 ROWS;
MATCH (m:Model)
WHERE m.status = 'absent' AND NOT m:Absent
CALL (m) {
  SET m:Absent
} IN TRANSACTIONS OF 10000 ROWS;
