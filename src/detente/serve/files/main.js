// The page: where the levers stand, what is asked, and what is shown of the answer.
import * as address from "./address.js";
import { ask, told } from "./asking.js";
import * as cards from "./cards.js";
import { difference, fan, figures } from "./charts.js";
import { byId, html } from "./dom.js";
import { controls, countOf, possible } from "./levers.js";
import { whole } from "./numbers.js";
import { asPng, copied, csv, picture, save } from "./taking.js";

const PATIENCE = 1000;
const ENGINES = { numpy: "NumPy", fast: "compiled code", fast32: "compiled code in single precision" };
const state = { scene: null, settings: {}, panel: null, asked: null, answer: null, brakes: [], glancing: false, again: false, notice: "", since: 0, done: 0, of: 1 };

const levers = () => state.scene.groups.flatMap((group) => group.levers);

function trouble(text) {
  byId("trouble").textContent = text;
  byId("trouble").hidden = !text;
}

async function choose(name, wanted = {}) {
  byId("status").textContent = "Reading the scenario";
  try {
    state.scene = await told(`scenarios/${encodeURIComponent(name)}`);
  } catch (error) {
    trouble(error.message);
    return;
  }
  const known = new Map(levers().map((lever) => [lever.key, lever]));
  const left = Object.keys(wanted).filter((key) => !known.has(key) || !possible(known.get(key), wanted[key]));
  state.settings = Object.fromEntries(Object.entries(wanted).filter(([key]) => !left.includes(key)));
  state.notice = left.length ? `Left out of the address, for this scenario cannot have it: ${left.join(", ")}` : "";
  byId("scenario").value = name;
  byId("cautions").textContent = ["What this cannot tell.", ...state.scene.cautions].join(" ");
  byId("cautions").hidden = !state.scene.cautions.length;
  byId("footnotes").textContent = state.scene.footnotes.join(" ");
  state.panel = controls(state.scene.groups, state.settings, moved);
  byId("groups").replaceChildren(...state.panel.elements);
  state.answer = null;
  inquire();
}

function moved(key, value, done) {
  if (value === undefined) delete state.settings[key];
  else state.settings[key] = value;
  state.panel.show(key, value);
  state.notice = "";
  if (done) inquire();
  else glance();
}

// While a lever is on the move: one first look after the other, always of where it is by then.
async function glance() {
  if (state.glancing) {
    state.again = true;
    return;
  }
  state.glancing = true;
  await question(true);
  state.glancing = false;
  if (state.again) {
    state.again = false;
    glance();
  }
}

function inquire() {
  state.again = false;
  const at = address.written(state.scene.name, state.settings);
  if (location.hash !== at) history.replaceState(null, "", at);
  byId("reset").disabled = !Object.keys(state.settings).length;
  byId("reset").textContent = ["All to rest", countOf(state.settings)].filter(Boolean).join(" · ");
  question(false);
}

async function question(glance) {
  state.since = performance.now();
  state.done = 0;
  state.brakes = [];
  byId("answer").classList.add("waiting");
  byId("answer").setAttribute("aria-busy", "true");
  progress();
  const whole = await ask({ scenario: state.scene.name, settings: state.settings, glance }, heard);
  if (whole && state.answer?.finest && !state.brakes.length) cards.brakes([], "No brake holds here that could be lifted.");
}

const heard = (piece) => ({ asked, answer, brake, failed, superseded: () => {} })[piece.kind](piece);

function asked(piece) {
  trouble(state.notice);
  state.asked = piece;
  state.of = Object.keys(piece.commands).length;
  byId("status").textContent = "Running";
}

function answer(piece) {
  const scene = state.scene, untouched = !Object.keys(state.settings).length;
  state.answer = { ...piece, title: untouched ? scene.title : "This what-if" };
  state.done = Object.keys(state.asked.commands).indexOf(String(piece.members)) + 1;
  byId("answer").classList.remove("waiting");
  byId("answer").setAttribute("aria-busy", String(!piece.finest));
  byId("sentence").textContent = piece.sentences[0];
  byId("more").textContent = [...piece.sentences.slice(1), piece.counterfactual ? "Counterfactual: this changes the record." : ""].join(" ");
  byId("command").textContent = state.asked.commands[piece.members];
  const more = piece.glance ? "; let go for a finer answer" : piece.finest ? "" : "; more follow";
  byId("status").textContent = piece.how ?? `${whole(piece.members)} runs, exact, in ${piece.seconds.toFixed(1)} s by ${ENGINES[piece.engine] ?? piece.engine}${more}`;
  if (piece.finest) byId("live").textContent = `${piece.sentences[0]} ${whole(piece.members)} runs.`;
  show();
  progress();
}

function show() {
  const { scene, answer: told } = state;
  figures(byId("figures"), scene, told);
  draw();
  cards.war(scene, told);
  cards.pillars(scene, told);
  cards.pairs(scene, told);
  cards.map(scene, told);
  cards.brakes(state.brakes, told.finest && !told.stored ? "Weighing the brakes, one after the other." : "", told.stored);
}

function draw() {
  if (!state.answer) return;
  fan(byId("fan"), byId("fan-caption"), state.scene, state.settings, state.answer);
  difference(byId("difference"), byId("difference-caption"), state.scene, state.answer);
}

function brake(piece) {
  state.brakes.push(piece);
  const last = piece.number === piece.of;
  cards.brakes(state.brakes, last ? "" : `Lifting one after the other: ${piece.number} of ${piece.of}.`, state.answer?.stored);
}

function failed(piece) {
  trouble(piece.error);
  byId("answer").classList.remove("waiting");
  byId("answer").setAttribute("aria-busy", "false");
  byId("status").textContent = "No answer to this setting";
  state.done = state.of;
  progress();
}

// Shown for what takes more than a second, as answers of those to come.
function progress() {
  const bar = byId("progress"), busy = () => state.done < state.of;
  bar.value = state.done / state.of;
  if (!busy()) bar.hidden = true;
  else setTimeout(() => (bar.hidden = !busy() || performance.now() - state.since < PATIENCE), PATIENCE + 20);
}

async function confirmed(button, done) {
  const before = button.dataset.label ?? button.textContent;
  button.dataset.label = before;
  button.textContent = done ? "Copied" : "Select and copy below";
  byId("live").textContent = button.textContent;
  setTimeout(() => (button.textContent = before), 1600);
}

function source() {
  const scene = state.scene, notes = ["fan-caption", "difference-caption", "more", "footnotes"].map((id) => byId(id).textContent);
  return [...notes, `detente · ${scene.theatre} · ${byId("status").textContent} · ${byId("command").textContent}`].filter(Boolean);
}

function pictured() {
  const charts = ["fan", "difference"].map((id) => byId(id).querySelector("svg"));
  return picture(state.answer.sentences[0], charts, source());
}

function wire() {
  byId("scenario").addEventListener("change", (event) => choose(event.target.value));
  byId("reset").addEventListener("click", () => {
    const keys = Object.keys(state.settings);
    for (const key of keys) delete state.settings[key];
    for (const key of keys) state.panel.show(key, undefined);
    inquire();
  });
  const on = (id, act) => byId(id).addEventListener("click", (event) => state.answer && act(event.currentTarget));
  on("copy-command", async (button) => confirmed(button, await copied(byId("command").textContent)));
  on("copy-link", async (button) => confirmed(button, await copied(location.href)));
  on("save-scenario", () => save("what_if.yaml", state.asked.file, "application/yaml"));
  on("save-svg", () => save("what_if.svg", pictured().text, "image/svg+xml"));
  on("save-png", async () => save("what_if.png", await asPng(pictured())));
  on("save-csv", () => save("what_if.csv", csv(state.scene.dates, state.answer), "text/csv"));
  new ResizeObserver(draw).observe(byId("fan"));
  window.addEventListener("hashchange", () => {
    const { scenario, settings } = address.read(location.hash);
    if (scenario) choose(scenario, settings);
  });
}

async function begin() {
  wire();
  try {
    const { scenarios, first } = await told("scenarios");
    byId("scenario").replaceChildren(...scenarios.map((one) => html("option", { value: one.name, title: one.question }, one.title)));
    const wanted = address.read(location.hash);
    const known = scenarios.some((one) => one.name === wanted.scenario);
    await choose(known ? wanted.scenario : first, known ? wanted.settings : {});
  } catch (error) {
    trouble(`The page cannot begin: ${error.message}`);
  }
}

begin();
