// Loss curves, or last losses by size, on a logarithmic axis, as SVG.

const BOX = { left: 52, right: 708, top: 14, bottom: 300 };

function drawChart(runs) {
  const axis = at("axis").value;
  const lines = shown(runs).map((run) => ({ run, points: points(run, axis) })).filter((line) => line.points.length);
  const chart = at("chart");
  const all = lines.flatMap((line) => line.points);
  at("chart-text").textContent = caption(lines, axis);
  if (!all.length) {
    chart.replaceChildren();
    return;
  }
  const x = scale(all.map((point) => Math.log10(point[0])), BOX.left, BOX.right);
  const y = scale(all.map((point) => point[1]), BOX.bottom, BOX.top);
  chart.replaceChildren(...grid(x, y, axis), ...lines.flatMap((line) => curve(line, x, y)));
}

function points(run, axis) {
  const last = run.losses.length - 1;
  const found = run.losses.map((loss, index) => [run.tokens * (index + 1) / run.config.n_evals, loss]);
  const kept = axis === "n" ? (run.state === "completed" ? found.slice(last) : []) : found;
  const factor = axis === "flops" ? 6 * run.n : 1;
  return kept.filter((point) => point[1] !== null).map(([tokens, loss]) => [axis === "n" ? run.n : tokens * factor, loss]);
}

function scale(values, from, to) {
  let [low, high] = [Math.min(...values), Math.max(...values)];
  const margin = (high - low) * 0.06 || 0.1;
  [low, high] = [low - margin, high + margin];
  return { low, high, place: (value) => from + (to - from) * (value - low) / (high - low) };
}

function grid(x, y, axis) {
  const made = [];
  for (const value of steps(y.low, y.high, 5)) {
    const place = y.place(value);
    made.push(make("svg:line", { class: "rule", x1: BOX.left, x2: BOX.right, y1: place, y2: place }));
    made.push(make("svg:text", { x: BOX.left - 8, y: place + 4, "text-anchor": "end" }, `${Number(value.toFixed(6))}`));
  }
  for (const value of logSteps(x.low, x.high)) {
    const place = x.place(value);
    made.push(make("svg:line", { class: "rule", x1: place, x2: place, y1: BOX.top, y2: BOX.bottom }));
    made.push(make("svg:text", { x: place, y: BOX.bottom + 18, "text-anchor": "middle" }, short(10 ** value)));
  }
  const title = { tokens: "tokens trained on", flops: "training FLOPs, 6 N D", n: "N = 12 · layers · width²" }[axis];
  made.push(make("svg:text", { x: BOX.right, y: BOX.bottom + 42, "text-anchor": "end", class: "title" }, title));
  made.push(make("svg:text", { x: BOX.left, y: BOX.top - 3, class: "title" }, "loss"));
  return made;
}

function steps(low, high, count) {
  const rough = (high - low) / count;
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = size * [1, 2, 5, 10].find((factor) => factor * size >= rough);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, index) => (first + index) * step);
}

// Powers of ten where there are two or more of them, else 1, 2 and 5 times them, else even steps.
function logSteps(low, high) {
  for (const factors of [[1], [1, 2, 5], [1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9]]) {
    const found = [];
    for (let power = Math.floor(low); power <= Math.ceil(high); power += 1) {
      found.push(...factors.map((factor) => power + Math.log10(factor)).filter((value) => value >= low && value <= high));
    }
    if (found.length >= 3) return found.length > 9 ? found.filter((_, index) => index % Math.ceil(found.length / 8) === 0) : found;
  }
  return steps(low, high, 4);
}

function curve({ run, points: found }, x, y) {
  const name = `run ${run.id}: ${short(run.n)} weights, ${short(run.tokens)} tokens, ${run.state}, loss ${run.loss.toFixed(4)}`;
  const colour = `line c${run.id % 8}`;
  const places = found.map(([value, loss]) => [x.place(Math.log10(value)), y.place(loss)]);
  const dots = places.length < 2 || places.length <= 4 ? places : [places.at(-1)];
  const group = make("svg:g", { class: colour }, make("svg:title", {}, name));
  if (places.length > 1) group.append(make("svg:polyline", { points: places.map((place) => place.map((n) => n.toFixed(1)).join(",")).join(" ") }));
  for (const [cx, cy] of dots) group.append(make("svg:circle", { cx: cx.toFixed(1), cy: cy.toFixed(1), r: 3.5 }));
  const [lastX, lastY] = places.at(-1);
  group.append(make("svg:text", { x: lastX - 6, y: lastY - 7, "text-anchor": "end" }, `${run.id}`));
  return [group];
}

function caption(lines, axis) {
  if (!lines.length) return "Losses show here with the first evaluation of a run.";
  const best = lines.filter((line) => line.run.loss !== null).reduce((a, b) => (b.run.loss < a.run.loss ? b : a)).run;
  const what = axis === "n" ? "Last losses" : "Validation losses";
  return `${what} of ${lines.length} run${lines.length > 1 ? "s" : ""}, in nats a token; the lowest is run ${best.id} with ${best.loss.toFixed(4)}.`;
}
