// Links whose sources disagree about the kind of step
//
// One row for each link on which a source claims another relation than the one that counts, the most downloaded child
// first. The Hub's word counts before the tag's, the tag's before the card's, the card's before the adapter configuration's;
// the other claims are kept here. Which of them is right is not known: the Hub's is derived by its own rules and may be
// the wrong one. Sources that say nothing of the kind of step do not disagree. Only links that a listed model declares
// today are rows.
//
// @param relations list<string> default=null — only links that count as one of these kinds; null: all
// @param owner string default=null — only children of this owner; null: all
// @param limit integer default=null — the most rows to return; null: all
//
// @returns child string — the model that declares the parent
// @returns parent string — the parent's name
// @returns relation string — the relation that counts: finetune, adapter, quantized or merge
// @returns claims list<string> — what the other sources say, as source:relation, such as card:finetune
// @returns sources list<string> — where the link is said at all: hub, tag, card, adapter_config, inferred
// @returns owner string — who publishes the child
// @returns downloads integer — downloads of the child in the last 30 days
// @returns url string — the child's page on the Hub
// @empty — no two sources disagree, as far as was asked
// @budget 5 s
//
// :param {relations: null, owner: null, limit: 25}

MATCH ()-[e:DERIVED_FROM]->()
WHERE e.claims IS NOT NULL AND e.status = 'current' AND ($relations IS NULL OR e.relation IN $relations)
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
