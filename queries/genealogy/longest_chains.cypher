// The longest lines of descent on the Hub
//
// One row for each stored family, the one with the longest chain first: one chain of that length, from its oldest model
// to its last descendant, each derived from the one before. Where several chains of a family are equally long, one is
// shown; models that derive from each other in a circle count as one place. Stored are the 1,000 largest families and
// the 100 deepest, as of the newest crawl: links that are current, gone and absent models included. A long chain is a
// long record; each step may be of another kind, see `path`.
//
// @param limit integer default=null — the most rows to return; null: all
//
// @returns root string — the model at the head of the family: the one with the most descendants
// @returns steps integer — how many steps the chain has
// @returns chain list<string> — the names of its models, from the oldest to the last
// @returns size integer — how many models the family has
// @empty — no families are stored: the graph was loaded by a version that made none, or nothing in it is derived from anything
// @budget 2 s
//
// :param {limit: 10}

MATCH (f:Family {kind: 'family'})
WITH f ORDER BY f.depth DESC, f.size DESC, f.key
LIMIT toInteger(coalesce($limit, 9223372036854775807))
RETURN f.root AS root,
       f.depth AS steps,
       COLLECT { UNWIND range(0, size(f.chain) - 1) AS place
                 MATCH (x:Model {key: f.chain[place]})
                 RETURN x.id AS name ORDER BY place } AS chain,
       f.size AS size
ORDER BY steps DESC, size DESC, f.key;
