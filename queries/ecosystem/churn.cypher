// What the crawls added and removed, by day, month or year
//
// One row for each day, month or year in which a crawl began, newest first. Each row sums what the crawls of that
// period found new, changed or gone. Every change is dated by the crawl that found it, so a crawl after a long pause
// counts all changes of that pause, and what appeared and disappeared between two crawls was never seen. Only a
// complete crawl can mark a model as gone. The first crawl is left out, because everything was new to it.
//
// @param by string default="month" — count by day, month or year
// @param limit integer default=null — return at most this many rows; null: all
//
// @returns period string — the day, the month (as 2025-03) or the year
// @returns crawls integer — how many crawls began in it
// @returns complete integer — how many of them saw the whole listing
// @returns models_added integer — models that were new, or were listed again
// @returns models_retired integer — models that were found gone
// @returns net integer — models_added minus models_retired
// @returns models_changed integer — listed models that changed, popularity aside
// @returns edges_added integer — links that were new, or were declared again
// @returns edges_changed integer — links that changed
// @returns edges_withdrawn integer — links that a listed model no longer declares
// @returns models_listed integer — models listed at the end of the period; null: no crawl of the period counted them
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
