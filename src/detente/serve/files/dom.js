// Elements, made without ever reading text as markup.
const SVG = "http://www.w3.org/2000/svg";

export const byId = (id) => document.getElementById(id);

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name.startsWith("--")) element.style.setProperty(name, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export const html = (tag, attributes, ...children) => filled(document.createElement(tag), attributes, children);

export const drawn = (tag, attributes, ...children) => filled(document.createElementNS(SVG, tag), attributes, children);

// A table: head cells, rows of cells; a cell is text, or {text, class, node}. The first cell of a row names it.
export function table(caption, head, rows, kind) {
  const cell = (tag, given, more) => {
    const told = typeof given === "object" && given !== null ? given : { text: given };
    return html(tag, { class: told.class, ...more }, told.node ?? told.text ?? "");
  };
  return html("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": caption },
    html("table", { class: kind },
      html("caption", {}, caption),
      html("thead", {}, html("tr", {}, ...head.map((text) => cell("th", text, { scope: "col" })))),
      html("tbody", {}, ...rows.map(([first, ...rest]) =>
        html("tr", {}, cell("th", first, { scope: "row" }), ...rest.map((one) => cell("td", one))))),
    ));
}

export const meter = (shares) => html("span", { class: shares.length > 1 ? "meter" : "meter one", "aria-hidden": "true" },
  ...shares.map(([share, name]) => html("i", { class: name, "--share": String(Math.max(0, Math.min(1, share))) })));
