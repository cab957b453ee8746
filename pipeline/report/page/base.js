// What the page is made of: elements, and text of other people's pages, which is only ever set as text.
const $ = (id) => document.getElementById(id);
const SVG = "http://www.w3.org/2000/svg";
const STEERING = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2028\u2029\u2066-\u2069]/g;
const visible = (text) =>
  String(text).replace(STEERING, (c) => `⟨U+${c.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`);

// What the page carries, unpacked (packed.py): absent fields are null again, and places in lists are what stands there.
function unpack(packed) {
  const { sources, rules } = packed;
  const or = (value) => (value === undefined ? null : value);
  for (const source of sources) Object.assign(source, { title: or(source.title), published: or(source.published), url: or(source.url) });
  const passages = packed.passages.map(([source, before, quote, after, marks, linked, end]) => ({
    source, before, quote, after, role: "evidence", link: linked ? sources[source].url + end : null,
    marks: marks.map(([start, stop, kind]) => ({ start, end: stop, kind: kind ? "sign" : "figure" })),
  }));
  const figure = ([source, text, reference, unit, value, low, high, qualifier]) => ({
    source, text, reference: reference === 1, unit: or(unit), value: or(value), low: or(low), high: or(high), qualifier: or(qualifier),
  });
  const problems = packed.problems.map((problem) => ({
    ...problem,
    finding_id: or(problem.finding_id), state: or(problem.state), ruling: or(problem.ruling),
    topics: problem.topics || [], comments: problem.comments || [],
    passages: problem.passages.map(([place, role]) => ({ ...passages[place], role: role ? "evidence" : "subject" })),
  }));
  const results = packed.results.map((result) => ({
    ...result,
    topics: result.topics || [],
    groups: result.groups.map((group) => ({ role: or(group.role), name: or(group.name), figures: group.figures.map(figure) })),
    tellings: result.tellings.map((place) => passages[place]),
  }));
  return { sources, rules, problems, results };
}
const DATA = unpack(PACKED);

// An element. `about` holds attributes and listeners; children are elements or text, and what is null is left out.
function h(tag, about, ...children) {
  const drawn = tag.startsWith("svg:");
  const element = drawn ? document.createElementNS(SVG, tag.slice(4)) : document.createElement(tag);
  for (const [name, value] of Object.entries(about || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat()) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : visible(child));
  }
  return element;
}

// Words of a page, kept from turning the direction of those around them.
const foreign = (text) => h("bdi", null, text);

// A link to another site; only the text where the address is no such one. The program has checked it before.
function away(url, ...children) {
  let parsed = null;
  try { parsed = new URL(url); } catch { /* no address */ }
  const sound = parsed !== null && (parsed.protocol === "https:" || parsed.protocol === "http:");
  return sound
    ? h("a", { href: url, target: "_blank", rel: "noopener noreferrer nofollow" }, ...children)
    : h("span", null, ...children);
}

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const thousands = new Intl.NumberFormat("en");
const several = (number, one) => `${thousands.format(number)} ${one}${number === 1 ? "" : "s"}`;

function notice(text) {
  $("notice").textContent = text;
  clearTimeout(notice.timer);
  notice.timer = setTimeout(() => { $("notice").textContent = ""; }, 6000);
}

function stored(name, value) {
  try {
    if (value === undefined) return localStorage.getItem(name);
    localStorage.setItem(name, value);
  } catch { /* a page from a file may have no storage */ }
  return null;
}
