// Models of one size: `look_alikes` begins with those that have exactly as many parameters.
CREATE INDEX model_parameters IF NOT EXISTS FOR (m:Model) ON (m.parameters);
