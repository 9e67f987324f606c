// Parents whose names are spelt in another case
//
// One row for each link of a listed model that spells the parent's name in another case than the name itself, most
// downloaded child first. The Hub accepts any case; some programs do not. `resolved_by` says how the parent was found:
// `other_case` means that only a comparison without case found it, because no other model has that name in any case. If
// the parent was never listed, the first spelling seen counts as its name.
//
// @param owner string default=null — only children of this owner; null: all
// @param limit integer default=null — return at most this many rows; null: all
//
// @returns child string — the name of the model that is derived
// @returns parent string — the parent's name as it is
// @returns variants list<string> — the spellings that differ from it only in case
// @returns resolved_by string — how the name was resolved, such as base_models or current_id; null: the link is only inferred
// @returns sources list<string> — the evidence for the link, such as hub, tag or card; see docs/lineage.md
// @returns parent_status string — the parent's status: listed, gone or absent
// @returns owner string — who publishes the child
// @returns downloads integer — the child's downloads in the last 30 days
// @returns url string — the child's page on the Hub
// @empty — no listed model within the given filters spells its parent in another case
// @budget 8 s
//
// :param {owner: null, limit: 25}

MATCH ()-[e:DERIVED_FROM]->()
WHERE e.status = 'current'
WITH e, startNode(e) AS c, endNode(e) AS p, e.declared_as AS spellings
WHERE c:Model AND NOT c:Gone AND spellings <> [p.id] AND any(s IN spellings WHERE s <> p.id AND toLower(s) = p.id_lower)
  AND ($owner IS NULL OR c.owner = $owner)
RETURN c.id AS child,
       p.id AS parent,
       [s IN spellings WHERE s <> p.id AND toLower(s) = p.id_lower] AS variants,
       e.resolved_by AS resolved_by,
       e.sources AS sources,
       p.status AS parent_status,
       c.owner AS owner,
       c.downloads AS downloads,
       c.url AS url
ORDER BY coalesce(c.downloads, 0) DESC, child, parent, c.key, p.key
LIMIT toInteger(coalesce($limit, 9223372036854775807));
