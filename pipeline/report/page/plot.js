// The figures of a result: a row a source, a place on the line for what it states of each group.
const MOST_ROWS = 12;
const MOST_PANELS = 2;
const KINDS = { arm: "arm", followup: "arm", comparator: "comparator", baseline: "comparator" };

const numbers = (figure) => [figure.value, figure.low, figure.high].filter((n) => n !== null && Number.isFinite(n));
const kindOf = (group) => KINDS[group.role] || "other";

// The figures by unit, those of the most sources first; what a single source says once needs no picture.
function panelsOf(result) {
  const panels = new Map();
  for (const group of result.groups) {
    for (const figure of group.figures) {
      if (!numbers(figure).length) continue;
      const unit = figure.unit || "";
      if (!panels.has(unit)) panels.set(unit, []);
      panels.get(unit).push({ group, figure });
    }
  }
  const found = [...panels.entries()]
    .map(([unit, points]) => ({ unit, points, sources: new Set(points.map((p) => p.figure.source)).size }))
    .filter((panel) => panel.points.length > 1)
    .sort((a, b) => b.sources - a.sources || b.points.length - a.points.length);
  return found.filter((panel, i) => i === 0 || panel.sources > 1).slice(0, MOST_PANELS);
}

// Round steps for a line from `low` to `high`.
function stepsOf(low, high) {
  const rough = (high - low || 1) / 4;
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((n) => n * size).find((n) => n >= rough);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(10)));
}

// From zero, so that lengths can be compared; not for what never comes near it, such as a blood pressure.
function scaleOf(points, unit) {
  const all = points.flatMap((p) => numbers(p.figure));
  let low = Math.min(...all);
  let high = Math.max(...all);
  const share = unit === "percent" || unit === "";
  if (low >= 0 && (share || low < 0.8 * high)) low = 0;
  if (high <= 0 && (share || high > 0.8 * low)) high = 0;
  if (low === high) { low -= Math.abs(low) * 0.1 || 1; high += Math.abs(high) * 0.1 || 1; }
  const steps = stepsOf(low, high);
  const from = steps[0];
  const to = steps[steps.length - 1];
  return { steps, at: (n) => `${(2 + (96 * (n - from)) / (to - from || 1)).toFixed(2)}%` };
}

function drawn(point, at) {
  const { figure, group } = point;
  const kind = kindOf(group);
  const parts = [];
  const name = h("svg:title", null, `${group.name || kind}: ${figure.text}`);
  if (figure.low !== null || figure.high !== null) {
    const ends = [figure.low ?? figure.high, figure.high ?? figure.low];
    parts.push(h("svg:line", { class: `range ${kind}`, x1: at(ends[0]), x2: at(ends[1]), y1: "50%", y2: "50%" }, name));
  } else {
    parts.push(h("svg:circle", { class: `dot ${kind}`, cx: at(figure.value), cy: "50%", r: 5 }, name));
    const sense = { over: ">", at_least: "≥", nearly: "<", under: "<", at_most: "≤", up_to: "≤", about: "~" }[figure.qualifier];
    if (sense) parts.push(h("svg:text", { x: at(figure.value), dx: 8, y: "50%", dy: "0.35em", "aria-hidden": "true" }, sense));
  }
  return parts;
}

function rowOf(source, points, scale, guides, subjects) {
  const own = points.filter((p) => p.figure.source === source);
  const svg = h("svg:svg", { "aria-hidden": "true", focusable: "false" });
  svg.append(h("svg:line", { class: "base", x1: "0%", x2: "100%", y1: "50%", y2: "50%" }));
  for (const guide of guides) svg.append(h("svg:line", { class: "guide", x1: scale.at(guide), x2: scale.at(guide), y1: 0, y2: "100%" }));
  const pair = ["arm", "comparator"].map((kind) => own.find((p) => kindOf(p.group) === kind && p.figure.value !== null));
  if (pair[0] && pair[1]) {
    const ends = pair.map((p) => scale.at(p.figure.value));
    svg.append(h("svg:line", { class: "between", x1: ends[0], x2: ends[1], y1: "50%", y2: "50%" }));
  }
  for (const point of own) svg.append(...drawn(point, scale.at));
  const words = [...new Set(own.map((p) => p.figure.text))].join(" · ");
  const name = DATA.sources[source].name;
  const best = own.some((p) => p.figure.reference);
  return h("tr", { class: best ? "reference" : null },
    h("th", { scope: "row", class: subjects.has(source) ? "about" : null, title: visible(name) }, foreign(name), best ? h("span", { class: "away" }, " (reference)") : null),
    h("td", { class: "picture" }, svg),
    h("td", { class: "figures", title: visible(words) }, foreign(words)));
}

function axisOf(scale, unit) {
  const svg = h("svg:svg", { "aria-hidden": "true", focusable: "false" });
  scale.steps.forEach((step, i) => {
    const anchor = i === 0 ? "start" : i === scale.steps.length - 1 ? "end" : "middle";
    const sign = unit === "percent" ? "%" : "";
    svg.append(h("svg:text", { x: scale.at(step), y: "60%", "text-anchor": anchor }, thousands.format(step) + sign));
  });
  return h("tr", { class: "axis", "aria-hidden": "true" }, h("td", null), h("td", { class: "picture" }, svg), h("td", null));
}

function panel({ unit, points }, subjects) {
  const scale = scaleOf(points, unit);
  const guides = [...new Set(points.filter((p) => p.figure.reference && p.figure.value !== null).map((p) => p.figure.value))];
  const sources = [...new Set(points.map((p) => p.figure.source))].sort((a, b) =>
    rank(b, points, subjects) - rank(a, points, subjects));
  const shown = sources.slice(0, MOST_ROWS);
  const names = new Map();
  for (const p of points) {
    const kind = kindOf(p.group);
    if (!names.has(kind)) names.set(kind, new Set());
    if (p.group.name) names.get(kind).add(p.group.name);
  }
  const key = ["arm", "comparator", "other"].filter((kind) => names.has(kind)).map((kind) =>
    h("span", { class: kind }, foreign([...names.get(kind)].slice(0, 2).join(", ") || (kind === "other" ? "other figures" : kind))));
  if (guides.length) key.push(h("span", { class: "star" }, "best source"));
  const table = h("table", { class: "plot" },
    h("caption", null, h("span", { class: "key" }, key), unit && unit !== "percent" ? ` (${unit.replaceAll("_", " ")})` : null),
    h("thead", { class: "away" }, h("tr", null, h("th", { scope: "col" }, "Source"), h("td", null), h("th", { scope: "col" }, "Figures"))),
    h("tbody", null, shown.map((source) => rowOf(source, points, scale, guides, subjects)), axisOf(scale, unit)));
  const rest = sources.length - shown.length;
  return rest > 0 ? [table, h("p", { class: "why" }, `and ${several(rest, "more source")}`)] : [table];
}

const rank = (source, points, subjects) =>
  (points.some((p) => p.figure.source === source && p.figure.reference) ? 2 : 0) + (subjects.has(source) ? 1 : 0);

function plotOf(result, subjects) {
  return panelsOf(result).flatMap((found) => panel(found, subjects));
}
