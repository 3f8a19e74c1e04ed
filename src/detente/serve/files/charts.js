// The fan and the difference over time, on one axis of dates.
import { drawn, html } from "./dom.js";
import { compact, day, digitsFor, fixed, in100, interval, month, percent, signed } from "./numbers.js";
import { cut } from "./words.js";

const HIGH = { fan: 286, difference: 132 };
const NARROW = 620;
const DASHED_LABEL = 15;
const TITLE = 40, NAME = 13;

function frame(place, high, top) {
  const wide = Math.max(280, place.clientWidth);
  const narrow = wide < NARROW;
  const box = { left: 34, right: wide - (narrow ? 44 : 116), top, bottom: high - 4 };
  return { wide, high, narrow, box };
}

const line = (xs, ys) => xs.map((x, k) => `${k ? "L" : "M"}${x.toFixed(1)} ${ys[k].toFixed(1)}`).join("");
const area = (xs, low, high) => `${line(xs, high)}${line([...xs].reverse(), [...low].reverse()).replace("M", "L")}Z`;

function ticks(low, high, most) {
  const rough = (high - low) / most, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((m) => m >= rough);
  const found = [];
  for (let at = Math.ceil(low / step) * step; at <= high + 1e-9; at += step) found.push(Number(at.toFixed(6)));
  return { found, digits: step < 1 ? Math.ceil(-Math.log10(step) - 1e-9) : 0 };
}

function axes({ box }, dates, x, y, values, write) {
  const years = dates.map((iso, k) => [iso.slice(0, 4), k]).filter(([year, k]) => k === 0 || year !== dates[k - 1].slice(0, 4));
  return [
    ...values.map((value) => drawn("line", { class: "grid", x1: box.left, x2: box.right, y1: y(value), y2: y(value) })),
    ...values.map((value) => drawn("text", { class: "soft", x: box.left - 6, y: y(value) + 4, "text-anchor": "end" }, write(value))),
    ...years.filter(([, k]) => k > 0).map(([, k]) => drawn("line", { class: "axis", x1: x(k), x2: x(k), y1: box.bottom - 4, y2: box.bottom })),
  ];
}

const yearLabels = ({ box }, dates, x) => dates.map((iso, k) => [iso, k])
  .filter(([iso, k]) => k > 0 && iso.slice(0, 4) !== dates[k - 1].slice(0, 4))
  .map(([iso, k]) => drawn("text", { class: "soft", x: Math.min(x(k), box.right - 12), y: box.bottom + 15, "text-anchor": "middle" }, iso.slice(0, 4)));

// Labels at the right end that do not stand on one another.
function ends({ box }, labels) {
  const placed = labels.map((one) => ({ ...one })).sort((a, b) => a.y - b.y);
  for (let k = 1; k < placed.length; k++) placed[k].y = Math.max(placed[k].y, placed[k - 1].y + DASHED_LABEL);
  const over = placed.length ? placed.at(-1).y - (box.bottom - 2) : 0;
  for (const one of placed) one.y -= Math.max(0, over);
  return placed.map((one) => drawn("text", { class: one.class, x: box.right + 7, y: one.y + 4 }, one.text));
}

function events(scene, settings, { box, narrow }, dates, x) {
  const first = Date.parse(dates[0]), span = Date.parse(dates.at(-1)) - first;
  const shown = scene.events.filter((act) => act.mark).map((act) => {
    const date = settings[`acts.${act.id}.date`] ?? act.date.slice(0, 10);
    return { ...act, date, at: x(((Date.parse(date) - first) / span) * (dates.length - 1)) };
  }).filter((act) => act.at >= box.left && act.at <= box.right).sort((a, b) => a.at - b.at);
  const rows = [[], []], out = [], free = (row, left, right) => row.every(([a, b]) => right + 10 < a || left > b + 10);
  for (const act of [...shown.filter((one) => one.plan), ...shown.filter((one) => !one.plan)]) {
    const title = cut(act.title, TITLE);
    const wide = 5.8 * title.length, left = Math.min(Math.max(act.at - wide / 2, box.left), box.right - wide);
    const row = narrow ? undefined : rows.find((taken) => free(taken, left, left + wide));
    const top = row ? 13 + 14 * rows.indexOf(row) : box.bottom - 12;
    out.push(drawn("line", { class: "act-line", x1: act.at, x2: act.at, y1: top + 3, y2: box.bottom }));
    out.push(drawn("path", { class: act.plan ? "act plan" : "act", d: `M${act.at - 4} ${box.bottom}h8l-4 -7z` }, drawn("title", {}, `${day(act.date)}: ${act.title}`)));
    if (!row) continue;
    row.push([left, left + wide]);
    out.push(drawn("text", { class: "soft", x: left, y: top, "font-size": 11 }, title));
  }
  return out;
}

function recorded(scene, { box }, dates, x) {
  const k = dates.findIndex((iso) => iso > scene.documented_until);
  if (k <= 0) return [];
  return [drawn("rect", { class: "shade", x: box.left, y: box.top, width: x(k) - box.left, height: box.bottom - box.top }),
    drawn("text", { class: "soft over", x: x(k) - 5, y: box.top + 12, "text-anchor": "end", "font-size": 11 }, "record"),
    drawn("text", { class: "soft over", x: x(k) + 5, y: box.top + 12, "font-size": 11 }, "plan")];
}

function readout(svg, shape, dates, x, say) {
  const hair = drawn("line", { class: "hair", y1: shape.box.top, y2: shape.box.bottom });
  const catcher = drawn("rect", { class: "catch", x: shape.box.left, y: shape.box.top, width: shape.box.right - shape.box.left, height: shape.box.bottom - shape.box.top });
  catcher.addEventListener("pointermove", (event) => {
    const share = (event.clientX - svg.getBoundingClientRect().left - shape.box.left) / (shape.box.right - shape.box.left);
    const k = Math.round(Math.min(1, Math.max(0, share)) * (dates.length - 1));
    hair.setAttribute("x1", x(k));
    hair.setAttribute("x2", x(k));
    hair.style.visibility = "visible";
    say(k);
  });
  catcher.addEventListener("pointerleave", () => {
    hair.style.visibility = "hidden";
    say(null);
  });
  svg.append(hair, catcher);
}

export function fan(place, caption, scene, settings, answer) {
  const shape = frame(place, HIGH.fan, 34), { box } = shape;
  const { yours, base } = answer.fan, dates = scene.dates.slice(0, yours.median.length), crisis = scene.levels.find((level) => level.crisis);
  const same = answer.row === null, lows = yours["p2.5"], highs = yours["p97.5"];
  let low = Math.min(...lows, ...base.median), high = Math.max(...highs, ...base.median);
  if (crisis && crisis.edge > high && crisis.edge < high + 0.6 * (high - low)) high = crisis.edge;
  [low, high] = [Math.max(0, low - 0.05 * (high - low)), high + 0.07 * (high - low)];
  const x = (k) => box.left + (k / Math.max(1, dates.length - 1)) * (box.right - box.left);
  const y = (value) => box.bottom - ((value - low) / (high - low)) * (box.bottom - box.top);
  const xs = dates.map((_, k) => x(k)), last = dates.length - 1, marks = ticks(low, high, 7);
  const usual = `Tension index (0 calm, 100 armed clash): median and 50, 80 and 95% of ${fixed(answer.members, 0)} runs` +
    (same ? "" : `; dashed: ${scene.base}`) + ". ▲ on record, △ planned.";
  const name = answer.title;
  const svg = drawn("svg", { width: shape.wide, height: shape.high, viewBox: `0 0 ${shape.wide} ${shape.high}`, role: "img", "aria-label": `${name}: ${answer.sentences.join(" ")}` },
    ...recorded(scene, shape, dates, x), ...axes(shape, dates, x, y, marks.found, (value) => fixed(value, marks.digits)),
    ...["95", "80", "50"].map((band) => {
      const [a, b] = { 95: ["p2.5", "p97.5"], 80: ["p10", "p90"], 50: ["p25", "p75"] }[band];
      return drawn("path", { class: `band b${band}`, d: area(xs, yours[a].map(y), yours[b].map(y)) });
    }),
    ...(crisis && crisis.edge < high ? [drawn("line", { class: "edge", x1: box.left, x2: box.right, y1: y(crisis.edge), y2: y(crisis.edge) }),
      drawn("text", { x: box.left + 5, y: y(crisis.edge) - 5, "font-size": 11 }, `${crisis.label}: ${compact(crisis.edge)}`)] : []),
    ...events(scene, settings, shape, dates, x),
    ...(same ? [] : [drawn("path", { class: "under", d: line(xs, base.median.map(y)) }), drawn("path", { class: "was", d: line(xs, base.median.map(y)) })]),
    drawn("path", { class: "line", d: line(xs, yours.median.map(y)) }),
    ...ends(shape, [
      { text: shape.narrow ? fixed(yours.median[last], 0) : `${fixed(yours.median[last], 0)} ${short(name)}`, class: "yours", y: y(yours.median[last]) },
      ...(same ? [] : [{ text: shape.narrow ? fixed(base.median[last], 0) : `${fixed(base.median[last], 0)} ${short(scene.base)}`, class: "mine", y: y(base.median[last]) }]),
    ]));
  readout(svg, shape, dates, x, (k) => {
    caption.textContent = k === null ? usual : `${day(dates[k])}: median ${fixed(yours.median[k], 1)}, 80% ${fixed(yours.p10[k], 0)} to ${fixed(yours.p90[k], 0)}, 95% ${fixed(yours["p2.5"][k], 0)} to ${fixed(yours["p97.5"][k], 0)}` + (same ? "" : `; dashed ${fixed(base.median[k], 1)}`);
  });
  caption.textContent = usual;
  place.replaceChildren(svg);
}

const short = (name) => cut(name, NAME);

export function difference(place, caption, scene, answer) {
  const shape = frame(place, HIGH.difference, 6), { box } = shape;
  box.bottom -= 16;
  const apart = answer.difference, count = answer.fan.yours.median.length, dates = scene.dates.slice(0, count);
  const x = (k) => box.left + (k / Math.max(1, count - 1)) * (box.right - box.left);
  if (apart === null) {
    const svg = drawn("svg", { width: shape.wide, height: shape.high, viewBox: `0 0 ${shape.wide} ${shape.high}`, role: "img", "aria-label": "No lever is moved: no difference" },
      ...yearLabels(shape, dates, x), drawn("line", { class: "zero", x1: box.left, x2: box.right, y1: 52, y2: 52 }),
      drawn("text", { class: "soft", x: box.left + 8, y: 44 }, "Move a lever: its difference, run by run under the same luck, appears here."));
    caption.textContent = "";
    place.replaceChildren(svg);
    return;
  }
  const known = apart.low[count - 1] !== null, lows = known ? apart.low : apart.mean, highs = known ? apart.high : apart.mean;
  let low = Math.min(0, ...lows), high = Math.max(0, ...highs);
  const pad = Math.max(0.12 * (high - low), 0.02);
  [low, high] = [low - pad, high + pad];
  const y = (value) => box.bottom - ((value - low) / (high - low)) * (box.bottom - box.top);
  const xs = dates.map((_, k) => x(k)), marks = ticks(low, high, 3), change = answer.row;
  const digits = known ? digitsFor((change.ci_high - change.ci_low) / 2) : 1;
  const usual = `Difference in points, paired run by run: mean and its 95% interval. Over the last 26 weeks ${signed(change.change, digits)} ${interval(change.ci_low, change.ci_high, digits)}${change.verdict === "cannot tell" ? ", cannot tell" : ""}`;
  const svg = drawn("svg", { width: shape.wide, height: shape.high, viewBox: `0 0 ${shape.wide} ${shape.high}`, role: "img", "aria-label": usual },
    ...axes(shape, dates, x, y, marks.found, (value) => signed(value, marks.digits)), ...yearLabels(shape, dates, x),
    ...(known ? [drawn("path", { class: "band b50", d: area(xs, lows.map(y), highs.map(y)) })] : []),
    drawn("line", { class: "zero", x1: box.left, x2: box.right, y1: y(0), y2: y(0) }),
    drawn("path", { class: "line", d: line(xs, apart.mean.map(y)) }),
    ...ends(shape, [{ text: signed(apart.mean[count - 1], digits), class: "yours", y: y(apart.mean[count - 1]) }]));
  readout(svg, shape, dates, x, (k) => {
    caption.textContent = k === null ? usual : `${day(dates[k])}: ${signed(apart.mean[k], digits)} ${known ? interval(apart.low[k], apart.high[k], digits) : ""} points`;
  });
  caption.textContent = usual;
  place.replaceChildren(svg);
}

export function figures(place, scene, answer) {
  const { summary: yours, base, row } = answer, when = month(yours.tension.date);
  const cells = [[`median tension, ${when}`, fixed(yours.tension.median, 1), row ? `was ${fixed(base.tension.median, 1)}` : `80%: ${fixed(yours.tension.p10, 0)} to ${fixed(yours.tension.p90, 0)}`]];
  const digits = row && row.ci_low !== null ? digitsFor((row.ci_high - row.ci_low) / 2) : 1;
  const told = row === null ? "at rest" : row.verdict === "identical" ? "identical" : signed(row.change, digits);
  cells.push(["difference, last 26 weeks", told, row && row.verdict !== "identical" ? `${interval(row.ci_low, row.ci_high, digits)}${row.verdict === "cannot tell" ? " cannot tell" : ""}` : ""]);
  const level = scene.levels.find((one) => one.crisis);
  if (yours.crisis_share !== null && level) cells.push([`runs that reach “${level.label.toLowerCase()}”`, in100(yours.crisis_share, answer.members), row ? `was ${in100(base.crisis_share, answer.members)}` : ""]);
  const war = answer.war.rows[0];
  if (war) {
    const ratio = war.change?.armed_ratio;
    cells.push([`chance of war of any pair, assumed level`, `${percent(war.yours.armed)} in 100`, !row && war.yours.armed_low !== null ? `[${percent(war.yours.armed_low)},\u00a0${percent(war.yours.armed_high)}]` : ratio && war.change.armed_verdict !== "identical" ? `× ${fixed(ratio, 2)}${war.change.armed_verdict === "cannot tell" ? " cannot tell" : ""}` : ""]);
  }
  place.replaceChildren(...cells.map(([what, number, more]) => html("div", {}, html("dt", {}, what), html("dd", {}, `${number} `, html("small", {}, more)))));
}

