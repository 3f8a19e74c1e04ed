// What a reader takes away: text to the clipboard, files made in the browser.
const LOOK = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "stroke-linejoin", "font-size", "font-weight", "font-family", "text-anchor", "visibility", "paint-order"];
const SVG = "http://www.w3.org/2000/svg";
const SHARP = 2;

export async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

export function save(name, content, type) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

// One picture of title, charts and note, with every colour written down.
export function picture(title, charts, note) {
  const wide = Math.max(...charts.map((chart) => Number(chart.getAttribute("width")))), out = document.createElementNS(SVG, "svg");
  const style = getComputedStyle(document.body), ground = style.backgroundColor, lines = [...wrapped(title, wide / 8.6), ""];
  let top = 14;
  const text = (words, size, weight, colour) => {
    top += size * 1.3;
    const found = document.createElementNS(SVG, "text");
    for (const [key, value] of Object.entries({ x: 12, y: top, "font-size": size, "font-weight": weight, fill: colour, "font-family": style.fontFamily })) found.setAttribute(key, value);
    found.textContent = words;
    out.append(found);
  };
  const back = document.createElementNS(SVG, "rect");
  out.append(back);
  for (const line of lines.slice(0, -1)) text(line, 17, 650, style.color);
  top += 10;
  for (const chart of charts) {
    const copy = inlined(chart);
    const held = document.createElementNS(SVG, "g");
    held.setAttribute("transform", `translate(12 ${top})`);
    held.append(...copy.childNodes);
    out.append(held);
    top += Number(chart.getAttribute("height")) + 6;
  }
  const grey = getComputedStyle(document.querySelector("footer")).color;
  for (const line of note.flatMap((one) => wrapped(one, wide / 5.6))) text(line, 11, 400, grey);
  const size = { width: wide + 24, height: Math.ceil(top + 14) };
  for (const [key, value] of Object.entries(size)) [out, back].forEach((one) => one.setAttribute(key, value));
  out.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
  back.setAttribute("fill", ground);
  return { text: new XMLSerializer().serializeToString(out), ...size };
}

function wrapped(text, letters) {
  const lines = [""];
  for (const word of text.split(" ")) {
    if (lines.at(-1) && lines.at(-1).length + word.length >= letters) lines.push("");
    lines[lines.length - 1] += (lines.at(-1) ? " " : "") + word;
  }
  return lines;
}

function inlined(svg) {
  const copy = svg.cloneNode(true), from = [...svg.querySelectorAll("*")];
  [...copy.querySelectorAll("*")].forEach((element, k) => {
    const look = getComputedStyle(from[k]);
    for (const name of LOOK) element.setAttribute(name, look.getPropertyValue(name));
    element.removeAttribute("class");
    element.removeAttribute("style");
  });
  copy.querySelectorAll("[fill=transparent]").forEach((one) => one.remove());
  return copy;
}

export async function asPng({ text, width, height }) {
  const image = new Image();
  const source = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  image.src = source;
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: width * SHARP, height: height * SHARP });
  const pen = canvas.getContext("2d");
  pen.scale(SHARP, SHARP);
  pen.drawImage(image, 0, 0);
  URL.revokeObjectURL(source);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

export function csv(dates, answer) {
  const columns = { date: dates.slice(0, answer.fan.yours.median.length) };
  for (const [who, series] of Object.entries(answer.fan)) for (const [band, values] of Object.entries(series)) columns[`${who} ${band}`] = values;
  for (const [part, values] of Object.entries(answer.difference ?? {})) columns[`difference ${part}`] = values;
  const rows = [Object.keys(columns), ...columns.date.map((_, k) => Object.values(columns).map((column) => column[k] ?? ""))];
  return rows.map((row) => row.join(",")).join("\n") + "\n";
}
