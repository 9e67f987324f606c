// How many models each generation has
//
// One row for each generation. Generation 0 holds the roots, which declare no parent. Any other model is in the
// generation after that of its latest parent, so its generation is the length of the longest path from a root. The
// models of a cycle share one generation. All members of families count, including models that are gone or absent; a
// model without links is in no generation. Only current links are followed. The figures are computed with each crawl
// and describe the newest one.
//
// @returns generation integer — the number of steps on the longest path from a root
// @returns models integer — how many models are in this generation
// @returns share float — their share of all models in families
// @returns beyond_share float — the share of models in families that are in this generation or a later one
// @empty — no model in the graph has a parent, or an earlier version loaded the graph: run hub-genealogy rebuild
// @budget 0.1 s
//
// :param {}

MATCH (c:Crawl) WHERE c.state = 'loaded'
WITH coalesce(c.depth_profile, []) AS profile ORDER BY c.id DESC LIMIT 1
WITH profile, reduce(total = 0, n IN profile | total + n) AS total
UNWIND range(0, size(profile) - 1) AS generation
RETURN generation,
       profile[generation] AS models,
       toFloat(profile[generation]) / total AS share,
       toFloat(reduce(sum = 0, n IN profile[generation..] | sum + n)) / total AS beyond_share
ORDER BY generation;
