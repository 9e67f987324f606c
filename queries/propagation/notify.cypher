// Whom to contact about a model's descendants, in waves
//
// One row for each owner of a descendant, in the wave of the owner's strongest class: first the owners of the same
// weights, then of adapters, of fine-tuned models, of merges, and last of models whose class is unclear. Each
// descendant is rated by its best path; a path is as strong as its weakest step. The classes, strongest first:
// same_weights (quantised, or converted to another format), needs_parent (an adapter), retrained (fine-tuned), mixed
// (merged), unclear (the kind of step is not declared, or the link is only inferred). Unclear does not mean safe, and a
// model that is missing here may still be related.
//
// `id` is the model of that wave to ask about first: a listed one if there is any, and of those the most downloaded.
// `contact` is its discussion page. If all models of that wave are gone, only the owner's page is left, and copies may
// exist elsewhere. `impact` lists every single model. The other direction, the models whose copy this one may be, is in
// `same_weights` and `ancestors`.
//
// @param model string required — the ancestor's name on the Hub, or its key
// @param as_of datetime default=null — answer as of this time, or of the end of this day (UTC); null: now
// @param include_withdrawn boolean default=false — also use links that the child no longer declares
// @param limit integer default=null — return at most this many rows; null: all
//
// @returns wave integer — 1 to 5, in the order of the classes
// @returns class string — same_weights, needs_parent, retrained, mixed or unclear
// @returns owner string — who publishes them; null: the model's name has no owner
// @returns owner_url string — the owner's page
// @returns id string — the name of the model to ask about first
// @returns contact string — where to ask its owner: the model's discussion page; null: it is no longer listed
// @returns depth integer — the number of steps to the owner's nearest model of this wave, on its best path
// @returns models integer — how many of the owner's models are in this wave
// @returns listed integer — how many of those are listed
// @returns downloads integer — the downloads of the listed ones in the last 30 days
// @returns all_models integer — how many of the owner's models descend from it, in any class
// @empty — no model within the given filters is declared to descend from it
// @budget 20 s
//
// :param {model: 'mistralai/Mistral-7B-v0.1', as_of: null, include_withdrawn: false, limit: null}

MATCH (m:Model) WHERE m.id = $model OR m.key = $model
WITH m, CASE size(toString($as_of)) WHEN 10 THEN datetime(toString($as_of) + 'T23:59:59.999999Z')
        ELSE coalesce(datetime(toString($as_of)), datetime('9999-12-31')) END AS at
ORDER BY m.key = $model DESC, m.status <> 'listed', m.status <> 'gone', m.key DESC LIMIT 1
UNWIND range(1, 5) AS rank
WITH m, at, rank, ['quantized', 'adapter', 'finetune', 'merge', 'unknown'][..rank] AS allowed
CALL (m, at, rank, allowed) {
  MATCH p = (m)<-[:DERIVED_FROM*1..100]-(x:Model)
  WHERE x <> m AND all(e IN relationships(p) WHERE e.relation IN allowed AND (rank = 5 OR e.certainty <> 'inferred')
        AND e.first_seen <= at
        AND ($include_withdrawn OR coalesce(e.withdrawn_at > at, true)
             AND coalesce(size([t IN e.absences WHERE t <= at]) % 2 = 0, true)))
  RETURN x, min(length(p)) AS depth
}
WITH at, x, min([rank, depth]) AS best
WITH x, best, coalesce(x.owner, x.key) AS who, CASE WHEN $as_of IS NULL THEN x.status = 'listed'
          ELSE x.listed_at <= at AND coalesce(x.gone_at > at, true)
               AND coalesce(size([t IN x.absences WHERE t <= at]) % 2 = 0, true) END AS here
ORDER BY NOT here, coalesce(x.downloads, 0) DESC, x.id, x.key
WITH who, x.owner AS owner, min(best[0]) AS wave, collect([best, x, here]) AS found
WITH who, owner, wave, size(found) AS all_models, [f IN found WHERE f[0][0] = wave] AS found
RETURN wave,
       ['same_weights', 'needs_parent', 'retrained', 'mixed', 'unclear'][wave - 1] AS class,
       owner,
       'https://huggingface.co/' + owner AS owner_url,
       found[0][1].id AS id,
       CASE WHEN found[0][2] THEN found[0][1].url + '/discussions' END AS contact,
       reduce(least = 100, f IN found | CASE WHEN f[0][1] < least THEN f[0][1] ELSE least END) AS depth,
       size(found) AS models,
       size([f IN found WHERE f[2]]) AS listed,
       reduce(total = 0, f IN found | total + CASE WHEN f[2] THEN coalesce(f[1].downloads, 0) ELSE 0 END) AS downloads,
       all_models
ORDER BY wave, depth, downloads DESC, owner, who
LIMIT toInteger(coalesce($limit, 9223372036854775807));
