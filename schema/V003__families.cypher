// Families of today, by key, and the few models that are on a cycle.
CREATE CONSTRAINT family_key IF NOT EXISTS FOR (f:Family) REQUIRE f.key IS UNIQUE;
CREATE INDEX model_cycle IF NOT EXISTS FOR (m:Model) ON (m.cycle);
