// Puts it all together: theme, keys, filters, and what is drawn as the reader goes on.
const THEMES = { light: "Dark", dark: "Light" };

function theme(name) {
  document.documentElement.dataset.theme = name;
  $("theme").textContent = THEMES[name];
  $("theme").setAttribute("aria-label", `${THEMES[name]} colours`);
}

function startTheme() {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const kept = stored("claims-theme");
  theme(kept === "dark" || kept === "light" ? kept : dark.matches ? "dark" : "light");
  dark.addEventListener("change", () => { if (!stored("claims-theme")) theme(dark.matches ? "dark" : "light"); });
  $("theme").addEventListener("click", () => {
    const next = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    stored("claims-theme", next);
    theme(next);
  });
}

function clearFilters() {
  $("q").value = "";
  for (const name of FILTERS) $(name).selectedIndex = 0;
  filter();
}

function unfold(at) {
  const { problem } = shown.flags[at];
  const element = elementOf(problem);
  if (!element) return;
  const own = [...element.querySelectorAll("details"), ...element.closest(".card").querySelectorAll("details.tellings")];
  const open = own.some((details) => !details.open);
  for (const details of own) details.open = open;
}

function follow(at) {
  const element = elementOf(shown.flags[at].problem);
  const link = element && element.querySelector("figcaption a");
  if (link) link.click();
}

const KEYS = {
  j: () => go(shown.current === null ? here() ?? 0 : shown.current + 1),
  k: () => go(shown.current === null ? here() ?? 0 : shown.current - 1),
  "/": () => { $("q").focus(); $("q").select(); },
  "?": () => $("help").showModal(),
};
const KEYS_HERE = { Enter: unfold, o: follow };

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (document.querySelector("dialog[open]")) return;
  const target = event.target;
  const typing = target.matches && target.matches("input, textarea, select");
  if (event.key === "Escape") {
    if (typing) target.blur();
    else clearFilters();
    return;
  }
  if (typing) {
    if (event.key === "Enter" && target.id === "q") { event.preventDefault(); filter(); target.blur(); go(0); }
    return;
  }
  if (event.key === "Enter" && target.matches && target.matches("a, button, summary")) return;
  if (KEYS[event.key]) {
    event.preventDefault();
    KEYS[event.key]();
    return;
  }
  const at = here();
  if (at === null) return;
  if (KEYS_HERE[event.key]) {
    event.preventDefault();
    mark(at, false);
    KEYS_HERE[event.key](at);
  } else if (REVIEW) {
    const problem = shown.flags[at].problem;
    const verdict = Object.keys(VERDICTS).find((name) => VERDICTS[name].key === event.key);
    if (!verdict && event.key !== "u") return;
    event.preventDefault();
    mark(at, false);
    if (verdict) begin(problem, verdict);
    else undo(problem);
  }
}

function startKeys() {
  document.addEventListener("keydown", onKey);
  $("help-button").addEventListener("click", () => $("help").showModal());
  $("help-close").addEventListener("click", () => $("help").close());
  $("list").addEventListener("click", (event) => {
    const element = event.target.closest(".flag");
    if (!element) return;
    const at = shown.flags.findIndex(({ problem }) => problem.flag_id === element.dataset.flag);
    if (at >= 0) mark(at, false);
  });
}

function startFilters() {
  let waiting = null;
  $("filters").addEventListener("submit", (event) => event.preventDefault());
  $("q").addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(filter, 120);
  });
  for (const name of FILTERS) $(name).addEventListener("change", () => { for (const p of DATA.problems) p.touched = false; filter(); });
  $("clear").addEventListener("click", clearFilters);
  document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault(); // the address holds the filters
    $("list").focus();
  });
  addEventListener("hashchange", () => { recall(); filter(); });
  if (matchMedia("(max-width: 46rem)").matches) $("more-filters").open = false;
}

function startDrawing() {
  const end = h("div", { "aria-hidden": "true" });
  $("list").after(end);
  new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting) && shown.drawn < shown.cards.length) draw(STEP);
  }, { rootMargin: "1500px" }).observe(end);
  addEventListener("beforeprint", () => {
    if (shown.drawn < MOST_PRINTED) draw(MOST_PRINTED - shown.drawn);
    unfoldDrawn();
    if (shown.drawn < shown.cards.length) $("list").append(h("p", { class: "why" }, `${several(shown.cards.length - shown.drawn, "more card")} are not printed; filter first.`));
  });
}

async function start() {
  startTheme();
  $("tools").hidden = false;
  $("bar").hidden = false;
  if (REVIEW) await startReview();
  fillFilters();
  recall();
  startFilters();
  filter();
  startDrawing();
  startKeys();
  document.documentElement.dataset.ready = "yes";
}

start();
