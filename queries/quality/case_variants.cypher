// Parents whose names are spelt in another case
//
// One row for each link of a listed model on which the parent's name stands in other capitals than its own, the most
// downloaded child first. The Hub's pages forgive that, some programs do not. `resolved_by` says what found the parent:
// `other_case` means that nothing else did, and that the link rests on the name being the only one of that spelling.
// Of a parent that no listing holds, the first spelling seen counts as its name.
//
// @param owner string default=null — only children of this owner; null: all
// @param limit integer default=null — the most rows to return; null: all
//
// @returns child string — the model that declares the parent
// @returns parent string — the parent's name as it is
// @returns variants list<string> — the spellings that differ from it in nothing but case
// @returns resolved_by string — how the parent was found: base_models, current_id, gone_id, other_case, redirect, absent …
// @returns sources list<string> — where the link is said: hub, tag, card, adapter_config, inferred
// @returns parent_status string — of the parent: listed, gone or absent
// @returns owner string — who publishes the child
// @returns downloads integer — downloads of the child in the last 30 days
// @returns url string — the child's page on the Hub
// @empty — every parent is spelt as it is called, as far as was asked
// @budget 8 s
//
// :param {owner: null, limit: 25}

MATCH ()-[e:DERIVED_FROM]->()
WHERE e.status = 'current'
WITH e, startNode(e) AS c, endNode(e) AS p, e.declared_as AS spellings
WHERE spellings <> [p.id] AND any(s IN spellings WHERE s <> p.id AND toLower(s) = p.id_lower)
  AND c.status = 'listed' AND ($owner IS NULL OR c.owner = $owner)
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
