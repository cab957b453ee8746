// The list: what is shown by the filters, drawn as far as the reader has come.
const STEP = 20;
const FIRST = 8;
const MOST_SOURCES = 500;
const MOST_PRINTED = 1000;
const GRAVITY = { error: 0, warning: 1, note: 2 };
const RESULTS = new Map(DATA.results.map((result) => [result.finding_id, result]));
const FILTERS = ["status", "severity", "rule", "topic", "source"];
const hides = (p) => p.ruling !== null && (p.ruling.verdict === "dismiss" || p.ruling.verdict === "snooze");
const STATUSES = {
  open: ["To review", (p) => p.state !== "resolved" && !hides(p)],
  undecided: ["Undecided", (p) => p.state !== "resolved" && p.ruling === null],
  new: ["New", (p) => (p.state === "new" || p.state === "back") && !hides(p)],
  accepted: ["Accepted", (p) => p.ruling !== null && p.ruling.verdict === "accept"],
  away: ["Put away", (p) => p.state !== "resolved" && hides(p)],
  resolved: ["Resolved", (p) => p.state === "resolved"],
  quiet: ["No problem", () => false],
  all: ["All", () => true],
};
const shown = { cards: [], flags: [], drawn: 0, current: null };

function wordsOf(problem) {
  if (problem.words === undefined) {
    const result = RESULTS.get(problem.finding_id);
    const parts = [problem.flag_id, problem.message, problem.rule, nameOf(problem.rule), result ? result.label : "", ...problem.topics];
    for (const p of problem.passages) parts.push(p.quote, DATA.sources[p.source].name, DATA.sources[p.source].title || "");
    problem.words = parts.join("\n").toLowerCase();
  }
  return problem.words;
}

function wordsOfResult(result) {
  if (result.words === undefined)
    result.words = [result.label, ...result.topics, ...result.tellings.flatMap((p) => [p.quote, DATA.sources[p.source].name])].join("\n").toLowerCase();
  return result.words;
}

function wanted() {
  const state = Object.fromEntries(FILTERS.map((name) => [name, $(name).value]));
  state.terms = $("q").value.toLowerCase().split(/\s+/).filter(Boolean);
  return state;
}

function fits(problem, want) {
  const status = STATUSES[want.status][1];
  return (status(problem) || problem.touched)
    && (!want.severity || problem.severity === want.severity)
    && (!want.rule || problem.rule === want.rule)
    && (!want.topic || problem.topics.includes(want.topic))
    && (!want.source || problem.passages.some((p) => DATA.sources[p.source].name === want.source))
    && want.terms.every((term) => wordsOf(problem).includes(term));
}

function fitsResult(result, want) {
  return (want.status === "quiet" || want.status === "all") && !want.severity && !want.rule
    && (!want.topic || result.topics.includes(want.topic))
    && (!want.source || result.tellings.some((p) => DATA.sources[p.source].name === want.source))
    && want.terms.every((term) => wordsOfResult(result).includes(term));
}

// Problems of one result share a card, which stands where the first of them does.
function filter() {
  const want = wanted();
  const cards = new Map();
  let flags = 0;
  for (const problem of DATA.problems) {
    if (!fits(problem, want)) continue;
    flags += 1;
    const result = problem.state === "resolved" ? undefined : RESULTS.get(problem.finding_id);
    const part = partOf(problem);
    const key = result ? result.finding_id : problem.flag_id;
    if (!cards.has(key)) cards.set(key, { result, problems: [], part });
    cards.get(key).problems.push(problem);
  }
  const having = new Set(DATA.problems.map((p) => p.finding_id));
  for (const result of DATA.results)
    if (!having.has(result.finding_id) && fitsResult(result, want)) cards.set(result.finding_id, { result, problems: [], part: "Told without a problem" });
  shown.cards = [...cards.values()];
  shown.flags = shown.cards.flatMap((card) => card.problems.map((problem) => ({ card, problem })));
  shown.drawn = 0;
  shown.current = null;
  $("list").replaceChildren();
  if (!shown.cards.length) $("list").append(h("p", { class: "nothing" }, DATA.problems.length ? "Nothing fits these filters." : "Nothing to review."));
  draw(FIRST);
  const quiet = shown.cards.filter((card) => !card.problems.length).length;
  $("count").textContent = flags || !quiet ? several(flags, "problem") : several(quiet, "result");
  let set = $("q").value !== "";
  for (const name of FILTERS) {
    const changed = $(name).value !== $(name).options[0].value;
    $(name).classList.toggle("set", changed);
    set = set || changed;
  }
  $("clear").hidden = !set;
  remember();
}

function partOf(problem) {
  if (problem.state === "resolved") return "Resolved";
  if (hides(problem) && !problem.touched) return "Put away";
  const level = capital(problem.severity) + "s";
  return problem.state === "new" || problem.state === "back" ? `New: ${level.toLowerCase()}` : level;
}

function draw(number) {
  const cards = shown.cards.slice(shown.drawn, shown.drawn + number);
  const parts = document.createDocumentFragment();
  cards.forEach((card, i) => {
    const before = shown.cards[shown.drawn + i - 1];
    if (!before || before.part !== card.part) parts.append(h("h2", { class: "part" }, card.part));
    parts.append(cardOf(card));
  });
  $("list").append(parts);
  shown.drawn += cards.length;
}

function openCard(card) {
  card.open = true;
  redraw(card);
}

// What a button would show is printed too.
function unfoldDrawn() {
  for (const card of shown.cards.slice(0, shown.drawn)) if (!card.open && card.problems.length > MOST_FLAGS) openCard(card);
}

function redraw(card) {
  if (!card.element) return;
  const old = card.element;
  old.replaceWith(cardOf(card));
  if (shown.current !== null && shown.flags[shown.current].card === card) mark(shown.current, false);
}

// The problem at `index` becomes the one that keys act on.
function go(index) {
  if (!shown.flags.length) return;
  const at = Math.max(0, Math.min(index, shown.flags.length - 1));
  const { card, problem } = shown.flags[at];
  while (!card.element || !card.element.isConnected) draw(STEP);
  if (!card.open && card.problems.indexOf(problem) >= MOST_FLAGS) openCard(card);
  mark(at, true);
}

const elementOf = (problem) => $("list").querySelector(`[data-flag="${CSS.escape(problem.flag_id)}"]`);

function mark(at, focus) {
  for (const old of $("list").querySelectorAll(".flag.current")) old.classList.remove("current");
  shown.current = at;
  const { card, problem } = shown.flags[at];
  const element = elementOf(problem);
  if (!element) return;
  element.classList.add("current");
  if (!focus) return;
  element.focus({ preventScroll: true });
  (card.problems[0] === problem ? card.element : element).scrollIntoView({ block: "start" });
}

// Where the reader is: the marked problem, else the first whose card is in view.
function here() {
  if (shown.current !== null) return shown.current;
  const top = $("bar").getBoundingClientRect().bottom;
  const found = shown.flags.findIndex(({ card }) => card.element && card.element.getBoundingClientRect().bottom > top + 40);
  return found < 0 ? null : found;
}

function remember() {
  const parts = new URLSearchParams();
  if ($("q").value) parts.set("q", $("q").value);
  for (const name of FILTERS) if ($(name).value !== $(name).options[0].value) parts.set(name, $(name).value);
  const hash = parts.toString();
  if (hash !== location.hash.slice(1)) history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search);
}

function recall() {
  const parts = new URLSearchParams(location.hash.slice(1));
  $("q").value = parts.get("q") || "";
  for (const name of FILTERS) {
    $(name).value = parts.get(name) || "";
    if ($(name).selectedIndex < 0) $(name).selectedIndex = 0;
  }
}

// The same choices with the numbers of now.
function countAgain() {
  const chosen = FILTERS.map((name) => $(name).value);
  fillFilters();
  FILTERS.forEach((name, i) => {
    $(name).value = chosen[i];
    if ($(name).selectedIndex < 0) $(name).append(h("option", { value: chosen[i], selected: true }, chosen[i]));
  });
}

function fillFilters() {
  const rules = new Map();
  const topics = new Map();
  const sources = new Map();
  const severities = new Map();
  const statuses = new Map();
  const add = (counts, key) => counts.set(key, (counts.get(key) || 0) + 1);
  for (const problem of DATA.problems) {
    for (const [name, [, holds]] of Object.entries(STATUSES)) if (holds(problem)) add(statuses, name);
    if (!STATUSES.open[1](problem)) continue;
    add(rules, problem.rule);
    add(severities, problem.severity);
    for (const topic of problem.topics) add(topics, topic);
    for (const name of new Set(problem.passages.map((p) => DATA.sources[p.source].name))) add(sources, name);
  }
  const option = (value, text, count) => h("option", { value }, count === undefined ? text : `${text} (${thousands.format(count)})`);
  const byCount = (counts) => [...counts.entries()].sort((a, b) => b[1] - a[1] || String(a[0]).localeCompare(String(b[0])));
  const having = new Set(DATA.problems.map((p) => p.finding_id));
  statuses.set("quiet", DATA.results.filter((result) => !having.has(result.finding_id)).length);
  const first = REVIEW ? "undecided" : "open";
  const order = [first, ...Object.keys(STATUSES).filter((name) => name !== first)];
  $("status").replaceChildren(...order.filter((name) => name === first || name === "all" || REVIEW || statuses.get(name)).map((name) =>
    option(name, STATUSES[name][0], name === "all" ? undefined : statuses.get(name) || 0)));
  $("severity").replaceChildren(option("", "All severities"),
    ...byCount(severities).sort((a, b) => GRAVITY[a[0]] - GRAVITY[b[0]]).map(([name, count]) => option(name, capital(name) + "s", count)));
  $("rule").replaceChildren(option("", "All rules"), ...byCount(rules).map(([name, count]) => option(name, nameOf(name), count)));
  $("topic").replaceChildren(option("", "All topics"), ...byCount(topics).map(([name, count]) => option(name, name, count)));
  $("source").replaceChildren(option("", "All sources"), ...byCount(sources).slice(0, MOST_SOURCES).map(([name, count]) => option(name, visible(name).slice(0, 60), count)));
}
