// The page's life: the key, a look at the server every few seconds, and what the forms and buttons do.

const QUICK = 2000;
const SLOW = 10000;
const spend = once();
let runs = [];
let timer = 0;

function draw() {
  drawTable(runs, (config) => {
    fillForm(at("run-form"), config);
    derive();
    at("run-form").querySelector("input").focus();
  });
  drawChart(runs);
}

function drawBudget(budget) {
  const reserved = runs.filter((run) => !isOver(run)).reduce((sum, run) => sum + run.reserved, 0);
  const share = (part) => Math.min(100, Math.max(0, (100 * part) / (budget.total_budget_seconds || 1)));
  const [, spent, waiting] = at("budget-bar").children;
  spent.setAttribute("width", share(budget.used_seconds - reserved));
  waiting.setAttribute("x", share(budget.used_seconds - reserved));
  waiting.setAttribute("width", share(reserved));
  const parts = [`${seconds(budget.used_seconds - reserved)} s spent`, `${seconds(budget.remaining_seconds)} s left of ${seconds(budget.total_budget_seconds)} s`];
  if (reserved) parts.splice(1, 0, `${seconds(reserved)} s reserved by runs that are not over`);
  at("budget-text").textContent = `${parts.join(", ")}.`;
}

function drawBet(bet) {
  if (!bet) return;
  const model = bet.training_config.architecture_config;
  const between = bet.prediction_interval ? `, between ${bet.prediction_interval.low} and ${bet.prediction_interval.high}` : "";
  at("standing").textContent =
    `The bet stands: ${model.num_hidden_layers} × ${model.hidden_size} on ${short(bet.training_config.total_train_tokens)} tokens ` +
    `ends at ${bet.predicted_final_loss}${between}. Placed ${new Date(bet.submitted_at).toLocaleString("en-GB")}; another one replaces it.`;
}

// The budget and the list of runs are two answers, and a run may end between them. Where the budget is the same before
// and after, none has.
async function accounts() {
  let before = await ask("GET", "/budget");
  for (let tries = 1; ; tries += 1) {
    const experiments = await ask("GET", "/experiments");
    const budget = await ask("GET", "/budget");
    if (budget.used_seconds === before.used_seconds || tries === 5) return [budget, experiments];
    before = budget;
  }
}

async function look() {
  clearTimeout(timer);
  if (!sessionStorage.getItem(KEY)) return;
  try {
    const [[budget, experiments], bet] = await Promise.all([accounts(), ask("GET", "/final_submission")]);
    runs = experiments.map(view);
    open(true);
    drawBudget(budget);
    drawBet(bet);
    draw();
    say("");
  } catch (refused) {
    if (!(refused instanceof Refused)) throw refused;
    say(refused.message);
    if (refused.status === 401) {
      forget();
      return;
    }
  }
  timer = setTimeout(look, document.hidden || runs.every(isOver) ? SLOW : QUICK);
}

function say(text) {
  if (at("notice").textContent !== text) at("notice").textContent = text;
}

function open(known) {
  at("main").hidden = !known;
  at("closed").hidden = known;
  at("known").hidden = !known;
}

function forget() {
  clearTimeout(timer);
  sessionStorage.removeItem(KEY);
  runs = [];
  open(false);
  at("key").focus();
}

function derive() {
  const config = configOf(at("run-form"));
  const model = config.architecture_config;
  const n = 12 * model.num_hidden_layers * model.hidden_size ** 2;
  const steps = config.total_train_tokens / (document.body.dataset.seqLen * config.train_batch_size);
  const known = [n, steps].every((number) => Number.isFinite(number) && number > 0);
  at("derived").textContent = known
    ? `N = ${short(n)}, ${short(config.total_train_tokens / n)} tokens a weight, ${short(6 * n * config.total_train_tokens)} FLOPs, ${short(steps)} steps`
    : "";
}

// Send a form once at a time; what the server refuses is shown at its fields.
async function send(form, request) {
  const button = form.querySelector("button.main");
  if (button.getAttribute("aria-disabled")) return;
  button.setAttribute("aria-disabled", "true");
  try {
    clearProblems(form);
    say(await request());
  } catch (refused) {
    if (!(refused instanceof Refused)) throw refused;
    showProblems(form, refused.status ? refused : new Refused(0, "The server does not answer. Sending this again is safe."));
  } finally {
    button.removeAttribute("aria-disabled");
  }
}

async function sendRun() {
  const config = configOf(at("run-form"));
  const answer = await ask("POST", "/submit", config, { "Idempotency-Key": spend.name(JSON.stringify(config)) });
  spend.answered();
  await look();
  return `Run ${answer.experiment_id} is queued.`;
}

async function sendBet() {
  const form = at("final-form");
  const bet = {};
  for (const field of form.querySelectorAll(".field")) {
    const value = valueOf(field);
    if (field.dataset.path !== "training_config" && !(field.dataset.path.startsWith("prediction_interval") && value === null)) {
      put(bet, field.dataset.path, value);
    }
  }
  try {
    bet.training_config = JSON.parse(at("training_config").value);
  } catch (error) {
    throw new Refused(422, "This cannot be sent.", [{ loc: ["training_config"], msg: `no JSON: ${error.message}` }]);
  }
  await ask("POST", "/final_submission", bet);
  await look();
  return "The bet is placed.";
}

at("key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem(KEY, at("key").value.trim());
  at("key").value = "";
  look().then(() => at("main").hidden || at("runs").focus());
});
at("forget").addEventListener("click", forget);
at("run-form").addEventListener("submit", (event) => {
  event.preventDefault();
  send(event.target, sendRun);
});
at("run-form").addEventListener("input", derive);
at("final-form").addEventListener("submit", (event) => {
  event.preventDefault();
  send(event.target, sendBet);
});
at("copy").addEventListener("click", () => {
  at("training_config").value = JSON.stringify(configOf(at("run-form")), null, 2);
  at("training_config").focus();
});
for (const id of ["filter", "axis"]) at(id).addEventListener("change", draw);
for (const header of document.querySelectorAll("th[data-key]")) {
  header.firstElementChild.addEventListener("click", () => {
    sortBy(header);
    draw();
  });
}
document.addEventListener("visibilitychange", () => document.hidden || look());
derive();
look();
