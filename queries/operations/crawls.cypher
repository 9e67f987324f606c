// The crawls that made this graph
//
// One row for each crawl that was loaded, newest first: when it ran, whether it saw the whole listing, and what it
// found. Only a complete crawl can mark a model as gone. A crawl that is being loaded is also a row, with the state
// `loading`; its numbers are added when it is done. Crawls that failed before they reached the graph are missing here.
//
// @param limit integer default=null — return at most this many rows; null: all
//
// @returns crawl string — the crawl's id: its number and the time at which it began
// @returns kind string — full (the whole listing) or incremental (recent changes)
// @returns state string — loaded or loading
// @returns complete boolean — whether it saw the whole listing
// @returns started_at datetime — when its walk over the listing began
// @returns finished_at datetime — when that walk ended
// @returns models_seen integer — models it saw
// @returns models_added integer — models that were new, or were listed again
// @returns models_changed integer — listed models that changed, popularity aside
// @returns models_retired integer — models that were found gone
// @returns edges_added integer — links that were new, or were declared again
// @returns edges_changed integer — links that changed
// @returns edges_withdrawn integer — links that a listed model no longer declares
// @returns rejected integer — declarations and fields that could not be understood, in all known records
// @returns rows_written integer — rows that changed in the graph, popularity aside
// @returns versions list<string> — the versions of the programs that made it
// @empty — no crawl is loaded yet
// @budget 0.1 s
//
// :param {limit: 25}

MATCH (c:Crawl)
RETURN c.id AS crawl,
       c.kind AS kind,
       c.state AS state,
       c.complete AS complete,
       c.started_at AS started_at,
       c.finished_at AS finished_at,
       c.models_seen AS models_seen,
       c.models_added AS models_added,
       c.models_changed AS models_changed,
       c.models_retired AS models_retired,
       c.edges_added AS edges_added,
       c.edges_changed AS edges_changed,
       c.edges_withdrawn AS edges_withdrawn,
       c.rejected AS rejected,
       c.rows_written AS rows_written,
       c.versions AS versions
ORDER BY crawl DESC
LIMIT toInteger(coalesce($limit, 9223372036854775807));
