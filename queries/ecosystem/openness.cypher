// How open the listed models are: gates, blocks and licences
//
// One row for each answer to four questions that are asked of every listed model: is it gated, is it disabled, what kind of
// licence does it declare, and does that licence allow commercial use. The shares of one question add up to 1. Of a model
// that names several licences, the first counts. Open means here that the Hub hands the weights to everybody: a licence may
// still forbid much. `unknown` is no answer, and not the same as yes or no; `none` grants nothing at all.
// Kinds and terms of licences are a reader's summary (docs/licences.md), and no legal advice.
//
// @param owner string default=null — only models of this owner; null: all
//
// @returns question string — gated, disabled, license_family or commercial_use
// @returns answer string — gated: false (open), auto, manual; disabled: true, false; a licence's family, or its term: yes, no, conditions; unknown; none (no licence)
// @returns models integer — how many listed models it holds for
// @returns share float — of all listed models asked
// @returns downloads integer — their downloads in the last 30 days
// @empty — no model is listed, as far as was asked
// @budget 15 s
//
// :param {owner: null}

MATCH (m:Model)
WHERE $owner IS NULL OR m.owner = $owner
// Read at once: one by one costs half as much again.
WITH m {.status, .gated, .disabled, .license, .downloads} AS m
WHERE m.status = 'listed'
WITH m.gated AS gated, m.disabled AS disabled, m.license AS license, count(*) AS models, sum(m.downloads) AS downloads
OPTIONAL MATCH (l:License {id: license})
WITH collect({models: models, downloads: downloads, answers: [
       ['gated', coalesce(gated, 'unknown')],
       ['disabled', coalesce(toString(disabled), 'unknown')],
       ['license_family', CASE WHEN license IS NULL THEN 'none' ELSE coalesce(l.family, 'unknown') END],
       ['commercial_use', CASE WHEN license IS NULL THEN 'none' ELSE coalesce(l.commercial_use, 'unknown') END]]}) AS classes,
     sum(models) AS total
UNWIND classes AS class
UNWIND class.answers AS answer
WITH total, answer[0] AS question, answer[1] AS answer, sum(class.models) AS models, sum(class.downloads) AS downloads
RETURN question,
       answer,
       models,
       toFloat(models) / total AS share,
       downloads
ORDER BY question, models DESC, answer;
