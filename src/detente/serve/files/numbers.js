// How numbers are written: a true minus, groups of three, as many digits as an interval allows.
const MINUS = "\u2212", GROUP = "\u00a0";
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

export function fixed(number, digits = 1) {
  const [whole, part] = Math.abs(number).toFixed(digits).split(".");
  const text = whole.replace(/\B(?=(\d{3})+$)/g, GROUP) + (part ? `.${part}` : "");
  return number < 0 && Number(number.toFixed(digits)) ? MINUS + text : text;
}

export const signed = (number, digits = 1) => (Number(number.toFixed(digits)) > 0 ? "+" : "") + fixed(number, digits);

export function digitsFor(halfWidth, most = 3) {
  if (!(halfWidth > 0) || !Number.isFinite(halfWidth)) return 1;
  return Math.min(most, Math.max(1, Math.ceil(-Math.log10(2 * halfWidth))));
}

export const whole = (number) => fixed(number, 0);

export const interval = (low, high, digits) =>
  low === null ? "" : `[${signed(low, digits)},${GROUP}${signed(high, digits)}]`;

export const percent = (share) => (100 * share).toFixed(share >= 0.01 ? 1 : 2);

export function in100(share, of) {
  if (of < 100) return `${Math.round(share * of)} of ${of}`;
  if (share >= 1) return "100 in 100";
  if (share < 0.005) return "under 1 in 100";
  return share >= 0.995 ? "over 99 in 100" : `${Math.floor(Number((share * 100).toFixed(9)) + 0.5)} in 100`;
}

export const month = (iso) => `${MONTHS[Number(iso.slice(5, 7)) - 1]} ${iso.slice(0, 4)}`;

export const day = (iso) => `${Number(iso.slice(8, 10))} ${month(iso)}`;

// Three digits that mean something.
export function compact(number) {
  if (!number) return "0";
  const digits = Math.min(6, Math.max(0, 2 - Math.floor(Math.log10(Math.abs(number)))));
  const text = fixed(number, digits);
  return text.includes(".") ? text.replace(/0+$/, "").replace(/\.$/, "") : text;
}

const UNITS = {
  persons: (value) => whole(value),
  share: (value) => (value < 0 ? compact(value) : `${compact(value * 100)} in 100`),
  "1/week": (value) => `${compact(value * 100)} in 100 a week`,
  "×": (value) => `× ${fixed(value, 2)}`,
};

export const withUnit = (value, unit) => (UNITS[unit] ?? ((one) => `${compact(one)} ${unit === "1" ? "" : unit}`.trim()))(value);
