// What an experiment's JSON says, and how numbers are written.

const STATES = ["queued", "running", "completed", "failed"];

function view(experiment) {
  const { experiment_id: id, training_config: config, status } = experiment;
  const model = config.architecture_config;
  const losses = status.val_losses ?? status.partial_val_losses ?? status.reason?.partial_val_losses ?? [];
  return {
    id, config, losses,
    state: status.status_type,
    width: model.hidden_size,
    layers: model.num_hidden_layers,
    n: 12 * model.num_hidden_layers * model.hidden_size ** 2,
    tokens: config.total_train_tokens,
    rate: config.optimizer_config.lr_scheduler.peak_value,
    loss: losses.findLast((loss) => loss !== null) ?? null,
    seconds: status.used_runtime_seconds ?? null,
    reserved: config.max_runtime_seconds,
    reason: status.reason ? reasonOf(status.reason) : "",
  };
}

function reasonOf({ reason, failure }) {
  const kind = reason.replaceAll("_", " ");
  if (!failure) return kind;
  return failure.startsWith(kind) ? failure : `${kind}: ${failure}`;
}

function isOver(run) {
  return run.state === "completed" || run.state === "failed";
}

// 12_500_000 as 12.5M: three digits and a letter, for columns that are compared by eye.
function short(number) {
  const rounded = Number(number.toPrecision(3));
  for (const [size, letter] of [[1e18, "E"], [1e15, "P"], [1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]]) {
    if (rounded >= size) return `${Number((rounded / size).toPrecision(3))}${letter}`;
  }
  return `${rounded}`;
}

function seconds(number) {
  return number.toLocaleString("en-GB", { maximumFractionDigits: number < 100 ? 1 : 0 });
}

// An element with attributes and children; text is text, never markup.
function make(name, attributes = {}, ...children) {
  const made = name.startsWith("svg:")
    ? document.createElementNS("http://www.w3.org/2000/svg", name.slice(4))
    : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children.map((child) => (typeof child === "number" ? `${child}` : child)));
  return made;
}

function at(id) {
  return document.getElementById(id);
}
