// Links that were inferred, and by which rule
//
// One row for each link that a rule inferred in whole or in part, most downloaded child first. `what` tells the two
// apart. `parent`: the whole link is inferred. `relation`: the child declares the parent, and the kind of step was read
// from the child's files or configuration. A rule can be wrong; docs/lineage.md says how often each rule is right. Only
// current links of listed models are shown.
//
// @param kind list<string> default=null — use only links of these kinds; null: all
// @param owner string default=null — only children of this owner; null: all
// @param limit integer default=null — return at most this many rows; null: all
//
// @returns child string — the name of the model that is derived
// @returns parent string — the name of the model that it is derived from
// @returns what string — what was inferred: parent (the link itself) or relation (only the kind of step)
// @returns rule string — the rule that inferred it
// @returns relation string — copy, finetune, adapter, quantized, merge or unknown (the kind is not declared)
// @returns sources list<string> — the evidence for the link, such as hub, tag or card; see docs/lineage.md
// @returns owner string — who publishes the child
// @returns downloads integer — the child's downloads in the last 30 days
// @returns url string — the child's page on the Hub
// @empty — no link within the given filters was inferred
// @budget 5 s
//
// :param {kind: null, owner: null, limit: 25}

MATCH ()-[e:DERIVED_FROM]->()
WHERE 'inferred' IN e.sources AND e.status = 'current' AND ($kind IS NULL OR e.relation IN $kind)
WITH e, startNode(e) AS c, endNode(e) AS p
WHERE c.status = 'listed' AND ($owner IS NULL OR c.owner = $owner)
RETURN c.id AS child,
       p.id AS parent,
       CASE e.certainty WHEN 'inferred' THEN 'parent' ELSE 'relation' END AS what,
       e.rule AS rule,
       e.relation AS relation,
       e.sources AS sources,
       c.owner AS owner,
       c.downloads AS downloads,
       c.url AS url
ORDER BY coalesce(c.downloads, 0) DESC, child, parent, c.key, p.key
LIMIT toInteger(coalesce($limit, 9223372036854775807));
