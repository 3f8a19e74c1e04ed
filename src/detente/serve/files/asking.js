// Questions to the server. Only the newest counts: an older one is broken off, and what still comes of it is dropped.
const WINDOW = crypto.randomUUID();
const AGAIN = 300;
let sequence = 0;
let newest = null;

export async function told(path) {
  const answer = await fetch(path);
  const content = await answer.json();
  if (!answer.ok) throw new Error(content.error);
  return content;
}

// each(piece) is called for every piece of the answer; resolves to whether all of it has come and nothing newer is asked.
export async function ask(question, each) {
  newest?.abort();
  const mine = (newest = new AbortController());
  const current = () => newest === mine;
  try {
    await answered(question, mine.signal, (piece) => current() && each(piece));
    return current();
  } catch (error) {
    if (error.name === "AbortError" || !current()) return false;
    const gone = error instanceof TypeError;
    each({ kind: "failed", error: gone ? "The server does not answer. Is detente serve still running?" : error.message });
    return false;
  }
}

async function answered(question, signal, each) {
  const body = JSON.stringify({ ...question, window: WINDOW, sequence: ++sequence });
  const answer = await fetch("answers", { method: "POST", signal, headers: { "content-type": "application/json" }, body });
  if (answer.status === 429) {
    await new Promise((resolve) => setTimeout(resolve, AGAIN));
    return signal.aborted ? undefined : answered(question, signal, each);
  }
  if (!answer.ok) throw new Error((await answer.json()).error);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = ""; ; ) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines) each(JSON.parse(line));
  }
}
