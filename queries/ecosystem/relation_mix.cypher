// How models are derived: the mix of relations
//
// One row for each kind of link, most frequent first: how many links are of that kind, their share, and where they are
// declared. The links counted are those that listed models declare today, or declared on the day of `as_of`. A link
// from a model to itself does not count. A model with several parents counts once for each parent. A link that both the
// Hub and the author declare counts in `by_hub` and in `by_author`. The evidence for a link is always what is known
// today, whatever `as_of` says.
//
// @param owner string default=null — only models of this owner; null: all
// @param as_of datetime default=null — answer as of this time, or of the end of this day (UTC); null: now
// @param limit integer default=null — return at most this many rows; null: all
//
// @returns relation string — copy, finetune, adapter, quantized, merge or unknown (the kind is not declared)
// @returns links integer — how many links are of that kind
// @returns share float — their share of all links counted
// @returns by_hub integer — how many of them the Hub itself resolved
// @returns by_author integer — how many of them the author declares, in tags, the card or the adapter's configuration
// @returns inferred integer — how many of them nobody declares: a rule found them
// @returns disputed integer — how many of them have sources that disagree about the kind
// @empty — no listed model within the given filters declares a parent
// @budget 12 s
//
// :param {owner: null, as_of: null, limit: null}

WITH CASE size(toString($as_of)) WHEN 10 THEN datetime(toString($as_of) + 'T23:59:59.999999Z')
     ELSE coalesce(datetime(toString($as_of)), datetime('9999-12-31')) END AS at
MATCH ()-[e:DERIVED_FROM]->()
WHERE CASE WHEN $as_of IS NULL THEN e.status = 'current'
           ELSE e.first_seen <= at AND coalesce(e.withdrawn_at > at, true)
                AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true) END
WITH at, e, startNode(e) AS c, endNode(e) AS p
WHERE c:Model AND c <> p AND ($owner IS NULL OR c.owner = $owner)
  AND CASE WHEN $as_of IS NULL THEN c.status = 'listed'
                    ELSE c.listed_at <= at AND coalesce(c.gone_at > at, true)
                         AND coalesce(size([t IN c.absences WHERE t <= at]) % 2 = 0, true) END
WITH e.relation AS relation, e.sources AS sources, e.certainty AS certainty, e.claims IS NOT NULL AS disputed, count(*) AS links
WITH relation, sum(links) AS links,
     sum(CASE WHEN 'hub' IN sources THEN links ELSE 0 END) AS by_hub,
     sum(CASE WHEN any(s IN sources WHERE s IN ['tag', 'card', 'adapter_config']) THEN links ELSE 0 END) AS by_author,
     sum(CASE WHEN certainty = 'inferred' THEN links ELSE 0 END) AS inferred,
     sum(CASE WHEN disputed THEN links ELSE 0 END) AS disputed
WITH collect({relation: relation, links: links, by_hub: by_hub, by_author: by_author, inferred: inferred,
              disputed: disputed}) AS kinds
UNWIND kinds AS kind
RETURN kind.relation AS relation,
       kind.links AS links,
       toFloat(kind.links) / reduce(total = 0, k IN kinds | total + k.links) AS share,
       kind.by_hub AS by_hub,
       kind.by_author AS by_author,
       kind.inferred AS inferred,
       kind.disputed AS disputed
ORDER BY links DESC, relation
LIMIT toInteger(coalesce($limit, 9223372036854775807));
