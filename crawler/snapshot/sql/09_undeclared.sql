-- Undeclared: the models that the rules on names are applied to. They never declared a parent: an author who took a
-- declaration back is believed. Nor does anybody else name one: a name is the weakest evidence. `links` are those with which an inferred link must not close a cycle.
-- In: present, real, old_edges
-- Out: undeclared, links
-- Variables: declared_sources

CREATE TABLE undeclared AS
SELECT key FROM real WHERE status = 'listed' AND key NOT IN (SELECT child FROM present)
  AND key NOT IN (SELECT child FROM old_edges WHERE list_has_any(sources, getvariable('declared_sources')));

CREATE TABLE links AS
SELECT child, parent FROM present UNION SELECT child, parent FROM old_edges WHERE status = 'current';
