// Whom to contact about a model and its relatives, in waves
//
// Wave 0 (self) is the model's own publisher. Then come the owners of the models that it was made from (upstream), and
// those of its descendants (downstream): one row for each owner, in the wave of the owner's strongest class. The waves
// of each direction are numbered by class, strongest first: 1 same_weights (a copy, quantised, or converted to another
// format), 2 needs_parent (an adapter), 3 retrained (fine-tuned), 4 mixed (merged), 5 unclear (the kind of step is not
// declared, or the link is only inferred). Upstream, the class says what the model is to its ancestor: the owner of the
// weights that were copied or quantised to make it is in wave 1, the parents of a merge are in wave 4. Each relative is
// rated by its best path; a path is as strong as its weakest step. Unclear does not mean safe, and a model that is
// missing here may still be related.
//
// An edited card does not change the weights, so links that a child no longer declares count as well. Relatives
// to which every path uses such a link are withdrawn. They have rows of their own, after all others; an owner of both
// has two rows.
//
// `id` is the model of the wave to ask about first: a listed one if there is any, of those the nearest, then the one
// with the most children. `certainty`, `depth`, `children`, `downloads` and `contact` are those of this model. If all
// models of the wave are gone, only the owner's page is left, and copies may exist elsewhere. `impact` lists every
// single descendant. Copies of the same original, beside the model, are in `same_weights`.
//
// @param model string required — the model's name on the Hub, or its key
// @param as_of datetime default=null — answer as of this time, or of the end of this day (UTC); null: now
// @param include_withdrawn boolean default=true — also use links that the child no longer declares
// @param owner_kind list<string> default=null — only owners of these kinds: organisation, person, unknown; null: all
// @param limit integer default=null — return at most this many rows; null: all
//
// @returns direction string — self, upstream (the model was made from theirs) or downstream (theirs was made from it)
// @returns wave integer — 0: the model itself; 1 to 5, in the order of the classes
// @returns class string — itself, same_weights, needs_parent, retrained, mixed or unclear
// @returns link_status string — current; withdrawn: every path uses a link that its child no longer declares
// @returns owner string — who publishes them; null: the model's name has no owner
// @returns owner_kind string — organisation, person, or unknown where the Hub was not asked or does not say; null: no owner
// @returns id string — the name of the model to ask about first
// @returns certainty string — the weakest evidence on its best path: declared_by_hub, declared_by_author, observed_in_files, said_in_text, imported or inferred; null: the model itself
// @returns depth integer — the number of steps on its best path
// @returns children integer — how many models declare it as their parent, or once did
// @returns downloads integer — its downloads in the last 30 days; the last known figure where it is not listed today
// @returns models integer — how many of the owner's models are in this wave
// @returns listed integer — how many of those are listed
// @returns total_downloads integer — the downloads of the listed ones in the last 30 days
// @returns all_models integer — how many of the owner's models are in this direction with this link_status, in any class
// @returns owner_url string — the owner's page; where none of the models is listed, another account may have the owner's name today; null: no owner, or a forgotten one
// @returns contact string — where to ask its owner: the model's discussion page; null: it is not listed today
// @empty — no crawl had seen the model by then, or none of the owners is of the given kinds
// @budget 40 s
//
// :param {model: 'mistralai/Mistral-7B-v0.1', as_of: null, include_withdrawn: true, owner_kind: null, limit: null}

MATCH (m:Model) WHERE m.id = $model OR m.key = $model
WITH m, CASE size(toString($as_of)) WHEN 10 THEN datetime(toString($as_of) + 'T23:59:59.999999Z')
        ELSE coalesce(datetime(toString($as_of)), datetime('9999-12-31')) END AS at
ORDER BY m.key = $model DESC, m.status <> 'listed', m.status <> 'gone', m.key DESC LIMIT 1
WITH m, at, ['declared_by_hub', 'declared_by_author', 'observed_in_files', 'said_in_text', 'imported', 'inferred'] AS certainties
CALL (m, at, certainties) {
  WITH m, at WHERE coalesce(m.first_seen <= at, true)
  RETURN 0 AS side, m AS x, [false, 0, 0, 0] AS best
  UNION ALL
  // The kinds of links above (1) and below (2) the model. A link that is only inferred is unclear, like one of unknown relation;
  // a copy holds the same weights, like a quantisation.
  CALL (m, at) {
    MATCH p = (m)-[:DERIVED_FROM*0..100]->(x:Model)
    WHERE all(e IN relationships(p) WHERE CASE WHEN $as_of IS NULL THEN $include_withdrawn OR e.status = 'current'
                                               ELSE e.first_seen <= at AND ($include_withdrawn OR coalesce(e.withdrawn_at > at, true)
                                                    AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)) END)
    RETURN DISTINCT 1 AS side, x
    UNION ALL
    MATCH p = (m)<-[:DERIVED_FROM*1..100]-(x:Model)
    WHERE all(e IN relationships(p) WHERE CASE WHEN $as_of IS NULL THEN $include_withdrawn OR e.status = 'current'
                                               ELSE e.first_seen <= at AND ($include_withdrawn OR coalesce(e.withdrawn_at > at, true)
                                                    AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)) END)
    RETURN DISTINCT 2 AS side, x
  }
  MATCH (x)-[e:DERIVED_FROM]->()
  WITH m, at, certainties, side,
       collect(DISTINCT [CASE WHEN $as_of IS NULL THEN e.status = 'withdrawn'
                              ELSE NOT (coalesce(e.withdrawn_at > at, true)
                                   AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)) END,
                         CASE WHEN e.certainty = 'inferred' THEN 'unknown' WHEN e.relation = 'copy' THEN 'quantized' ELSE e.relation END, e.certainty]) AS kinds
  // One search for each class and certainty that a path of these links can have, then the same with withdrawn links.
  UNWIND CASE WHEN $include_withdrawn THEN [false, true] ELSE [false] END AS withdrawn
  UNWIND range(1, 5) AS rank
  UNWIND range(1, size(certainties)) AS sure
  WITH *, ['copy', 'quantized', 'adapter', 'finetune', 'merge', 'unknown'][..rank + 1] AS allowed, certainties[..sure] AS trusted
  WITH *, [kind IN kinds WHERE kind[0] <= withdrawn AND kind[1] IN allowed AND kind[2] IN trusted] AS used
  WHERE any(kind IN used WHERE kind[0] = withdrawn) AND any(kind IN used WHERE kind[1] = allowed[-1])
    AND any(kind IN used WHERE kind[2] = trusted[-1])
  CALL (m, at, side, withdrawn, allowed, trusted) {
    WITH m, at, withdrawn, allowed, trusted WHERE side = 1
    MATCH p = (m)-[:DERIVED_FROM*1..100]->(x:Model)
    WHERE x <> m AND all(e IN relationships(p) WHERE e.relation IN allowed AND e.certainty IN trusted
          AND CASE WHEN $as_of IS NULL THEN withdrawn OR e.status = 'current'
                   ELSE e.first_seen <= at AND (withdrawn OR coalesce(e.withdrawn_at > at, true)
                        AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)) END)
    RETURN x, min(length(p)) AS depth
    UNION ALL
    WITH m, at, withdrawn, allowed, trusted WHERE side = 2
    MATCH p = (m)<-[:DERIVED_FROM*1..100]-(x:Model)
    WHERE x <> m AND all(e IN relationships(p) WHERE e.relation IN allowed AND e.certainty IN trusted
          AND CASE WHEN $as_of IS NULL THEN withdrawn OR e.status = 'current'
                   ELSE e.first_seen <= at AND (withdrawn OR coalesce(e.withdrawn_at > at, true)
                        AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)) END)
    RETURN x, min(length(p)) AS depth
  }
  RETURN side, x, min([withdrawn, rank, sure, depth]) AS best
}
WITH certainties, side, x, best, coalesce(x.owner, x.key) AS who, COUNT { (x)<-[:DERIVED_FROM]-() } AS children,
     coalesce(CASE WHEN $as_of IS NULL THEN x.status = 'listed'
                   ELSE x.listed_at <= at AND coalesce(x.gone_at > at, true)
                        AND coalesce(size([t IN x.absences WHERE t <= at]) % 2 = 0, true) END, false) AS here
ORDER BY NOT here, best[3], children DESC, coalesce(x.downloads, 0) DESC, x.id, x.key
WITH certainties, side, best[0] AS withdrawn, who, min(best[1]) AS wave, collect([best, x, here, children]) AS found
WITH *, size(found) AS all_models, [f IN found WHERE f[0][1] = wave] AS found
WITH *, found[0][1] AS x, found[0][0][2] AS sure, found[0][0][3] AS depth, found[0][2] AS here, found[0][3] AS children
WITH *, CASE WHEN x.owner IS NOT NULL THEN coalesce(COLLECT { MATCH (o:Owner {name: x.owner}) RETURN o.kind }[0], 'unknown') END AS owner_kind
WHERE $owner_kind IS NULL OR owner_kind IN $owner_kind
RETURN ['self', 'upstream', 'downstream'][side] AS direction,
       wave,
       CASE wave WHEN 0 THEN 'itself' ELSE ['same_weights', 'needs_parent', 'retrained', 'mixed', 'unclear'][wave - 1] END AS class,
       CASE WHEN withdrawn THEN 'withdrawn' ELSE 'current' END AS link_status,
       x.owner AS owner,
       owner_kind,
       x.id AS id,
       CASE WHEN sure > 0 THEN certainties[sure - 1] END AS certainty,
       depth,
       children,
       x.downloads AS downloads,
       size(found) AS models,
       size([f IN found WHERE f[2]]) AS listed,
       reduce(total = 0, f IN found | total + CASE WHEN f[2] THEN coalesce(f[1].downloads, 0) ELSE 0 END) AS total_downloads,
       all_models,
       CASE WHEN NOT x.owner =~ '(?i)forgotten-[a-z2-7]{16}' THEN 'https://huggingface.co/' + x.owner END AS owner_url,
       CASE x.status WHEN 'listed' THEN x.url + '/discussions' END AS contact
ORDER BY link_status, direction <> 'self', direction <> 'upstream', wave, depth, NOT here, children DESC,
         coalesce(downloads, 0) DESC, owner, who
LIMIT toInteger(coalesce($limit, 9223372036854775807));
