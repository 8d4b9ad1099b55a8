// Holds what clients sent and were told against the stored messages and turns.
import { type Finding, finding } from './findings.ts';
import type { Sent } from './record.ts';
import { askedBy, scriptedReply, tagIn } from './scripted-reply.ts';
import type { StoredSession } from './stored.ts';
import { isEvent, type Message, type Turn } from './wire.ts';

export function checkMessages(sent: readonly Sent[], stored: readonly StoredSession[]): Finding[] {
  const found = {
    lost: finding('user messages accepted and not found'),
    doubled: finding('user messages doubled'),
    disorder: finding('messages out of order'),
    repliesLost: finding('replies lost'),
    repliesDoubled: finding('replies doubled'),
    repliesMixed: finding('replies mixed up, or not what the model said'),
  };
  for (const session of stored) {
    const mine = sent.filter(({ sessionId }) => sessionId === session.id);
    checkSent(session, mine, found);
    checkTold(session, mine, found);
    checkReplies(session, found);
    checkRows(session, found);
  }
  return Object.values(found);
}

type Found = { [name in 'lost' | 'doubled' | 'disorder' | Replies]: ReturnType<typeof finding> };
type Replies = 'repliesLost' | 'repliesDoubled' | 'repliesMixed';

const isReply = ({ role }: Message): boolean => role === 'assistant';

/** The tag of a reply is at the beginning of its thought and of its content. */
const replyTag = (reply: Message): string | undefined => askedBy(reply)?.tag;

function checkSent(session: StoredSession, mine: readonly Sent[], found: Found): void {
  const latest = new Map<string, { place: number; tag: string }>();
  for (const { tag, client, accepted, turnIds } of mine) {
    const places = session.history.flatMap((message, place) =>
      !isReply(message) && tagIn(message.content) === tag ? [place] : [],
    );
    const [place] = places;
    if (places.length > 1) found.doubled.add(`${tag} is ${places.length} times in session ${session.id}`);
    if (turnIds.size > 1)
      found.doubled.add(`${tag} of session ${session.id} has the turns ${[...turnIds].join(', ')}`);
    if (place === undefined) {
      if (accepted)
        found.lost.add(`${tag} of session ${session.id}, turn ${[...turnIds].join(', ') || 'unknown'}`);
      continue;
    }
    const before = latest.get(client);
    if (before && before.place > place)
      found.disorder.add(`${tag} stands before ${before.tag} in session ${session.id}`);
    latest.set(client, { place, tag });
  }
}

function checkTold(session: StoredSession, mine: readonly Sent[], found: Found): void {
  for (const { tag, told } of mine) {
    for (const reply of told) {
      const is = session.history.find(({ id }) => id === reply.id);
      const where = `${tag} of session ${session.id} was told the reply ${reply.id}`;
      if (!is) found.repliesLost.add(`${where}; the history has none with this id`);
      else if (is.content !== reply.content || (is.thought ?? '') !== (reply.thought ?? ''))
        found.repliesLost.add(`${where}; the history has another text under this id`);
      const others = told.filter(({ id }) => id !== reply.id);
      if (others.length > 0)
        found.repliesDoubled.add(`${where}, and ${others.map(({ id }) => id).join(', ')}`);
      if (replyTag(reply) !== undefined && replyTag(reply) !== tag)
        found.repliesMixed.add(`${where}, which is for ${replyTag(reply)}`);
    }
  }
}

function checkReplies(session: StoredSession, found: Found): void {
  const seen = new Set<string>();
  for (const { message, replies } of answered(session, found)) {
    const tag = tagIn(message.content);
    const where = `${tag}, message ${message.id} of session ${session.id}`;
    for (const reply of replies) {
      const asked = askedBy(reply);
      const is = `${where}: reply ${reply.id}`;
      if (asked && asked.tag !== tag) found.repliesMixed.add(`${is} is for ${asked.tag}`);
      const step = `${asked?.tag}, step ${asked?.step}`;
      if (asked && seen.has(step)) found.repliesDoubled.add(`${is}: ${step} is there twice`);
      seen.add(step);
    }
    const turn = session.turns.find(({ user_message }) => user_message.id === message.id);
    if (turn) checkTurn(turn, replies, where, found);
  }
}

/** Each message with all that was said behind it. */
function answered({ id, history }: StoredSession, found: Found): { message: Message; replies: Message[] }[] {
  const all: { message: Message; replies: Message[] }[] = [];
  for (const message of history) {
    const last = all.at(-1);
    if (!isReply(message)) all.push({ message, replies: [] });
    else if (last) last.replies.push(message);
    else found.repliesDoubled.add(`reply ${message.id} of session ${id} follows no message`);
  }
  return all;
}

function checkTurn(turn: Turn, replies: readonly Message[], where: string, found: Found): void {
  const last = replies.at(-1);
  const isCut = turn.status === 'cancelled' && last?.metadata.cancelled === 'true';
  if (turn.status === 'completed' && !last)
    found.repliesLost.add(`${where}: completed, and there is no reply`);
  const reply = turn.status === 'completed' || isCut ? last : undefined;
  if (turn.reply?.id !== reply?.id)
    found.repliesMixed.add(
      `${where}: the ${turn.status} turn ${turn.id} tells of reply ${turn.reply?.id}, the history of ${reply?.id}`,
    );
  for (const said of replies)
    if (!isScripted(said, isCut && said === last))
      found.repliesMixed.add(`${where}: the ${turn.status} turn ${turn.id} has ${JSON.stringify(said)}`);
}

/** Whether the model said this when it was asked for what stands at its beginning; `isCut`: or began to. */
function isScripted(said: Message, isCut: boolean): boolean {
  const asked = askedBy(said);
  if (!asked) return false;
  const script = scriptedReply(asked);
  const thought = said.thought ?? '';
  if (thought === script.thought && said.content === script.content) return true;
  return (
    isCut &&
    script.content.startsWith(said.content) &&
    (said.content === '' ? script.thought.startsWith(thought) : thought === script.thought)
  );
}

/** The tables: the history in the order of places, a turn's message at its seq and all that it says at its reply's. */
function checkRows(session: StoredSession, found: Found): void {
  const { id, history, messageRows, turnRows } = session;
  const told = history.map((message) => `${message.id} ${message.content}`);
  const rows = messageRows.filter((row) => !isEvent(row)).map((row) => `${row.id} ${row.content}`);
  if (told.join('\n') !== rows.join('\n'))
    found.disorder.add(`session ${id}: the history is not what the table has`);
  const asked = new Set(turnRows.map(({ seq }) => seq));
  const answered = new Set(turnRows.map(({ reply_seq }) => reply_seq));
  for (const { seq, role, id: messageId } of messageRows) {
    if (!(role === 'user' ? asked : answered).has(seq))
      found.disorder.add(`session ${id}: the ${role} message ${messageId} at ${seq} has no turn there`);
  }
}
