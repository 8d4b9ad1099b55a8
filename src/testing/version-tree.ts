// What a session with versions has to show, worked out the plain way: sets of places, and looking through all of them.

/** `behind`: the place that it was said behind; of an answer, that of its question. */
type Said = { seq: number; text: string; role: 'user' | 'assistant'; behind: number };
type Turn = { question: number; reply: number };

export function versionTree() {
  const said = new Map<number, Said>();
  const turns: Turn[] = [];
  const behind = new Map<number, number>([[0, -1]]);
  let path = new Set<number>([0]);
  let last = 0;

  const all = () => [...said.values()].sort((a, b) => a.seq - b.seq);
  const chain = (place: number): Set<number> => {
    const places = new Set<number>();
    for (let at = place; at >= 0; at = behind.get(at) ?? -1) places.add(at);
    return places;
  };
  /** The place itself, or where nothing was said there, what it stands behind. */
  const standing = (place: number): number =>
    place <= 0 || said.has(place) ? Math.max(0, place) : standing(behind.get(place) ?? 0);
  const parentOf = ({ seq }: Said): number => standing(behind.get(seq) ?? 0);
  const siblings = (one: Said) => all().filter((other) => parentOf(other) === parentOf(one));
  const shown = () => all().filter(({ seq }) => path.has(seq));

  function begin(question: Said | undefined, text: string, at: number): Turn {
    const [seq, reply] = [last + 1, last + 2];
    last = reply;
    if (!question) {
      said.set(seq, { seq, text, role: 'user', behind: at });
      behind.set(seq, at);
    }
    const turn = { question: question?.seq ?? seq, reply };
    behind.set(reply, turn.question);
    turns.push(turn);
    return turn;
  }

  return {
    turns,
    all,
    shown,
    siblings,
    parentOf: (one: Said): Said | undefined => said.get(parentOf(one)),
    textOf: (place: number): string | undefined => said.get(place)?.text,
    /** The messages before a turn's answer, its question with them. */
    contextOf: ({ question, reply }: Turn): string[] => {
      const places = path.has(reply) ? path : chain(question);
      return all()
        .filter(({ seq }) => seq <= question && places.has(seq))
        .map(({ text }) => text);
    },

    say(text: string): Turn {
      const turn = begin(undefined, text, Math.max(...path));
      path.add(turn.question).add(turn.reply);
      return turn;
    },
    sayBehind(parent: Said | undefined, text: string): Turn {
      const places = chain(parent?.seq ?? 0);
      const turn = begin(undefined, text, parent?.seq ?? 0);
      path = places.add(turn.question).add(turn.reply);
      return turn;
    },
    answerAgain({ question }: Turn): Turn {
      const turn = begin(said.get(question), '', 0);
      path = chain(question).add(turn.reply);
      return turn;
    },
    answered({ question, reply }: Turn, text: string): void {
      said.set(reply, { seq: reply, text, role: 'assistant', behind: question });
    },
    show(one: Said): void {
      let leaf = one;
      for (let next: Said | undefined = one; next; ) {
        leaf = next;
        next = all().findLast((other) => parentOf(other) === leaf.seq);
      }
      path = chain(leaf.role === 'user' ? leaf.seq + 1 : leaf.seq);
    },
    /** Up to and with it, on its version. */
    upTo: (one: Said): string[] => {
      const places = path.has(one.seq) ? path : chain(one.seq);
      return all()
        .filter(({ seq }) => seq <= one.seq && places.has(seq))
        .map(({ text }) => text);
    },
  };
}
