// What stands below the charts: chances and brakes, pillars, pairs, map.
import { byId, drawn, html, meter, table } from "./dom.js";
import { day, digitsFor, fixed, interval, percent, signed } from "./numbers.js";
import { beside, tagged } from "./words.js";

const FIRST = 8;
const BANDS = [0, 10, 20, 30, 40, 50, 60];
const CHANGES = [-5, -2, -0.5, 0.5, 2, 5];
const PILLARS = { hostility: "Hostility", incidents: "Incidents", militarisation: "Militarisation", alignment: "Alignment", vacuum: "Security vacuum", diplomacy: "Lack of diplomacy" };

const changed = (part) => {
  if (!part) return { text: "" };
  if (part.verdict === "identical") return { text: "identical", class: "untold" };
  const digits = part.ci_low === null ? 1 : digitsFor((part.ci_high - part.ci_low) / 2);
  const text = `${signed(part.change, digits)} ${interval(part.ci_low, part.ci_high, digits)}`;
  return { text, class: part.verdict === "cannot tell" ? "untold" : "told" };
};

const spanned = (low, high) => (low === null || low === undefined ? "" : ` [${fixed(low, 2)},\u00a0${fixed(high, 2)}]`);

const name = (labels, key) => labels[key] ?? key;

export function war(scene, answer) {
  const { rows, standing } = answer.war, moved = answer.row !== null;
  if (!rows.length) return byId("war").replaceChildren(html("p", { class: "note" }, "This scenario holds no chances of war."));
  const between = (one, event) => {
    const [low, high] = [one[`${event}_low`], one[`${event}_high`]];
    return percent(one[event]) + (low === null ? "" : ` [${percent(low)},\u00a0${percent(high)}]`);
  };
  const times = (row) => {
    const verdict = row.change?.armed_verdict, ratio = row.change?.armed_ratio;
    if (!moved || ratio === null || ratio === undefined) return "";
    return verdict === "identical" ? { text: "identical", class: "untold" } : { text: `×\u00a0${fixed(ratio, 2)}${spanned(row.change.armed_ratio_low, row.change.armed_ratio_high)}`, class: verdict === "cannot tell" ? "untold" : "told" };
  };
  byId("war").replaceChildren(
    table(`By ${day(answer.summary.tension.date)}, in 100 runs, with 95% interval`, ["", "crisis", "war", ...(moved ? [beside(scene), "war is"] : [])],
      rows.map((row) => [row.yours.label, between(row.yours, "crisis"), between(row.yours, "armed"), ...(moved ? [row.base ? percent(row.base.armed) : "", times(row)] : [])])),
    html("p", { class: "note" }, `${standing[0].toUpperCase()}${standing.slice(1)}.${moved ? ` Grey: cannot be told from what is ${beside(scene)}.` : ""}`));
}

const LISTED = "A brake that a lever has lifted is not listed.";
const AT_REST = "Weighed with all levers at rest, wherever they stand now: this file holds no more. detente serve weighs them anew.";

export function brakes(found, coming, stored) {
  const most = Math.max(...found.map((one) => one.ratio ?? 1), 1.01);
  const rows = found.map((one) => [one.brake[0].toUpperCase() + one.brake.slice(1), { class: "bar", node: meter([[(one.ratio ?? 1) / most, ""]]) },
    { text: one.ratio === null ? "–" : `×\u00a0${fixed(one.ratio, 2)}${spanned(one.ratio_low, one.ratio_high)}`, class: "told" }, `${percent(one.armed)} → ${percent(one.armed_without)}`]);
  const members = found[0]?.members;
  byId("brakes").replaceChildren(
    found.length ? table(`War of any pair without the brake, as many times as likely as with it; ${fixed(members, 0)} runs each`, ["without", "", "war is", "in 100 runs"], rows, "tight") : html("p", { class: "note" }, coming || "Each brake is lifted in turn once the answer stands."),
    html("p", { class: "note" }, found.length && coming ? coming : `The level is an assumption, the ratios are what the model says. ${stored ? AT_REST : LISTED}`));
}

export function pillars(scene, answer) {
  const most = Math.max(...answer.pillars.flatMap((one) => [one.base, one.yours]), 0.1), moved = answer.row !== null;
  const parts = Object.fromEntries((answer.row?.pillars ?? []).map((part) => [part.key, part]));
  byId("pillars").replaceChildren(table("Points each adds to the index, mean of the last 26 weeks" + (moved ? `; grey: ${beside(scene)}` : ""), ["", "", "points", ...(moved ? ["difference"] : [])],
    answer.pillars.map((one) => [name(PILLARS, one.key), { class: "bar", node: meter(moved ? [[one.yours / most, ""], [one.base / most, "mine"]] : [[one.yours / most, ""]]) }, fixed(one.yours, 1), ...(moved ? [changed(parts[one.key])] : [])])),
    html("p", { class: "note" }, "Hostility and incidents respond; the others follow from what a setting states."));
}

export function pairs(scene, answer) {
  const parts = Object.fromEntries((answer.row?.dyads ?? []).map((part) => [part.key, part])), moved = answer.row !== null;
  const rows = answer.pairs.map((one) => [name(scene.dyad_labels, one.key), fixed(one.yours, 1), ...(moved ? [fixed(one.base, 1), changed(parts[one.key])] : [])]);
  const head = ["", "tension", ...(moved ? [beside(scene), "difference"] : [])];
  const rest = rows.slice(FIRST);
  byId("pairs").replaceChildren(table("Mean tension of the last 26 weeks, tensest first", head, rows.slice(0, FIRST)),
    ...(rest.length ? [html("details", { class: "every" }, html("summary", {}, `${rest.length} more pairs`), table("The other pairs", head, rest))] : []));
}

export function map(scene, answer) {
  const place = byId("map");
  byId("map-title").parentElement.hidden = scene.map === null;
  if (scene.map === null) return;
  const { yours, base } = answer.states;
  const level = (key) => (key in yours ? `t${BANDS.filter((edge) => yours[key] >= edge).length - 1}` : null);
  const apart = (key) => (key in yours ? `d${CHANGES.filter((edge) => yours[key] - (base[key] ?? yours[key]) >= edge).length}` : null);
  const keys = { t: BANDS.map((edge, k) => [`t${k}`, k < BANDS.length - 1 ? `${edge}–${BANDS[k + 1]}` : `${edge}+`]),
    d: [...CHANGES, null].map((edge, k) => [`d${k}`, k === 0 ? `below ${signed(CHANGES[0], 0)}` : edge === null ? `${signed(CHANGES.at(-1), 0)} and more` : `${signed(CHANGES[k - 1])} to ${signed(edge)}`]) };
  place.replaceChildren(html("div", { class: "mapped" },
    one(scene, "Mean tension around each actor, last 26 weeks", level, (key) => fixed(yours[key], 0), keys.t),
    one(scene, `Difference from what is ${beside(scene)}, points`, apart, (key) => signed(yours[key] - (base[key] ?? yours[key]), 1), keys.d)),
    ...(scene.map.places.some((at) => level(at.key) && dashed(scene, at)) ? [html("p", { class: "note" }, "Dashed outline or circle: see the notes below.")] : []));
}

function one(scene, caption, look, number, key) {
  const { width, height, land, places } = scene.map;
  const shown = places.filter((at) => look(at.key));
  const coloured = shown.map((at) => at.path ? styled(drawn("path", { class: "place", d: at.path }), look(at.key)) : styled(drawn("circle", { class: "place", cx: at.at[0], cy: at.at[1], r: 8 }), look(at.key)));
  const starred = shown.filter((at) => at.path && dashed(scene, at)).map((at) => drawn("path", { class: "starred", d: at.path }));
  const circled = shown.filter((at) => !at.path).map((at) => drawn("circle", { class: "starred", cx: at.at[0], cy: at.at[1], r: 8 }));
  const labels = shown.map((at) => drawn("text", { class: "label", x: at.at[0], y: at.at[1] + (at.path ? 0 : -12) },
    drawn("tspan", { x: at.at[0] }, tag(scene, at.key)), drawn("tspan", { x: at.at[0], dy: 12, class: "number" }, number(at.key)), drawn("title", {}, scene.actor_labels[at.key])));
  const told = shown.map((at) => `${scene.actor_labels[at.key]} ${number(at.key)}`).join(", ");
  return html("figure", {}, html("figcaption", {}, caption),
    drawn("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${caption}: ${told}` }, drawn("path", { class: "land", d: land }), ...coloured, ...starred, ...circled, ...labels),
    html("ul", { class: "key" }, ...key.map(([colour, text]) => { const mark = html("i", {}); mark.style.background = `var(--${colour})`; return html("li", {}, mark, text); })));
}

const styled = (element, colour) => {
  element.style.fill = `var(--${colour})`;
  return element;
};

const dashed = (scene, { key, path }) => !path || scene.actor_labels[key].includes("*");

const tag = (scene, key) => tagged(scene.shorts[key], scene.actor_labels[key]);
