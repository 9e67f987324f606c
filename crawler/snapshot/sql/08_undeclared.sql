-- The models that the rules on names are asked about, which never declared a parent: who took a declaration back is
-- believed, and the link stays as withdrawn. And the links that theirs must not close to a circle.
-- In: present, real, old_edges. Out: undeclared, links.

CREATE TABLE undeclared AS
SELECT key FROM real WHERE status = 'listed' AND key NOT IN (SELECT child FROM present)
  AND key NOT IN (SELECT child FROM old_edges WHERE sources <> ['inferred']);

CREATE TABLE links AS
SELECT child, parent FROM present UNION SELECT child, parent FROM old_edges WHERE status = 'current';
