// The state of the page in its address: scenario, and every lever that is moved.
export function read(text) {
  const entries = [...new URLSearchParams(text.replace(/^#/, ""))];
  const scenario = entries.find(([key]) => key === "scenario")?.[1];
  const settings = {};
  for (const [key, value] of entries.filter(([key]) => key !== "scenario")) settings[key] = valued(value);
  return { scenario, settings };
}

function valued(text) {
  if (text === "on" || text === "off") return text === "on";
  return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}

export function written(scenario, settings) {
  const found = new URLSearchParams({ scenario });
  for (const [key, value] of Object.entries(settings)) found.set(key, value === true ? "on" : value === false ? "off" : String(value));
  return `#${found}`;
}
