// The names of tools as model servers accept them, and what is meant by the names that models call.

/** What all servers accept; MCP also has dots and slashes. */
const REFUSED = /[^a-zA-Z0-9_-]/g;
const LONGEST = 64;

/** A name as it is accepted. */
export const acceptedName = (name: string): string => name.replace(REFUSED, '_').slice(0, LONGEST) || '_';

export type ToolNames = {
  /** A tool's name as it is sent, also of one that is no longer there. */
  sent(name: string): string;
  /** The name of the tool that a model calls by `name`; what names none stays as it is. */
  meant(name: string): string;
  /** Whether there is a tool that a model calls by `name`. */
  has(name: string): boolean;
};

/** The names of these tools. Where two would be sent alike, the later one gets a number. */
export function createToolNames(tools: readonly { name: string }[]): ToolNames {
  const bySent = new Map<string, string>();
  // What is accepted as it is comes first.
  const ordered = [...tools].sort((a, b) => Number(isChanged(a.name)) - Number(isChanged(b.name)));
  for (const { name } of ordered) {
    const accepted = acceptedName(name);
    let sent = accepted;
    for (let number = 2; bySent.has(sent) && bySent.get(sent) !== name; number += 1)
      sent = `${accepted.slice(0, LONGEST - 4)}_${number}`;
    bySent.set(sent, name);
  }
  const byName = new Map([...bySent].map(([sent, name]) => [name, sent]));
  return {
    sent: (name) => byName.get(name) ?? acceptedName(name),
    meant: (name) => bySent.get(name) ?? name,
    has: (name) => bySent.has(name) || byName.has(name),
  };
}

const isChanged = (name: string): boolean => acceptedName(name) !== name;
