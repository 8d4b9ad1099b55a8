// The model server of a run: says what the script says, tells the faults how far it is, and sometimes breaks off.
import { z } from 'zod';
import { choiceChunk, type ModelServer, type ModelStep, startModelServer } from '../model-server.ts';
import type { Random } from './random.ts';
import type { ChaosRecord } from './record.ts';
import { lastTagIn, scriptedPieces, tagIn } from './scripted-reply.ts';
import type { Triggers } from './triggers.ts';

const conversation = z.array(z.object({ role: z.string(), content: z.string() }));

export function startChaosModel(parts: {
  record: ChaosRecord;
  triggers: Triggers;
  random: Random;
  cuts: () => boolean;
}): ModelServer {
  const { record, triggers, random, cuts } = parts;
  const model = startModelServer(({ body, headers }) => {
    // What was asked is long, and of no use afterwards.
    model.requests.length = 0;
    const server = (headers.authorization ?? '').replace('Bearer ', '');
    const tag = askedFor(conversation.parse(body.messages), record);
    const cut = cuts() && random.chance(0.03);
    record.modelCalls.push({ tag, server, at: Date.now(), cut });
    triggers.reach('request', server);
    return answer(tag, cut ? random.float() : undefined, (step) => triggers.reach(step, server));
  });
  return model;
}

/** The tag of the last message, which is the user's. Every reply before it must follow its own message. */
function askedFor(messages: z.output<typeof conversation>, record: ChaosRecord): string {
  for (const [index, { role, content }] of messages.entries()) {
    const before = messages[index - 1];
    // What stands before the first message that is shown has no tag.
    if (role !== 'assistant' || before?.role !== 'user' || !tagIn(before.content)) continue;
    if (tagIn(content) !== lastTagIn(before.content))
      record.wrongContexts.push(`${show(content)} was shown as the reply to ${show(before.content)}`);
  }
  for (const [index, { role, content }] of messages.entries())
    if (content === '' || role === messages[index - 1]?.role)
      record.wrongContexts.push(`${role} ${show(content)} was shown, empty or beside another`);
  const last = messages.at(-1);
  if (last?.role !== 'user') record.wrongContexts.push(`${show(last?.content ?? '')} was shown last`);
  return lastTagIn(last?.content ?? '') ?? '';
}

const show = (text: string): string => JSON.stringify(text.slice(0, 60));

function answer(
  tag: string,
  cutAt: number | undefined,
  reach: (step: 'first piece' | 'middle' | 'last piece' | 'end') => void,
): ModelStep[] {
  const pieces = scriptedPieces(tag);
  const middle = Math.floor(pieces.length / 2);
  const steps = pieces.flatMap(({ kind, text, waitMs }, index): ModelStep[] => [
    ...(waitMs > 0 ? [{ wait: waitMs }] : []),
    kind === 'thought' ? { thought: text } : { text },
    ...(index === 0 ? [{ call: () => reach('first piece') }] : []),
    ...(index === middle ? [{ call: () => reach('middle') }] : []),
  ]);
  // Never before the first piece: the server would ask again, as it should.
  if (cutAt !== undefined)
    return [...steps.slice(0, 2 + Math.floor(cutAt * (steps.length - 2))), { cut: true }];
  return [
    ...steps,
    { call: () => reach('last piece') },
    { chunk: choiceChunk({}, 'stop') },
    { raw: 'data: [DONE]\n\n' },
    { call: () => reach('end') },
  ];
}
