// How licences change from parent to child
//
// One row for each pair of a parent's licence and a child's licence, with the number of links between them, most
// frequent first. The links counted are those that listed models declare today. A model that names several licences
// counts once for each of them, so a link may count in several rows. A side without a licence is null. A change is not
// a breach by itself: `freer` shows the terms in which the child's licence allows more, as far as both are known.
// Licence families and terms summarise the licence texts (docs/licences.md); they are not legal advice. Licences are
// today's, so there is no `as_of`.
//
// @param kind list<string> default=null — use only links of these kinds; null: all
// @param license string default=null — only links from this licence of the parent, by its id on the Hub; null: all
// @param limit integer default=null — return at most this many rows; null: all
//
// @returns parent_license string — the licence the parent declares; null: none
// @returns child_license string — the licence the child declares; null: none
// @returns links integer — how many links lead from the one to the other
// @returns change string — kept, changed, dropped (only the parent declares one), added (only the child declares one) or none (neither declares one)
// @returns freer list<string> — terms in which the child's licence allows more: commercial_use, share_alike, use_restrictions
// @empty — no listed model within the given filters declares a parent
// @budget 10 s
//
// :param {kind: null, license: null, limit: 25}

// All links; or those from the models with the licence that is asked for.
CALL () {
  WITH $license AS license WHERE license IS NULL
  MATCH ()-[e:DERIVED_FROM]->()
  WHERE e.status = 'current' AND ($kind IS NULL OR e.relation IN $kind)
  WITH startNode(e) AS c, endNode(e) AS p
  WHERE c:Model AND c <> p AND NOT c:Gone
  OPTIONAL MATCH (p)-[:LICENSED_UNDER]->(l)
  RETURN c, l
  UNION ALL
  MATCH (l:License {id: $license})<-[:LICENSED_UNDER]-(p:Model)<-[e:DERIVED_FROM]-(c:Model)
  WHERE e.status = 'current' AND ($kind IS NULL OR e.relation IN $kind) AND c <> p AND NOT c:Gone
  RETURN c, l
}
OPTIONAL MATCH (c)-[:LICENSED_UNDER]->(k)
WITH l, k, count(*) AS links
RETURN l.id AS parent_license,
       k.id AS child_license,
       links,
       CASE WHEN l = k THEN 'kept' WHEN l IS NULL AND k IS NULL THEN 'none' WHEN l IS NULL THEN 'added'
            WHEN k IS NULL THEN 'dropped' ELSE 'changed' END AS change,
       [t IN ['commercial_use'] WHERE l.commercial_use = 'no' AND k.commercial_use IN ['yes', 'conditions']
                                   OR l.commercial_use = 'conditions' AND k.commercial_use = 'yes']
       + [t IN ['share_alike'] WHERE l.share_alike = 'yes' AND k.share_alike IN ['no', 'weak']
                                  OR l.share_alike = 'weak' AND k.share_alike = 'no']
       + [t IN ['use_restrictions'] WHERE l.use_restrictions = 'yes' AND k.use_restrictions = 'no'] AS freer
ORDER BY links DESC, parent_license, child_license
LIMIT toInteger(coalesce($limit, 9223372036854775807));
