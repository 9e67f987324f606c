// Models that declare themselves as their parent
//
// One row for each model with a link to itself; current links before withdrawn ones, then listed models, then those
// with the most children. The link is kept as a fact of the model's card, and does not count in a genealogy: no model
// is its own ancestor. Most come from a template filled in with the wrong name, so the true parent may be missing;
// `parents` counts the others that are declared. Gone models are included; see `status`.
//
// @param include_withdrawn boolean default=false — also use links that the child no longer declares
// @param limit integer default=null — return at most this many rows; null: all
//
// @returns id string — the model's name
// @returns relation string — copy, finetune, adapter, quantized, merge or unknown (the kind is not declared)
// @returns sources list<string> — the evidence for the link, such as hub, tag or card; see docs/lineage.md
// @returns declared_as list<string> — the spellings that the model uses for its own name
// @returns link_status string — current, or withdrawn (the child no longer declares it)
// @returns parents integer — how many other models it derives from directly
// @returns children integer — how many other models derive from it directly
// @returns status string — listed or gone (deleted or private)
// @returns owner string — who publishes it
// @returns downloads integer — downloads in the last 30 days; the last known figure where it is not listed today
// @returns url string — its page on the Hub; null: it is not listed today
// @empty — no model within the given filters declares itself as its parent
// @budget 2 s
//
// :param {include_withdrawn: false, limit: 25}

MATCH (m:Model)-[e:DERIVED_FROM]->(m)
WHERE e.status = 'current' OR $include_withdrawn
RETURN m.id AS id,
       e.relation AS relation,
       e.sources AS sources,
       e.declared_as AS declared_as,
       e.status AS link_status,
       COUNT { MATCH (m)-[o:DERIVED_FROM]->(p) WHERE p <> m AND o.status = 'current' } AS parents,
       COUNT { MATCH (m)<-[o:DERIVED_FROM]-(c) WHERE c <> m AND o.status = 'current' } AS children,
       m.status AS status,
       m.owner AS owner,
       m.downloads AS downloads,
       CASE m.status WHEN 'listed' THEN m.url END AS url
ORDER BY link_status, status <> 'listed', children DESC, coalesce(downloads, 0) DESC, id, m.key
LIMIT toInteger(coalesce($limit, 9223372036854775807));
