// Links that were inferred, and by which rule
//
// One row for each link of which something is declared by nobody, but was found by a rule, the most downloaded child
// first. `what` tells the two kinds apart: `parent`, where the whole link was inferred, and `relation`, where the child
// declares its parent and only the kind of step was read from its files or configuration. A rule can be wrong: how
// often each one is stands in the documentation of the rules. Only links of listed models that hold today are rows.
//
// @param relations list<string> default=null — only links of these kinds; null: all
// @param owner string default=null — only children of this owner; null: all
// @param limit integer default=null — the most rows to return; null: all
//
// @returns child string — the model that derives from the other
// @returns parent string — the model that it derives from
// @returns what string — what was inferred: parent (the link itself), or relation (the kind of step alone)
// @returns rule string — the rule that found it
// @returns relation string — finetune, adapter, quantized, merge, or unknown: derived, but not said how
// @returns sources list<string> — where the link is said: hub, tag, card, adapter_config, inferred
// @returns owner string — who publishes the child
// @returns downloads integer — downloads of the child in the last 30 days
// @returns url string — the child's page on the Hub
// @empty — nothing was inferred, as far as was asked
// @budget 5 s
//
// :param {relations: null, owner: null, limit: 25}

MATCH ()-[e:DERIVED_FROM]->()
WHERE 'inferred' IN e.sources AND e.status = 'current' AND ($relations IS NULL OR e.relation IN $relations)
WITH e, startNode(e) AS c, endNode(e) AS p
WHERE c.status = 'listed' AND ($owner IS NULL OR c.owner = $owner)
RETURN c.id AS child,
       p.id AS parent,
       CASE WHEN size(e.sources) = 1 THEN 'parent' ELSE 'relation' END AS what,
       e.rule AS rule,
       e.relation AS relation,
       e.sources AS sources,
       c.owner AS owner,
       c.downloads AS downloads,
       c.url AS url
ORDER BY coalesce(c.downloads, 0) DESC, child, parent, c.key, p.key
LIMIT toInteger(coalesce($limit, 9223372036854775807));
