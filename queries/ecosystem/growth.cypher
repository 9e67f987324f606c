// How many models were made each month, and how many of them derive from others
//
// One row for each month, the newest first, by the day on which the Hub says a model's repository was made; so the answer
// reaches back beyond the first crawl. Counted are models that are listed today or were before they were gone; what was
// deleted before the first crawl is nowhere. A model counts as derived if it declares a parent other than itself today, not
// if it did in that month, and once for each kind of its links. Repositories older than the Hub's clock all bear the
// date 2022-03-02.
//
// @param by string default="month" — day, month or year
// @param limit integer default=null — the most rows to return; null: all
//
// @returns period string — the month, as 2025-03, the day, or the year
// @returns models integer — how many models were made
// @returns derived integer — how many of them declare a parent today
// @returns derived_share float — of the models made
// @returns finetunes integer — how many are finetunes of a parent
// @returns adapters integer — how many are adapters
// @returns quantized integer — how many are quantized copies
// @returns merges integer — how many are merges
// @returns unknown integer — how many do not say how they derive
// @returns gone integer — how many of the models made then are gone today
// @returns running_total integer — how many were made until the end of that period
// @empty — no model of the graph says when it was made
// @budget 20 s
//
// :param {by: 'month', limit: 36}

CALL () {
  MATCH (m:Model) WHERE m.created_at IS NOT NULL
  RETURN m.created_at.epochSeconds / 86400 AS day, 'models' AS what, count(*) AS models
  UNION ALL
  MATCH (m:Model {status: 'gone'}) WHERE m.created_at IS NOT NULL
  RETURN m.created_at.epochSeconds / 86400 AS day, 'gone' AS what, count(*) AS models
  UNION ALL
  MATCH ()-[e:DERIVED_FROM]->() WHERE e.status = 'current'
  WITH startNode(e) AS m, endNode(e) AS p, e.relation AS relation
  WHERE m <> p
  WITH m, collect(DISTINCT relation) AS relations
  WHERE m.created_at IS NOT NULL
  WITH m.created_at.epochSeconds / 86400 AS day, relations, count(*) AS models
  UNWIND ['derived'] + relations AS what
  RETURN day, what, models
}
WITH day, what, sum(models) AS models
WITH date('1970-01-01') + duration({days: day}) AS day, what, models
WITH left(toString(day), CASE $by WHEN 'day' THEN 10 WHEN 'year' THEN 4 ELSE 7 END) AS name,
     sum(CASE what WHEN 'models' THEN models ELSE 0 END) AS models,
     sum(CASE what WHEN 'gone' THEN models ELSE 0 END) AS gone,
     sum(CASE what WHEN 'derived' THEN models ELSE 0 END) AS derived,
     sum(CASE what WHEN 'finetune' THEN models ELSE 0 END) AS finetunes,
     sum(CASE what WHEN 'adapter' THEN models ELSE 0 END) AS adapters,
     sum(CASE what WHEN 'quantized' THEN models ELSE 0 END) AS quantized,
     sum(CASE what WHEN 'merge' THEN models ELSE 0 END) AS merges,
     sum(CASE what WHEN 'unknown' THEN models ELSE 0 END) AS unknown
ORDER BY name
WITH collect({name: name, models: models, gone: gone, derived: derived, finetunes: finetunes, adapters: adapters,
              quantized: quantized, merges: merges, unknown: unknown}) AS periods
UNWIND range(0, size(periods) - 1) AS place
WITH periods[place] AS period, reduce(total = 0, earlier IN periods[..place + 1] | total + earlier.models) AS running_total
RETURN period.name AS period,
       period.models AS models,
       period.derived AS derived,
       toFloat(period.derived) / period.models AS derived_share,
       period.finetunes AS finetunes,
       period.adapters AS adapters,
       period.quantized AS quantized,
       period.merges AS merges,
       period.unknown AS unknown,
       period.gone AS gone,
       running_total
ORDER BY period DESC
LIMIT toInteger(coalesce($limit, 9223372036854775807));
