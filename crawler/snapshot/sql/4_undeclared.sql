-- The models that the rules on names are asked about, and the links that theirs must not close to a circle.
-- In: present, real, old_edges. Out: undeclared, links.

CREATE TABLE undeclared AS
SELECT key FROM real WHERE status = 'listed' AND key NOT IN (SELECT child FROM present);

CREATE TABLE links AS
SELECT child, parent FROM present UNION SELECT child, parent FROM old_edges WHERE status = 'current';
