// The page without a server: the same questions, answered from stored runs. Between two stored places of a lever numbers
// lie on a straight line; what several levers do is added up, chances of war multiplied.
import { byId } from "./dom.js";
import { digitsFor, fixed, in100, interval, month, percent, signed } from "./numbers.js";

const held = JSON.parse(byId("stored").textContent);
const names = Object.keys(held.blocks), sizes = Object.values(held.blocks);
const starts = Object.fromEntries(names.map((name, k) => [name, sizes.slice(0, k).reduce((a, b) => a + b, 0)]));
const count = held.origin.length, DAY = 86400000;
const levers = Object.fromEntries(held.scene.groups.flatMap((group) => group.levers).map((lever) => [lever.key, lever]));
const shifts = unpacked();

function unpacked() {
  const bytes = Uint8Array.from(atob(held.shifts), (letter) => letter.charCodeAt(0)), view = new DataView(bytes.buffer);
  const scale = names.flatMap((_, k) => Array(sizes[k]).fill(held.scales[k]));
  return held.places.map((_, row) => Float64Array.from({ length: count }, (_, k) => view.getInt16(2 * (row * count + k), true) * scale[k]));
}

function position(lever, value) {
  if (lever.kind === "switch") return Number(value);
  if (lever.kind === "choice") return lever.options.findIndex((option) => option.value === value);
  return lever.kind === "date" ? Math.round((Date.parse(value) - Date.parse(lever.origin)) / DAY) : value;
}

// The shift of one lever, and whether it was run at that very place.
function along(key, value) {
  const lever = levers[key], at = position(lever, value);
  const stops = held.places.map((place, k) => [place.lever === key ? position(lever, place.value) : NaN, shifts[k]]).filter(([where]) => !Number.isNaN(where));
  stops.push([position(lever, lever.value), new Float64Array(count)]);
  stops.sort((a, b) => a[0] - b[0]);
  const above = stops.find(([where]) => where >= at) ?? stops.at(-1), below = stops.findLast(([where]) => where <= at) ?? stops[0];
  const part = above[0] === below[0] ? 0 : (at - below[0]) / (above[0] - below[0]);
  return { shift: below[1].map((one, k) => one + part * (above[1][k] - one)), stored: above[0] === below[0] };
}

function answered(settings) {
  const moved = Object.entries(settings).map(([key, value]) => along(key, value));
  const row = Float64Array.from(held.origin, (one, k) => moved.reduce((sum, { shift }) => sum + shift[k], one));
  const stored = moved.length < 2 && moved.every((one) => one.stored);
  const block = (name) => [...row.subarray(starts[name], starts[name] + held.blocks[name])];
  return filled(structuredClone(held.rest), block, moved.length > 0, stored);
}

const share = (value) => Math.min(1, Math.max(0, value));

// A change with its interval: what interpolating is off by is added to its half-width.
function change([mean, half], off = 0) {
  const [low, high] = [mean - Math.max(0, half) - off, mean + Math.max(0, half) + off];
  const same = mean === 0 && half <= 0;
  return { change: mean, ci_low: low, ci_high: high, verdict: same ? "identical" : low > 0 ? "higher" : high < 0 ? "lower" : "cannot tell" };
}

function filled(told, block, moved, stored) {
  const off = stored ? 0 : held.errors.change[1];
  for (const name of Object.keys(told.fan.yours)) told.fan.yours[name] = block(`fan.${name}`);
  [told.summary.tension.median, told.summary.tension.p10, told.summary.tension.p90] = block("tension");
  if (told.summary.crisis_share !== null) told.summary.crisis_share = share(block("crisis")[0]);
  if (moved || told.row) {
    const mean = block("difference.mean"), half = block("difference.half");
    told.difference = { mean, low: mean.map((one, k) => one - Math.max(0, half[k])), high: mean.map((one, k) => one + Math.max(0, half[k])) };
    told.row = { ...change(block("headline"), off), pillars: parts(told, "pillars", block, stored), dyads: parts(told, "pairs", block, stored) };
  }
  for (const kind of ["pillars", "pairs"]) {
    const keys = told[kind].map((one) => one.key).sort(), values = block(kind);
    for (const one of told[kind]) one.yours = values[keys.indexOf(one.key)];
  }
  told.pairs.sort((a, b) => b.yours - a.yours);
  const states = Object.keys(told.states.yours).sort(), tension = block("states");
  states.forEach((key, k) => (told.states.yours[key] = tension[k]));
  war(told, block, moved || told.row !== null, stored);
  told.sentences = sentences(told, stored);
  return { ...told, kind: "answer", members: held.members, finest: true, glance: false, stored: true,
    how: stored ? `${held.members} runs, stored` : `Interpolated between stored runs: ± ${fixed(held.errors.change[1], 2)} points` };
}

function parts(told, kind, block, stored) {
  const keys = told[kind].map((one) => one.key).sort(), changes = block(`${kind}.change`);
  return keys.map((key, k) => ({ key, ...change(changes.slice(2 * k, 2 * k + 2), stored ? 0 : held.errors[kind][1]) }));
}

function war(told, block, compared, stored) {
  const armed = block("war").map(Math.exp), half = block("war.half"), crisis = block("war.crisis"), off = stored ? 0 : held.errors.war[1];
  const [crisisLow, crisisHigh, low, high] = ["war.crisis_low", "war.crisis_high", "war.armed_low", "war.armed_high"].map(block);
  told.war.rows.forEach((row, k) => {
    row.yours = { ...row.yours, armed: share(armed[k]), armed_low: share(low[k]), armed_high: share(high[k]), crisis: share(crisis[k]), crisis_low: share(crisisLow[k]), crisis_high: share(crisisHigh[k]) };
    const ratio = row.base && row.base.armed > 0 ? armed[k] / row.base.armed : null;
    const size = ratio === null ? 0 : Math.abs(Math.log(ratio)), wide = Math.max(0, half[k]) + off;
    const verdict = size < 1e-9 ? "identical" : size <= wide ? "cannot tell" : ratio > 1 ? "higher" : "lower";
    const ends = ratio === null ? {} : { armed_ratio_low: ratio * Math.exp(-wide), armed_ratio_high: ratio * Math.exp(wide) };
    row.change = compared ? { armed_ratio: ratio, ...ends, armed_verdict: verdict } : null;
  });
}

function ratio(change) {
  if (!change || change.armed_verdict === "identical") return "";
  if (change.armed_verdict === "cannot tell") return `, no detectable difference from ${held.scene.base}`;
  return `, ${fixed(change.armed_ratio, 2)} [${fixed(change.armed_ratio_low, 2)},\u00a0${fixed(change.armed_ratio_high, 2)}] times that of ${held.scene.base}`;
}

function sentences(told, stored) {
  const { row, summary } = told, when = month(summary.tension.date), about = stored ? "" : "about ";
  const level = held.scene.levels.find((one) => one.crisis), standing = told.war.standing, any = told.war.rows[0];
  const chance = any ? [`By ${when} the chance of war in ${any.yours.label} is ${about}${percent(any.yours.armed)} in 100${ratio(any.change)}; ${standing}.`] : [];
  if (row === null) return [held.rest.sentences[0], ...chance];
  const digits = digitsFor((row.ci_high - row.ci_low) / 2), between = `${interval(row.ci_low, row.ci_high, digits)}`;
  const told_ = row.verdict === "identical" ? `This what-if leaves tension as it is in ${held.scene.base}.`
    : row.verdict === "cannot tell" ? `The stored runs cannot tell a difference from ${held.scene.base} (${signed(row.change, digits)} points, ${between}).`
      : `This what-if ${row.verdict === "higher" ? "raises" : "lowers"} mean tension over the last 26 weeks by ${about}${fixed(Math.abs(row.change), digits)} points (${stored ? "95% interval" : "95% interval and what interpolating is off by"} ${between}).`;
  const reach = level && summary.crisis_share !== null ? [`${stored ? "" : "About "}${in100(summary.crisis_share, held.members)} runs reach the level “${level.label.toLowerCase()}” at least once.`] : [];
  return [told_, ...reach, ...chance];
}

const written = (value) => (typeof value === "number" ? String(Number(value.toPrecision(10))) : String(value));

// What --set would say of the settings: dotted path to text.
function changes(settings) {
  return Object.assign({}, ...Object.entries(settings).map(([key, value]) => {
    const known = held.recipes[key];
    if ("on" in known) return value ? known.on : known.off;
    const texts = known.texts ?? (value ? known.times : known.none);
    const put = known.texts ? (text) => text.replaceAll("%", written(value)) : (text) => text.replace(/((?:value|low|high): )([-\d.e]+)/g, (_, name, number) => name + written(Number(number) * (value || 1)));
    return Object.fromEntries(Object.entries(texts).map(([path, text]) => [path, put(text)]));
  }));
}

const quoted = (word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\"'\"'")}'`);

function command(settings) {
  const sets = Object.entries(changes(settings)).flatMap(([path, text]) => ["--set", quoted(`${path}=${text}`)]);
  return ["detente", "run", quoted(held.scene.name), "--members", held.members, "--seed", held.seed, ...(held.rest.engine === "numpy" ? [] : ["--engine", held.rest.engine]), ...sets].join(" ");
}

function file(settings) {
  const tree = {};
  for (const [path, text] of Object.entries(changes(settings))) {
    const steps = path.split("."), last = steps.pop();
    steps.reduce((node, step) => (node[step] ??= {}), tree)[last] = text;
  }
  const lines = (node, depth) => Object.entries(node).flatMap(([key, below]) => {
    const head = `${"  ".repeat(depth)}${/^[A-Za-z_][\w-]*$/.test(key) && !/^(true|false|null)$/.test(key) ? key : JSON.stringify(key)}:`;
    return typeof below === "string" ? [`${head} ${below}`] : [head, ...lines(below, depth + 1)];
  });
  const moved = Object.keys(settings).map((key) => levers[key].label);
  const head = [`# Levers as they stood on the what-if page`, `extends: ${held.scene.name.replace(/^.*\//, "").replace(/\.ya?ml$/, "")}`,
    `title: ${JSON.stringify(`What if, from ${held.scene.title}`)}`, `question: ${JSON.stringify(`What if other: ${moved.join("; ") || "nothing"}?`.slice(0, 600))}`];
  return [...head, ...lines(tree, 0), ""].join("\n");
}

export const told = async (path) => (path === "scenarios" ? held.scenarios : held.scene);

export async function ask({ settings, glance }, each) {
  each({ kind: "asked", moved: Object.keys(settings).length, file: file(settings), commands: { [held.members]: command(settings) } });
  each({ ...answered(settings), seconds: 0, glance });
  held.brakes.forEach(each);
  return true;
}

export const errors = held.errors;
