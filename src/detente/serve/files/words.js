// Names where there is little room. What a name ends with in brackets qualifies it, and stays.
const LEAST = 12;

export function qualified(text) {
  const at = text.lastIndexOf(" (");
  return at > 0 && text.endsWith(")") ? [text.slice(0, at), text.slice(at + 1)] : [text, ""];
}

// At most so many letters, cut between words where that can be.
export function cut(text, letters) {
  if (text.length <= letters) return text;
  const [rest, mark] = qualified(text);
  const left = letters - mark.length - 1;
  return mark && left >= LEAST ? `${broken(rest, left)} ${mark}` : broken(text, letters);
}

function broken(text, letters) {
  const start = text.slice(0, letters), at = start.lastIndexOf(" ");
  return `${(at > 0 ? start.slice(0, at) : start.slice(0, -1)).replace(/[ ,;:–-]+$/, "")}…`;
}

// A short name with what qualifies the long one.
export function tagged(short, whole) {
  const [, mark] = qualified(whole);
  return mark && !short.includes(mark) ? `${short} ${mark}` : short;
}

// What the numbers of a setting stand beside.
export const beside = (scene) => (scene.own_base ? "at rest" : `in ${scene.base}`);
