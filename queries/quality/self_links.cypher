// Models that declare themselves as their parent
//
// One row for each model with a link to itself. It is kept as a fact of its card, and counts for nothing in a genealogy:
// no model is its own ancestor. Most come from a template that was filled in with the wrong name, so the true parent
// may be missing: `parents` says how many others are declared. Models that are gone are rows too; see the status.
//
// @param include_withdrawn boolean default=false — also links that the model no longer declares
// @param limit integer default=null — the most rows to return; null: all
//
// @returns id string — the model's name
// @returns relation string — finetune, adapter, quantized, merge, or unknown: derived, but not said how
// @returns sources list<string> — where it is said: hub, tag, card, adapter_config, inferred
// @returns declared_as list<string> — how the model spells its own name there
// @returns link_status string — current, or withdrawn: the model does not declare it any more
// @returns parents integer — how many other parents it declares
// @returns children integer — how many other models declare it as their parent
// @returns status string — listed or gone (deleted or private)
// @returns owner string — who publishes it
// @returns downloads integer — downloads in the last 30 days
// @returns url string — its page on the Hub
// @empty — no model declares itself as its parent
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
       m.url AS url
ORDER BY coalesce(m.downloads, 0) DESC, id, m.key
LIMIT toInteger(coalesce($limit, 9223372036854775807));
