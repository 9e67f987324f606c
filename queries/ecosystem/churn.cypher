// How much comes and goes: what the crawls added and took away
//
// One row for each month (or day, or year) in which a crawl began, the newest first, with the sum of what its crawls found
// new, changed or gone since the one before. Times are those of the crawls, not of the changes: what came and went
// between two crawls was never seen, and a change of many months shows in the crawl that found it. Only complete crawls
// retire models. The first crawl is left out: everything was new to it.
//
// @param by string default="month" — day, month or year
// @param limit integer default=null — the most rows to return; null: all
//
// @returns period string — the month, as 2025-03, the day, or the year
// @returns crawls integer — how many crawls began in it
// @returns complete integer — how many of them saw the whole listing
// @returns models_added integer — models that were not listed before, or came back
// @returns models_retired integer — models that were gone
// @returns net integer — by how many the listed models grew
// @returns models_changed integer — listed models of which something changed; popularity aside
// @returns edges_added integer — links that were new, or were declared again
// @returns edges_changed integer — links of which something changed
// @returns edges_withdrawn integer — links that a listed model declares no more
// @returns models_listed integer — how many models were listed at the end of the period; null where no crawl counted them
// @empty — fewer than two crawls are loaded
// @budget 0.5 s
//
// :param {by: 'month', limit: 36}

MATCH (c:Crawl) WHERE c.state = 'loaded'
WITH c ORDER BY c.id
WITH collect(c)[1..] AS later
UNWIND later AS c
WITH left(toString(c.started_at), CASE $by WHEN 'day' THEN 10 WHEN 'year' THEN 4 ELSE 7 END) AS period, c
ORDER BY c.id DESC
RETURN period,
       count(*) AS crawls,
       sum(CASE WHEN c.complete THEN 1 ELSE 0 END) AS complete,
       sum(c.models_added) AS models_added,
       sum(c.models_retired) AS models_retired,
       sum(c.models_added) - sum(c.models_retired) AS net,
       sum(c.models_changed) AS models_changed,
       sum(c.edges_added) AS edges_added,
       sum(c.edges_changed) AS edges_changed,
       sum(c.edges_withdrawn) AS edges_withdrawn,
       head(collect(c.models_listed)) AS models_listed
ORDER BY period DESC
LIMIT toInteger(coalesce($limit, 9223372036854775807));
