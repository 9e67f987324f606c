// How many models were made each month, and how many of them derive from others
//
// One row for each month, the newest first, by the day on which the Hub says a model's repository was made; so the answer
// reaches back beyond the first crawl. Counted are models that are listed today or were before they were gone; what was
// deleted before the first crawl is nowhere. A model counts as derived if it declares a parent other than itself today, not
// if it did in that month, and once for each kind of its links. Repositories older than the Hub's clock all bear the
// date 2022-03-02. The counts are made with each crawl, and are those of the newest one.
//
// @param by string default="month" — month or year
// @param limit integer default=null — the most rows to return; null: all
//
// @returns period string — the month, as 2025-03, or the year
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
// @empty — no model says when it was made, `by` is neither month nor year, or an earlier version made it: the next crawl counts
// @budget 0.1 s
//
// :param {by: 'month', limit: 36}

MATCH (c:Crawl) WHERE c.state = 'loaded'
WITH c ORDER BY c.id DESC LIMIT 1
UNWIND range(0, size(coalesce(c.growth_months, [])) - 1) AS place
WITH c, place, CASE $by WHEN 'month' THEN c.growth_months[place] WHEN 'year' THEN left(c.growth_months[place], 4) END AS period
WHERE period IS NOT NULL
WITH period,
     sum(c.growth_models[place]) AS models,
     sum(c.growth_gone[place]) AS gone,
     sum(c.growth_derived[place]) AS derived,
     sum(c.growth_finetunes[place]) AS finetunes,
     sum(c.growth_adapters[place]) AS adapters,
     sum(c.growth_quantized[place]) AS quantized,
     sum(c.growth_merges[place]) AS merges,
     sum(c.growth_unknown[place]) AS unknown
ORDER BY period
WITH collect({period: period, models: models, derived: derived, finetunes: finetunes, adapters: adapters,
              quantized: quantized, merges: merges, unknown: unknown, gone: gone}) AS periods
UNWIND range(0, size(periods) - 1) AS place
WITH periods[place] AS made, reduce(total = 0, earlier IN periods[..place + 1] | total + earlier.models) AS running_total
RETURN made.period AS period,
       made.models AS models,
       made.derived AS derived,
       toFloat(made.derived) / made.models AS derived_share,
       made.finetunes AS finetunes,
       made.adapters AS adapters,
       made.quantized AS quantized,
       made.merges AS merges,
       made.unknown AS unknown,
       made.gone AS gone,
       running_total
ORDER BY period DESC
LIMIT toInteger(coalesce($limit, 9223372036854775807));
