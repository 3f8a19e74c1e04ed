// Levers as controls: sliders, switches, lists. A lever that rests is not part of the settings.
import { html } from "./dom.js";
import { day, whole, withUnit } from "./numbers.js";

const DAY = 86400000;

const dated = (lever, days) => new Date(Date.parse(lever.origin) + days * DAY).toISOString().slice(0, 10);
const daysOf = (lever, iso) => Math.round((Date.parse(iso) - Date.parse(lever.origin)) / DAY);

export const told = (lever, value) => {
  if (lever.kind === "date") return day(value);
  if (lever.kind === "choice") return lever.options.find((option) => option.value === value)?.label ?? value;
  if (lever.kind === "switch") return value ? "on" : "off";
  return withUnit(value, lever.unit);
};

// Whether a value, of the address bar for one, can be a setting of a lever.
export function possible(lever, value) {
  if (lever.kind === "switch") return typeof value === "boolean";
  if (lever.kind === "choice") return lever.options.some((option) => option.value === value);
  if (lever.kind === "date") {
    const days = /^\d{4}-\d\d-\d\d$/.test(value) ? daysOf(lever, value) : NaN;
    return days >= lever.low && days <= lever.high;
  }
  return Number.isFinite(value) && value >= lever.low && value <= lever.high;
}

// moved(key, value, done): value undefined where the lever went back to rest; done false while it is still on the move.
export function controls(groups, settings, moved) {
  const byKey = new Map();
  const parts = groups.map((group, number) => {
    const count = html("span", { class: "count" });
    const made = group.levers.map((lever) => {
      const control = (lever.kind === "switch" ? aSwitch : lever.kind === "choice" ? aList : aSlider)(lever, moved);
      byKey.set(lever.key, control);
      control.show(settings[lever.key]);
      return control.element;
    });
    const counted = () => {
      const off = group.levers.filter((lever) => lever.key in settings).length;
      count.textContent = off ? `${off} moved` : String(group.levers.length);
      count.classList.toggle("moved", off > 0);
    };
    counted();
    const open = number === 0 || group.levers.some((lever) => lever.key in settings);
    return { counted, element: html("details", { class: "group", open }, html("summary", {}, group.title, count), ...made) };
  });
  return {
    elements: parts.map((part) => part.element),
    show(key, value) {
      byKey.get(key).show(value);
      for (const part of parts) part.counted();
    },
    counted: () => parts.forEach((part) => part.counted()),
  };
}

const toRest = (lever, moved) =>
  html("button", { class: "rest", type: "button", title: `Back to ${told(lever, lever.value)}`,
    "aria-label": `${lever.label}: back to rest, ${told(lever, lever.value)}`, onclick: () => moved(lever.key, undefined, true) }, "↺");

const named = (lever) => html("span", { class: "name" }, lever.label, lever.hint ? html("span", { class: "hint", title: lever.hint }, lever.hint) : null);

function aSlider(lever, moved) {
  const dates = lever.kind === "date";
  const place = (value) => (dates ? daysOf(lever, value) : value);
  const share = (value) => (place(value) - lever.low) / (lever.high - lever.low || 1);
  const output = html("output", {});
  const id = `lever-${lever.key}`;
  const value = () => (dates ? dated(lever, Number(input.value)) : Number(input.value));
  const put = (done) => moved(lever.key, value() === lever.value ? undefined : value(), done);
  const input = html("input", { type: "range", id, min: lever.low, max: lever.high, step: lever.step,
    oninput: () => put(false), onchange: () => put(true) });
  const element = html("div", { class: "lever" },
    html("div", { class: "top" }, html("label", { class: "name", for: id }, named(lever)), output, toRest(lever, moved)),
    html("div", { class: "slide", "--rest": String(share(lever.value)) }, input));
  return {
    element,
    show(setting) {
      const at = setting ?? lever.value;
      input.value = place(at);
      output.textContent = told(lever, at);
      input.setAttribute("aria-valuetext", setting === undefined ? `${told(lever, at)}, at rest` : `${told(lever, at)}, at rest ${told(lever, lever.value)}`);
      input.style.setProperty("--from", String(Math.min(share(at), share(lever.value))));
      input.style.setProperty("--to", String(Math.max(share(at), share(lever.value))));
      element.classList.toggle("moved", setting !== undefined);
    },
  };
}

function aSwitch(lever, moved) {
  const input = html("input", { type: "checkbox", onchange: () => moved(lever.key, input.checked === lever.value ? undefined : input.checked, true) });
  const state = html("span", { class: "state", "aria-hidden": "true" });
  const element = html("div", { class: "lever switch" }, html("label", {}, input, named(lever)), state);
  return {
    element,
    show(setting) {
      input.checked = setting ?? lever.value;
      state.textContent = told(lever, input.checked);
      element.classList.toggle("moved", setting !== undefined);
    },
  };
}

function aList(lever, moved) {
  const id = `lever-${lever.key}`;
  const list = html("select", { id, onchange: () => moved(lever.key, list.value === lever.value ? undefined : list.value, true) },
    ...lever.options.map((option) => html("option", { value: option.value }, option.label)));
  const element = html("div", { class: "lever" },
    html("div", { class: "top" }, html("label", { class: "name", for: id }, named(lever)), toRest(lever, moved)), list);
  return {
    element,
    show(setting) {
      list.value = setting ?? lever.value;
      element.classList.toggle("moved", setting !== undefined);
    },
  };
}

export const countOf = (settings) => {
  const count = Object.keys(settings).length;
  return count ? `${whole(count)} moved` : "";
};
