// Adapters whose card does not name their base
//
// One row for each listed adapter and base that neither the Hub nor a tag nor the card names, but only weaker evidence
// such as the adapter's configuration or a rule; and one row, without a parent, for each model of the library peft that
// names no base anywhere: a model of which it is a copy is not its base. Most downloaded first. An adapter cannot run
// without its base, so a card that does not name it hides a dependency. A model is known as an adapter by its library
// or by the relation of its link; a model with neither is missing here.
//
// @param owner string default=null — only adapters of this owner; null: all
// @param limit integer default=null — return at most this many rows; null: all
//
// @returns id string — the adapter's name
// @returns parent string — the base's name; null: none is named anywhere
// @returns why string — no_parent, or the strongest evidence for the base, such as adapter_config (only the configuration names it) or inferred (nobody names it)
// @returns sources list<string> — the evidence for the link, such as adapter_config; null without a parent
// @returns parent_status string — the parent's status: listed, gone or absent; null without a parent
// @returns library string — the library that loads it
// @returns has_card boolean — whether it has a model card
// @returns owner string — who publishes the adapter
// @returns downloads integer — the adapter's downloads in the last 30 days
// @returns url string — the adapter's page on the Hub
// @empty — every listed adapter within the given filters has a base that the Hub, a tag or its card names
// @budget 15 s
//
// :param {owner: null, limit: 25}

CALL () {
  MATCH ()-[e:DERIVED_FROM]->()
  WHERE e.relation = 'adapter' AND e.status = 'current' AND none(s IN e.sources WHERE s IN ['hub', 'tag', 'card'])
  WITH e, startNode(e) AS m, endNode(e) AS p
  WHERE m <> p AND m.status = 'listed'
  RETURN m, e, p
  UNION ALL
  MATCH (m:Model)
  WHERE m.library = 'peft' AND m.status = 'listed'
    AND NOT EXISTS { MATCH (m)-[o:DERIVED_FROM]->(x) WHERE x <> m AND o.status = 'current' AND o.relation <> 'copy' }
  RETURN m, null AS e, null AS p
}
WITH m, e, p
WHERE $owner IS NULL OR m.owner = $owner
RETURN m.id AS id,
       p.id AS parent,
       coalesce(head(e.sources), 'no_parent') AS why,
       e.sources AS sources,
       p.status AS parent_status,
       m.library AS library,
       m.has_card AS has_card,
       m.owner AS owner,
       m.downloads AS downloads,
       m.url AS url
ORDER BY coalesce(m.downloads, 0) DESC, id, m.key, parent, p.key
LIMIT toInteger(coalesce($limit, 9223372036854775807));
