// How many models there are in each generation
//
// One row for each generation: 0 are the roots, which declare no parent; a model is one generation after the furthest of its
// parents, counted along the longest way from a root. A circle counts as one place. Counted are all members of families,
// also those that are gone or were never listed, over the links that hold today; models without any link are in no
// generation. The figures are made when a crawl is loaded, and are those of the newest one.
//
// @returns generation integer — how many steps the longest way from a root has
// @returns models integer — how many models are of that generation
// @returns share float — of all models in families
// @returns beyond float — the share of models in families that are of this generation or a later one
// @empty — no model of the graph has a parent, or it was loaded by an earlier version: see hub-genealogy rebuild
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
       toFloat(reduce(sum = 0, n IN profile[generation..] | sum + n)) / total AS beyond
ORDER BY generation;
