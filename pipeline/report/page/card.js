// A card: one result, or one problem without a result, with everything needed to judge it.
const MOST_FLAGS = 4;
const AGAINST = 2;
const LONG_QUOTE = /“([^”]{40,})”/g;
const NAMES = Object.fromEntries(DATA.rules.map((rule) => [rule.rule, rule]));
const nameOf = (rule) => (NAMES[rule] ? NAMES[rule].name : rule);

// The words of a quote with what matters in them marked. Places count code points, as all places in the records do.
function marked(passage) {
  if (!passage.marks.length) return [document.createTextNode(visible(passage.quote))];
  const letters = [...passage.quote];
  const parts = [];
  let at = 0;
  for (const mark of passage.marks) {
    parts.push(visible(letters.slice(at, mark.start).join("")));
    parts.push(h("mark", { class: mark.kind === "sign" ? "sign" : null }, letters.slice(mark.start, mark.end).join("")));
    at = mark.end;
  }
  parts.push(visible(letters.slice(at).join("")));
  return parts;
}

function quoteOf(passage) {
  const source = DATA.sources[passage.source];
  return h("figure", { class: "quote" },
    h("figcaption", { title: source.title ? visible(source.title) : null }, h("b", null, foreign(source.name)), ` · ${source.kind}`,
      source.published ? [" · ", foreign(source.published)] : null,
      passage.link ? [" · ", away(passage.link, "on the page")] : null),
    h("blockquote", { dir: "auto" },
      passage.before ? h("span", { class: "around" }, passage.before) : null,
      marked(passage),
      passage.after ? h("span", { class: "around" }, passage.after) : null));
}

// The message without what stands beside it anyway: the quotes, the titles of the sources, the name of the result.
function brief(problem, result) {
  let text = problem.message.replace(LONG_QUOTE, (whole, quote) => {
    const start = quote.slice(0, 38);
    return problem.passages.some((p) => p.quote.replace(/\s+/g, " ").includes(start)) ? "“…”" : whole;
  });
  for (const source of new Set(problem.passages.map((p) => DATA.sources[p.source])))
    if (source.title && source.title !== source.name) text = text.replaceAll(` (“${source.title}”)`, "");
  return result ? text.replaceAll(` (${result.label})`, "") : text;
}

// Why the rule is there; what to look up comes when asked for.
function whyOf(rule, problem) {
  if (!rule || !rule.help) return h("p", { class: "why" }, rule ? rule.why : problem.rule);
  return h("details", { class: "why" }, h("summary", null, rule.why), h("p", null, rule.help));
}

function tagsOf(problem) {
  const tags = [];
  if (problem.state === "new" || problem.state === "back" || problem.state === "resolved")
    tags.push(h("span", { class: problem.state === "resolved" ? "tag" : "tag fresh" }, problem.state));
  if (problem.changed) tags.push(h("span", { class: "tag fresh" }, "changed"));
  return tags;
}

function rulingOf(problem) {
  const ruling = problem.ruling;
  const remarks = (problem.comments || []).map((c) =>
    h("p", { class: "ruling" }, "Comment", c.who ? [" by ", foreign(c.who)] : null, ": ", foreign(c.reason)));
  if (!ruling) return remarks;
  const done = { accept: "Accepted", dismiss: "Dismissed", snooze: "Snoozed" }[ruling.verdict] || capital(ruling.verdict);
  return [h("p", { class: "ruling" }, h("b", null, done), ruling.who ? [" by ", foreign(ruling.who)] : null,
    ruling.until ? ` until ${ruling.until}` : null, ruling.reason ? [": ", foreign(ruling.reason)] : null), ...remarks];
}

// A problem. Where a graver one of the same result stands above it, its quotes wait until they are asked for.
function flagOf(problem, result, first) {
  const heading = result ? "h4" : "h3";
  const subject = problem.passages.filter((p) => p.role === "subject");
  const against = problem.passages.filter((p) => p.role === "evidence");
  const rule = NAMES[problem.rule];
  const left = subject.slice(0, against.length ? AGAINST : 2 * AGAINST);
  const right = against.slice(0, AGAINST);
  const rest = [...subject.slice(left.length), ...against.slice(right.length)];
  const pair = right.length || left.length > 1
    ? h("div", { class: "pair" },
      right.length
        ? [h("div", { class: "subject" }, left.map(quoteOf)), h("div", { class: "evidence" }, right.map(quoteOf))]
        : left.map((p) => h("div", { class: "subject" }, quoteOf(p))))
    : h("div", { class: "pair alone" }, h("div", { class: "subject" }, left.map(quoteOf)));
  const label = `flag-${problem.flag_id}`;
  const small = problem.severity === "note" && !first;
  return h("section", { class: `flag ${problem.severity}${problem.ruling ? " done" : ""}`, tabindex: "-1", "data-flag": problem.flag_id, "aria-labelledby": label },
    h("p", { class: "kind" }, h("span", { class: "level" }, problem.severity), h("span", { class: "rule" }, nameOf(problem.rule)), tagsOf(problem)),
    h(heading, { class: "message", id: label }, foreign(brief(problem, result))),
    small ? h("details", { class: "extra" }, h("summary", null, "Quotes"), pair, whyOf(rule, problem)) : [pair, whyOf(rule, problem)],
    rest.length
      ? h("details", { class: "extra" }, h("summary", null, several(rest.length, "more passage")), rest.map(quoteOf))
      : null,
    rulingOf(problem),
    REVIEW ? buttonsOf(problem) : null);
}

function scopeOf(result) {
  return h("p", { class: "scope" },
    h("span", { class: `tag ${result.status}` }, result.status),
    h("span", null, several(result.articles, "article"),
      result.witnesses && result.witnesses < result.articles ? `, ${result.witnesses} independent` : null),
    result.topics.map((topic) => h("span", null, foreign(topic))));
}

function cardOf(card) {
  const { result, problems } = card;
  const subjects = new Set(problems.flatMap((p) => p.passages.filter((q) => q.role === "subject").map((q) => q.source)));
  const article = h("article", { class: `card ${problems.length ? problems[0].severity : ""}` });
  if (result) {
    article.setAttribute("aria-labelledby", `result-${result.finding_id}`);
    article.append(h("h3", { id: `result-${result.finding_id}` }, foreign(capital(result.label))), scopeOf(result));
    if (result.articles > 1) article.append(...plotOf(result, subjects));
  } else {
    article.setAttribute("aria-labelledby", `flag-${problems[0].flag_id}`);
  }
  const shown = card.open ? problems : problems.slice(0, MOST_FLAGS);
  article.append(...shown.map((p, i) => flagOf(p, result, i === 0)));
  if (shown.length < problems.length) {
    const more = h("button", { type: "button", class: "more-flags", onclick: () => openCard(card) }, `${several(problems.length - shown.length, "more problem")} of this result`);
    article.append(more);
  }
  if (result && result.tellings.length) {
    article.append(h("details", { class: "extra tellings", ontoggle: (event) => fillTellings(event.target, result) },
      h("summary", null, `All ${several(result.tellings.length, "passage")} that tell this result`)));
  }
  card.element = article;
  return article;
}

function fillTellings(details, result) {
  if (details.open && details.childElementCount === 1) details.append(...result.tellings.map(quoteOf));
}
