// Review: what a reviewer decides is sent to the server that shows this page, one decision at a time.
const VERDICTS = {
  accept: { key: "a", label: "Accept" },
  dismiss: { key: "d", label: "Dismiss", reason: true, needs: "reason" },
  snooze: { key: "s", label: "Snooze", reason: true, until: true, needs: "until" },
  comment: { key: "c", label: "Comment", reason: true, needs: "reason" },
};
const USUAL = ["Not the same result", "Misread by the program", "Too small to matter", "The source was corrected"];
const SNOOZE_DAYS = 14;
const PROBLEMS = new Map(DATA.problems.map((problem) => [problem.flag_id, problem]));
const asking = { problem: null, verdict: null };

function buttonsOf(problem) {
  const decided = problem.ruling !== null || (problem.comments || []).length > 0;
  return h("div", { class: "buttons" },
    Object.entries(VERDICTS).map(([verdict, { label, key }]) =>
      h("button", { type: "button", "data-verdict": verdict, onclick: () => begin(problem, verdict) }, label, " ", h("kbd", { "aria-hidden": "true" }, key))),
    decided ? h("button", { type: "button", class: "plain", "data-verdict": "undo", onclick: () => undo(problem) }, "Undo ", h("kbd", { "aria-hidden": "true" }, "u")) : null);
}

async function call(path, method, body) {
  const about = { method, headers: { "X-Claims-Token": REVIEW.token }, cache: "no-store", credentials: "same-origin" };
  if (body !== undefined) {
    about.headers["Content-Type"] = "application/json";
    about.body = JSON.stringify(body);
  }
  const response = await fetch(REVIEW.api + path, about);
  let answer = null;
  try { answer = await response.json(); } catch { /* no JSON */ }
  return { status: response.status, answer };
}

// What the server says of flags: {"flags": {ID: {"version", "standing", "comments"}}}.
function take(answer) {
  const told = (answer && answer.flags) || {};
  const touched = [];
  for (const [flagId, state] of Object.entries(told)) {
    const problem = PROBLEMS.get(flagId);
    if (!problem) continue;
    problem.seen = state.version || "";
    problem.ruling = state.standing || null;
    problem.comments = state.comments || [];
    touched.push(problem);
  }
  return touched;
}

async function refreshState() {
  try {
    const { status, answer } = await call("decisions", "GET");
    if (status !== 200) return notice(trouble(status, answer));
    const told = new Set(Object.keys((answer && answer.flags) || {}));
    for (const problem of DATA.problems) if (!told.has(problem.flag_id)) Object.assign(problem, { seen: "", ruling: null, comments: [] });
    take(answer);
  } catch {
    notice("The server does not answer: start 'claims review' again. Nothing is lost that was saved.");
  }
  return null;
}

function trouble(status, answer) {
  const why = answer && (answer.error || answer.message);
  return why ? `Not saved: ${visible(why)}` : `Not saved: the server answered ${status}. Load the page again.`;
}

function begin(problem, verdict) {
  const form = VERDICTS[verdict];
  if (!form.reason) { send(problem, { verdict }); return; }
  Object.assign(asking, { problem, verdict });
  $("decide-title").textContent = form.label;
  $("decide-about").textContent = visible(brief(problem, RESULTS.get(problem.finding_id)));
  $("decide-reason").value = "";
  $("decide-error").textContent = "";
  $("decide-reason-label").hidden = !form.reason;
  $("decide-until-label").hidden = !form.until;
  const quick = verdict === "dismiss" ? USUAL : [];
  $("decide-quick").replaceChildren(...quick.map((words) => h("button", { type: "button", onclick: () => { $("decide-reason").value = words; $("decide-save").focus(); } }, words)));
  if (form.until) {
    const day = new Date(Date.now() + SNOOZE_DAYS * 86400000);
    const tomorrow = new Date(Date.now() + 86400000);
    const iso = (d) => `${d.getFullYear()}-${String(d.getMonth() + 1).padStart(2, "0")}-${String(d.getDate()).padStart(2, "0")}`;
    $("decide-until").value = iso(day);
    $("decide-until").min = iso(tomorrow);
  }
  $("decide").showModal();
  (form.until ? $("decide-until") : $("decide-reason")).focus();
}

async function save(event) {
  event.preventDefault();
  const { problem, verdict } = asking;
  const form = VERDICTS[verdict];
  const reason = $("decide-reason").value.trim();
  const until = form.until ? $("decide-until").value : null;
  if (form.needs === "reason" && !reason) { $("decide-error").textContent = "Say why, so that others understand it later."; return; }
  if (form.needs === "until" && !until) { $("decide-error").textContent = "Name a day."; return; }
  $("decide").close();
  await send(problem, { verdict, reason, until });
}

async function send(problem, { verdict, reason = "", until = null }) {
  await settle(problem, "decisions", { flag_id: problem.flag_id, verdict, reason, until, seen: problem.seen || "" }, VERDICTS[verdict].label);
}

async function undo(problem) {
  await settle(problem, "decisions/undo", { flag_id: problem.flag_id, seen: problem.seen || "" }, "Undone");
}

async function settle(problem, path, body, done) {
  if (problem.saving) return;
  problem.saving = true;
  try {
    const { status, answer } = await call(path, "POST", body);
    if (status === 409) {
      if (!take(answer).length) await refreshState();
      notice("Decided elsewhere meanwhile: this is how it stands now. Decide again if you disagree.");
    } else if (status >= 200 && status < 300) {
      if (!take(answer).length) await refreshState();
      notice(`Saved: ${done.toLowerCase()}.`);
    } else {
      notice(trouble(status, answer));
      return;
    }
    problem.touched = true;
    countAgain();
    const at = shown.flags.findIndex((entry) => entry.problem === problem);
    if (at >= 0) redraw(shown.flags[at].card);
    if (at >= 0 && status !== 409 && body.verdict && body.verdict !== "comment" && shown.current === at) go(at + 1);
  } catch {
    notice("Not saved: the server does not answer. Start 'claims review' again and load the page.");
  } finally {
    problem.saving = false;
  }
}

async function startReview() {
  document.documentElement.classList.add("reviewing");
  $("who").textContent = REVIEW.who ? `Reviewing as ${visible(REVIEW.who)}` : "";
  $("who").after(h("a", { class: "export", href: `${REVIEW.api}decisions.csv`, download: "decisions.csv" }, "Export decisions"));
  $("decide-form").addEventListener("submit", save);
  $("decide-reason").addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    $("decide-form").requestSubmit();
  });
  $("decide-cancel").addEventListener("click", () => $("decide").close());
  await refreshState();
}
