// How old the data in the graph is
//
// One row: the newest crawl that is loaded, the newest complete crawl, and how long ago they began. What happened on
// the Hub since then is unknown. An incremental crawl sees what was added or changed, but not what is gone: in this
// respect the graph is as old as the newest complete crawl. Downloads and likes may be older: they are refreshed weekly
// unless the settings say otherwise. `hub-genealogy status` tells the same about the files that the graph is made from.
//
// @param now datetime default=null — compute ages at this time; null: now, by the server's clock
//
// @returns crawl string — the newest crawl that is loaded
// @returns kind string — full or incremental
// @returns started_at datetime — when it began
// @returns age_hours float — how many hours ago that was
// @returns complete_crawl string — the newest loaded crawl that saw the whole listing; null: none did
// @returns complete_started_at datetime — when it began
// @returns complete_age_hours float — how many hours ago that was
// @returns loading boolean — whether a crawl is being loaded, or its load was interrupted: the graph is between two states
// @returns crawls integer — how many crawls are loaded
// @returns first_crawl_at datetime — when the first of them began; `as_of` reaches back to this time
// @empty — no crawl is loaded yet
// @budget 0.1 s
//
// :param {now: null}

MATCH (c:Crawl) WHERE c.state = 'loaded'
WITH c ORDER BY c.id DESC
WITH collect(c) AS loaded, head(collect(CASE WHEN c.complete THEN c END)) AS sweep, coalesce(datetime(toString($now)), datetime()) AS now
WITH loaded, head(loaded) AS newest, sweep, now
WHERE newest IS NOT NULL
RETURN newest.id AS crawl,
       newest.kind AS kind,
       newest.started_at AS started_at,
       duration.inSeconds(newest.started_at, now).seconds / 3600.0 AS age_hours,
       sweep.id AS complete_crawl,
       sweep.started_at AS complete_started_at,
       duration.inSeconds(sweep.started_at, now).seconds / 3600.0 AS complete_age_hours,
       EXISTS { MATCH (c:Crawl) WHERE c.state <> 'loaded' } AS loading,
       size(loaded) AS crawls,
       last(loaded).started_at AS first_crawl_at
ORDER BY crawl;
