// From fields to JSON and back, and the server's problems to the fields they are about.

const ADAMW_ONLY = ["weight_decay", "beta1", "beta2", "eps", "eps_root"];

function inputOf(field) {
  return field.querySelector("input, select, textarea");
}

// What is no number is sent as it is: to say what is wrong with it is the server's part.
function valueOf(field) {
  const input = inputOf(field);
  const text = input.value.trim();
  if (field.dataset.kind === "truth") return input.checked;
  if (field.dataset.kind === "choice") return text;
  if (text === "") return null;
  return Number.isFinite(Number(text)) ? Number(text) : text;
}

function put(target, path, value) {
  const names = path.split(".");
  const last = names.pop();
  names.reduce((part, name) => (part[name] ??= {}), target)[last] = value;
}

function configOf(form) {
  const config = {};
  for (const field of form.querySelectorAll(".field")) put(config, field.dataset.path, valueOf(field));
  if (config.optimizer_config.type === "sgd") ADAMW_ONLY.forEach((name) => delete config.optimizer_config[name]);
  return config;
}

function fillForm(form, config) {
  for (const field of form.querySelectorAll(".field")) {
    let value = field.dataset.path.split(".").reduce((part, name) => part?.[name], config);
    if (value === undefined && field.dataset.path === "optimizer_config.type") value = "adamw";
    if (value === undefined) continue;
    const input = inputOf(field);
    if (field.dataset.kind === "truth") input.checked = value;
    else input.value = value === null ? "" : `${value}`;
  }
  clearProblems(form);
}

function clearProblems(form) {
  for (const field of form.querySelectorAll(".field")) {
    const input = inputOf(field);
    field.querySelector(".problem")?.remove();
    input.removeAttribute("aria-invalid");
    input.removeAttribute("aria-errormessage");
  }
  const box = form.querySelector(".problems");
  box.hidden = true;
  box.replaceChildren();
}

// A sentence above the form, and under each field what is wrong with it; a problem without a field is in the sentence.
function showProblems(form, refused) {
  clearProblems(form);
  const fields = Array.from(form.querySelectorAll(".field"));
  const elsewhere = [];
  let wrong = 0;
  for (const { loc, msg } of refused.problems) {
    const place = loc.join(".");
    const field = fields.find((one) => one.dataset.path === place)
      ?? fields.find((one) => one.dataset.path === "training_config" && place.startsWith("training_config"));
    if (!field) {
      elsewhere.push(place ? `${place}: ${msg}` : msg);
      continue;
    }
    wrong += 1;
    const input = inputOf(field);
    let text = field.querySelector(".problem");
    if (!text) {
      text = make("p", { class: "problem", id: `${input.id}-problem` });
      field.append(text);
    }
    const named = field.dataset.path === place || msg.includes(loc.at(-1));
    text.append(make("span", {}, sentence(named ? msg : `${place.slice(field.dataset.path.length + 1)}: ${msg}`)));
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-errormessage", text.id);
    const fold = field.closest("details");
    if (fold) fold.open = true;
  }
  const box = form.querySelector(".problems");
  const count = wrong ? ` ${wrong} ${wrong === 1 ? "thing is" : "things are"} marked below.` : "";
  box.replaceChildren(make("p", {}, refused.message + count), ...elsewhere.map((text) => make("p", {}, text)));
  box.hidden = false;
  (form.querySelector("[aria-invalid]") ?? box).focus();
}
