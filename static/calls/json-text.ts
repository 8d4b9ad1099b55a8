// JSON as it was written, set out to be read. It is not read and written again: that would change large numbers, and show
// letters that nobody sees as nothing.

/** What turns the direction of the text around it, or has no width at all: shown as what it is. */
const unseen = /[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

const longest = 200_000;

/** With a line for each value. What is no JSON stays as it is. */
export function setOut(json: string): string {
  if (json.length > longest || !isJson(json)) return shown(json);
  let out = '';
  let depth = 0;
  const line = () => `\n${'  '.repeat(depth)}`;
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[[{]\s*[\]}]|[[\]{},:]|[^\s[\]{},:"]+/g)) {
    if (token === '{' || token === '[') {
      depth++;
      out += token + line();
    } else if (token === '}' || token === ']') {
      depth--;
      out += line() + token;
    } else if (token === ',') out += token + line();
    else if (token === ':') out += ': ';
    else out += /^[[{]/.test(token) ? token.replace(/\s+/g, '') : token;
  }
  return shown(out);
}

export const shown = (text: string): string =>
  text.replace(unseen, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Whether it can be shown in fields, and be sent from there, as it is. */
export const isPlain = (json: string): boolean => json.search(unseen) < 0 && inexactNumber(json) === null;

/** A number in it that is another one once it is read. */
export function inexactNumber(json: string): string | null {
  const outside = json.replace(/"(?:[^"\\]|\\.)*"/g, '""');
  for (const [number] of outside.matchAll(/-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g)) {
    const isWhole = /^-?\d+$/.test(number);
    if (isWhole ? !Number.isSafeInteger(Number(number)) : !Number.isFinite(Number(number))) return number;
  }
  return null;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** In a few words what a call is given: its values, one after the other. */
export function inShort(json: string): string {
  let values: unknown;
  try {
    values = JSON.parse(json);
  } catch {
    return '';
  }
  if (typeof values !== 'object' || values === null) return '';
  const texts = Object.values(values).map((value) =>
    typeof value === 'string' ? value : JSON.stringify(value),
  );
  return shown(texts.join(', ').replace(/\s+/g, ' ').slice(0, 120));
}
