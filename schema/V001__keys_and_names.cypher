// One constraint for the key of each label, and the indexes that name look-ups use.
// `IS UNIQUE` only: node keys and existence constraints are not in Community Edition.
CREATE CONSTRAINT model_key IF NOT EXISTS FOR (m:Model) REQUIRE m.key IS UNIQUE;
CREATE CONSTRAINT owner_name IF NOT EXISTS FOR (o:Owner) REQUIRE o.name IS UNIQUE;
CREATE CONSTRAINT dataset_id_lower IF NOT EXISTS FOR (d:Dataset) REQUIRE d.id_lower IS UNIQUE;
CREATE CONSTRAINT license_id IF NOT EXISTS FOR (l:License) REQUIRE l.id IS UNIQUE;
CREATE CONSTRAINT former_name IF NOT EXISTS FOR (f:FormerName) REQUIRE (f.id_lower, f.model) IS UNIQUE;
CREATE CONSTRAINT crawl_id IF NOT EXISTS FOR (c:Crawl) REQUIRE c.id IS UNIQUE;
CREATE INDEX model_id IF NOT EXISTS FOR (m:Model) ON (m.id);
CREATE INDEX model_id_lower IF NOT EXISTS FOR (m:Model) ON (m.id_lower);
CREATE INDEX former_name_id_lower IF NOT EXISTS FOR (f:FormerName) ON (f.id_lower);
// Nearest names for a name that is unknown: fuzzy matches of its words.
CREATE FULLTEXT INDEX model_names IF NOT EXISTS FOR (n:Model|FormerName) ON EACH [n.id];
