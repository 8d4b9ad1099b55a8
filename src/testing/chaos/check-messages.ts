// Holds what clients sent and were told against the stored messages and turns.
import { type Finding, finding } from './findings.ts';
import type { Sent } from './record.ts';
import { scriptedReply, tagIn } from './scripted-reply.ts';
import type { StoredSession } from './stored.ts';
import type { Message, Turn } from './wire.ts';

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

const isReply = (message: Message): boolean => message.source === 'assistant';

/** The tag of a reply is at the beginning of its thought and of its content. */
const replyTag = ({ thought, content }: Message): string | undefined =>
  tagIn(content) ?? tagIn(thought ?? '');

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
  for (const [place, message] of session.history.entries()) {
    const where = `${tagIn(message.content)}, message ${message.id} of session ${session.id}`;
    if (isReply(message)) {
      const tag = replyTag(message);
      const before = session.history[place - 1];
      if (!before || isReply(before)) found.repliesDoubled.add(`${where} follows another reply`);
      else if (tag !== undefined && tagIn(before.content) !== tag)
        found.repliesMixed.add(`${where} follows ${tagIn(before.content)}`);
      if (tag !== undefined && seen.has(tag)) found.repliesDoubled.add(`${where}: there are two`);
      if (tag !== undefined) seen.add(tag);
      continue;
    }
    const turn = session.turns.find(({ user_message }) => user_message.id === message.id);
    const next = session.history[place + 1];
    const reply = next && isReply(next) ? next : undefined;
    if (turn) checkReply(turn, reply, where, found);
  }
}

function checkReply(turn: Turn, reply: Message | undefined, where: string, found: Found): void {
  const tag = tagIn(turn.user_message.content) ?? '';
  if (!reply) {
    if (turn.status === 'completed') found.repliesLost.add(`${where}: completed, and there is no reply`);
    return;
  }
  if (turn.reply?.id !== reply.id)
    found.repliesMixed.add(
      `${where}: the turn ${turn.id} tells of reply ${turn.reply?.id}, the history of ${reply.id}`,
    );
  const script = scriptedReply(tag);
  const thought = reply.thought ?? '';
  const whole = thought === script.thought && reply.content === script.content;
  const part =
    script.content.startsWith(reply.content) &&
    (reply.content === '' ? script.thought.startsWith(thought) : thought === script.thought);
  const right = turn.status === 'completed' ? whole : turn.status === 'cancelled' && part;
  if (!right)
    found.repliesMixed.add(`${where}: the ${turn.status} turn ${turn.id} has ${JSON.stringify(reply)}`);
}

/** The tables: the history in the order of `seq`, a turn's message at its seq and its reply right behind. */
function checkRows(session: StoredSession, found: Found): void {
  const { id, history, messageRows, turnRows } = session;
  const told = history.map((message) => `${message.id} ${message.content}`);
  const rows = messageRows.map((row) => `${row.id} ${row.content}`);
  if (told.join('\n') !== rows.join('\n'))
    found.disorder.add(`session ${id}: the history is not what the table has`);
  const turnSeqs = new Set(turnRows.map(({ seq }) => seq));
  for (const { seq, role, id: messageId } of messageRows) {
    if (!turnSeqs.has(role === 'user' ? seq : seq - 1))
      found.disorder.add(`session ${id}: the ${role} message ${messageId} at ${seq} has no turn there`);
  }
}
