// The table of runs. Rows are kept and changed in place, so that the focus stays where it is while runs go on.

const order = { key: "id", descending: true };

function shown(runs) {
  const wanted = at("filter").value;
  const value = (run) => (order.key === "state" ? STATES.indexOf(run.state) : run[order.key]);
  const sign = order.descending ? -1 : 1;
  return runs
    .filter((run) => !wanted || run.state === wanted)
    .sort((a, b) => {
      const [left, right] = [value(a), value(b)];
      if (left === null || right === null) return (left === null) - (right === null) || b.id - a.id;
      return sign * (left - right) || b.id - a.id;
    });
}

function drawTable(runs, use) {
  const body = at("experiments").tBodies[0];
  const rows = new Map(Array.from(body.rows, (row) => [row.dataset.id, row]));
  const wanted = shown(runs);
  wanted.forEach((run, index) => {
    const row = rows.get(`${run.id}`) ?? newRow(run, use);
    rows.delete(`${run.id}`);
    fillRow(row, run);
    // Only a row that is not in its place is moved: moving takes the focus away from what is in it.
    if (body.rows[index] !== row) body.insertBefore(row, body.rows[index] ?? null);
  });
  rows.forEach((row) => row.remove());
  const empty = at("empty");
  empty.hidden = wanted.length > 0;
  empty.textContent = runs.length ? "No run is in this state." : "No runs yet. The form “New run” starts one.";
}

function newRow(run, use) {
  const row = make("tr", { "data-id": run.id });
  row.append(make("th", { scope: "row", "data-label": "Run" }, run.id));
  for (const label of ["State", "N", "Tokens", "Rate", "Loss", "Seconds"]) row.append(make("td", { "data-label": label }));
  const button = make("button", { type: "button", "aria-label": `Use the config of run ${run.id}` }, "Use");
  button.addEventListener("click", () => use(run.config));
  row.append(make("td", { class: "action" }, button));
  return row;
}

function fillRow(row, run) {
  const reached = run.state === "running" ? ` ${run.losses.length}/${run.config.n_evals}` : "";
  const text = [
    null, `${run.state}${reached}`, `${short(run.n)}`, short(run.tokens), `${run.rate}`,
    run.loss === null ? "–" : run.loss.toFixed(4),
    run.seconds === null ? `≤ ${seconds(run.reserved)}` : seconds(run.seconds),
  ];
  text.forEach((wanted, index) => {
    if (wanted !== null && row.cells[index].dataset.text !== wanted) {
      row.cells[index].dataset.text = wanted;
      row.cells[index].replaceChildren(wanted);
      if (index === 1) row.cells[1].replaceChildren(make("span", { class: `state ${run.state}` }, wanted));
      if (index === 1 && run.reason) row.cells[1].append(make("span", { class: "reason" }, run.reason));
      if (index === 2) row.cells[2].append(make("small", {}, ` ${run.layers} × ${run.width}`));
    }
  });
}

function sortBy(header) {
  const key = header.dataset.key;
  order.descending = order.key === key ? !order.descending : key === "id";
  order.key = key;
  for (const other of header.parentElement.children) other.removeAttribute("aria-sort");
  header.setAttribute("aria-sort", order.descending ? "descending" : "ascending");
}
