// The longest lines of descent on the Hub
//
// One row for each family that the graph stores, longest chain first: one chain of that length, from its oldest
// ancestor to its last descendant, each model derived from the one before. Where a family has several longest chains,
// one of them is shown. A cycle counts as one model. The graph stores the 1,000 largest and the 100 deepest families,
// with their current links, including models that are gone or absent. The figures are computed with each crawl and
// describe the newest one. Each step may be of another kind; `path` shows the kinds.
//
// @param limit integer default=null — return at most this many rows; null: all
//
// @returns root string — the name of the member with the most descendants
// @returns steps integer — the number of steps in the chain
// @returns certainty string — the weakest evidence in the chain: declared_by_hub, declared_by_author, observed_in_files, said_in_text, imported or inferred
// @returns chain list<string> — the names of its models, from the oldest ancestor to the last descendant
// @returns size integer — how many models the family has
// @empty — no model in the graph has a parent, or an earlier version loaded the graph: run hub-genealogy rebuild
// @budget 2 s
//
// :param {limit: 10}

MATCH (f:Family {kind: 'family'})
WITH f ORDER BY f.depth DESC, f.size DESC, f.key
LIMIT toInteger(coalesce($limit, 9223372036854775807))
WITH f, ['declared_by_hub', 'declared_by_author', 'observed_in_files', 'said_in_text', 'imported', 'inferred'] AS certainties,
     COLLECT { UNWIND range(1, size(f.chain) - 1) AS place
               MATCH (:Model {key: f.chain[place]})-[e:DERIVED_FROM]->(:Model {key: f.chain[place - 1]})
               RETURN DISTINCT e.certainty AS certainty } AS found
RETURN f.root AS root,
       f.depth AS steps,
       last([certainty IN certainties WHERE certainty IN found]) AS certainty,
       COLLECT { UNWIND range(0, size(f.chain) - 1) AS place
                 MATCH (x:Model {key: f.chain[place]})
                 RETURN x.id AS name ORDER BY place } AS chain,
       f.size AS size
ORDER BY steps DESC, size DESC, f.key;
