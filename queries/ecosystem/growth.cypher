// How many models were created, and how many of them derive from others, by month or year
//
// One row for each month or year, newest first, by the creation date that the Hub states for the repository; so the
// answer reaches back beyond the first crawl. It counts models that are listed today and models that were listed before
// they were gone. Models deleted before the first crawl are unknown. A model counts as derived if it declares a parent
// other than itself today, whether or not it did so then, and counts once for each kind of its links. The Hub gives
// older repositories the creation date 2022-03-02. The figures are computed with each crawl and describe the newest
// one.
//
// @param by string default="month" — count by month or year
// @param limit integer default=null — return at most this many rows; null: all
//
// @returns period string — the month (as 2025-03) or the year
// @returns models integer — how many models were created
// @returns derived integer — how many of them declare a parent today
// @returns derived_share float — their share of the models created
// @returns copies integer — how many are unchanged copies of a parent
// @returns finetunes integer — how many are fine-tuned from a parent
// @returns adapters integer — how many are adapters
// @returns quantized integer — how many are quantised copies
// @returns merges integer — how many are merges
// @returns unknown integer — how many do not declare the kind of derivation
// @returns gone integer — how many of the models created then are gone today
// @returns running_total integer — how many were created up to the end of the period
// @empty — no model has a creation date, `by` is neither month nor year, or an earlier version loaded the graph: the next crawl adds the counts
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
     sum(coalesce(c.growth_copies[place], 0)) AS copies,
     sum(c.growth_finetunes[place]) AS finetunes,
     sum(c.growth_adapters[place]) AS adapters,
     sum(c.growth_quantized[place]) AS quantized,
     sum(c.growth_merges[place]) AS merges,
     sum(c.growth_unknown[place]) AS unknown
ORDER BY period
WITH collect({period: period, models: models, derived: derived, copies: copies, finetunes: finetunes,
              adapters: adapters, quantized: quantized, merges: merges, unknown: unknown, gone: gone}) AS periods
UNWIND range(0, size(periods) - 1) AS place
WITH periods[place] AS made, reduce(total = 0, earlier IN periods[..place + 1] | total + earlier.models) AS running_total
RETURN made.period AS period,
       made.models AS models,
       made.derived AS derived,
       toFloat(made.derived) / made.models AS derived_share,
       made.copies AS copies,
       made.finetunes AS finetunes,
       made.adapters AS adapters,
       made.quantized AS quantized,
       made.merges AS merges,
       made.unknown AS unknown,
       made.gone AS gone,
       running_total
ORDER BY period DESC
LIMIT toInteger(coalesce($limit, 9223372036854775807));
