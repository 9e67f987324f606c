// Links whose sources disagree about the kind of step
//
// One row for each link on which a source claims another relation than the one that counts, most downloaded child
// first. Identical weight files are a copy, whatever is declared. Else the Hub outranks the tag, the tag the card, and
// the card the adapter's configuration; what the outranked sources claim is in `claims`. Which source is right is
// unknown: the Hub derives the relation by its own rules and may be wrong. A source that does not state the kind of step
// does not disagree. Only links of listed models that stand today are shown.
//
// @param kind list<string> default=null — use only links of these kinds; null: all
// @param owner string default=null — only children of this owner; null: all
// @param limit integer default=null — return at most this many rows; null: all
//
// @returns child string — the name of the model that is derived
// @returns parent string — the name of the model that it is derived from
// @returns relation string — the relation that counts: copy, finetune, adapter, quantized or merge
// @returns claims list<string> — the relations claimed by sources that disagree, such as card:finetune
// @returns sources list<string> — the evidence for the link, such as hub, tag or card; see docs/lineage.md
// @returns owner string — who publishes the child
// @returns downloads integer — the child's downloads in the last 30 days
// @returns url string — the child's page on the Hub
// @empty — no link within the given filters has sources that disagree
// @budget 5 s
//
// :param {kind: null, owner: null, limit: 25}

MATCH ()-[e:DERIVED_FROM]->()
WHERE e.claims IS NOT NULL AND e.status = 'current' AND ($kind IS NULL OR e.relation IN $kind)
WITH e, startNode(e) AS c, endNode(e) AS p
WHERE c.status = 'listed' AND ($owner IS NULL OR c.owner = $owner)
RETURN c.id AS child,
       p.id AS parent,
       e.relation AS relation,
       e.claims AS claims,
       e.sources AS sources,
       c.owner AS owner,
       c.downloads AS downloads,
       c.url AS url
ORDER BY coalesce(c.downloads, 0) DESC, child, parent, c.key, p.key
LIMIT toInteger(coalesce($limit, 9223372036854775807));
