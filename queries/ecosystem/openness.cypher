// How open the listed models are: gates, blocks and licences
//
// Four questions are asked about every listed model: is it gated, is it disabled, what kind of licence does it declare,
// and does that licence allow commercial use. One row for each answer; the shares of one question add up to 1. Where a
// model names several licences, the first counts. Not gated means that the Hub gives the weights to everybody; the
// licence may still forbid much. `unknown` means that there is no answer; it is neither yes nor no. `none` means that
// no licence is declared, and then nothing is granted.
//
// openness_of asks 14 questions about one model.
//
// Licence families and terms summarise the licence texts (docs/licences.md); they are not legal advice.
//
// @param owner string default=null — only models of this owner; null: all
//
// @returns question string — gated, disabled, license_family or commercial_use
// @returns answer string — gated: false (open), auto or manual; disabled: true or false; license_family: the licence's family; commercial_use: yes, no or conditions; or unknown; or none (no licence)
// @returns models integer — how many listed models have this answer
// @returns share float — their share of all listed models asked about
// @returns downloads integer — their downloads in the last 30 days
// @empty — no listed model is within the given filters
// @budget 15 s
//
// :param {owner: null}

MATCH (m:Model)
WHERE $owner IS NULL OR m.owner = $owner
// Read these properties together; one by one takes half as long again.
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
