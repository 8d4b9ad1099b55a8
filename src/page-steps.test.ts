// The page's reply while a turn of several steps is told: what is settled stays, and what is void goes.
import { expect, test } from 'bun:test';
import { turnEvent } from '../static/api/turn-events.ts';
import { createReply, replyWriter, settleReply } from '../static/state/reply.ts';

const turn_id = 'turn';

/** A reply, and what takes events into it as they are on the wire. */
function followed() {
  const reply = createReply(null);
  const write = replyWriter(reply, null);
  const tell = (name: string, data: object) => {
    const event = turnEvent(name, JSON.stringify(data));
    if (!event) throw new Error(`${name} means nothing`);
    write(event);
  };
  return {
    reply,
    piece: (content: string) => tell('ModelClientStreamingChunkEvent', { content }),
    thinks: (content: string) => tell('ThoughtStreamingChunkEvent', { content }),
    settles: (id: string, content: string, thought?: string) =>
      tell('TextMessage', { id, role: 'assistant', content, thought }),
    restarts: (data: object) => tell('restart', { turn_id, attempt: 2, ...data }),
    shown: () => [reply.thought.text(), reply.text.text()],
  };
}

test('a restart takes back its step, and leaves what the steps before it said', () => {
  const { reply, piece, thinks, settles, restarts, shown } = followed();
  piece('a pl');
  restarts({ step: 1 });
  expect(shown()).toEqual(['', '']);
  expect(reply.hasText.value).toBe(false);
  thinks('hm');
  piece('a plan');
  settles('1', 'a plan', 'hm');
  piece('the work');
  settles('2', 'the work');
  thinks('so');
  piece('void');
  expect(shown()).toEqual(['hm\n\nso', 'a plan\n\nthe work\n\nvoid']);
  restarts({ step: 3 });
  expect(shown()).toEqual(['hm', 'a plan\n\nthe work']);
  expect(reply.trouble.value).toBe('restarted');
  expect(reply.hasText.value).toBe(true);
  piece('an ');
  piece('answer');
  expect(shown()).toEqual(['hm\n\n', 'a plan\n\nthe work\n\nan answer']);
  restarts({ step: 2 });
  expect(shown()).toEqual(['hm', 'a plan']);
  expect(reply.message.value?.id).toBe('1');
  // All of it, which is also what one says that names no step.
  restarts({});
  expect(shown()).toEqual(['', '']);
  expect(reply.message.value).toBeNull();
});

test('a step that is told twice is shown once, and one that ends the turn is the reply', () => {
  const { reply, piece, settles, shown } = followed();
  piece('a plan');
  settles('1', 'a plan');
  settles('1', 'a plan');
  expect(shown()).toEqual(['', 'a plan']);
  piece('an answer');
  settles('2', 'an answer');
  expect(shown()).toEqual(['', 'a plan\n\nan answer']);
  if (reply.message.value) settleReply(reply, reply.message.value);
  expect(shown()).toEqual(['', 'an answer']);
});
