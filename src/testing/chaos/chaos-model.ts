// The model server of a run: says what the script says, tells the faults how far it is, and sometimes breaks off.
import { z } from 'zod';
import { choiceChunk, type ModelServer, type ModelStep, startModelServer } from '../model-server.ts';
import { threeStepsMessage } from '../three-steps.ts';
import { reportedPrompt } from './check-limits.ts';
import { createRandom, type Random } from './random.ts';
import type { ChaosRecord } from './record.ts';
import { type Asked, askedIn, lastTagIn, scriptedPieces, tagIn } from './scripted-reply.ts';
import type { Step, Triggers } from './triggers.ts';

const conversation = z.array(z.object({ role: z.string(), content: z.string() }));
type Shown = z.output<typeof conversation>;

export function startChaosModel(parts: {
  record: ChaosRecord;
  triggers: Triggers;
  random: Random;
  cuts: () => boolean;
}): ModelServer {
  const { record, triggers, random, cuts } = parts;
  const asks = new Map<string, number>();
  const model = startModelServer(({ body, headers }) => {
    // What was asked is long, and of no use afterwards.
    model.requests.length = 0;
    const server = (headers.authorization ?? '').replace('Bearer ', '');
    const shown = conversation.parse(body.messages);
    checkShown(shown, record);
    const { tag, step, before } = askedFor(shown);
    const ask = (asks.get(`${tag} ${step}`) ?? 0) + 1;
    asks.set(`${tag} ${step}`, ask);
    const cut = cuts() && random.chance(0.03);
    record.modelCalls.push({ tag, step, ask, before, server, at: Date.now(), cut });
    const ofThree = shown[0]?.content === threeStepsMessage;
    const reach = (place: Step) => triggers.reach(place, server, { tag, step, ask, ofThree });
    reach('request');
    return answer({ tag, step, ask }, cut ? random.float() : undefined, reach);
  });
  return model;
}

/**
 * The turn and the step of it: the first one answers the user's message, a later one is asked behind those before it,
 * with a message that says nothing at the end. `before`: which ask each of those was, from the first that is shown.
 */
function askedFor(messages: Shown): Omit<Asked, 'ask'> & { before: Asked[] } {
  const last = messages.at(-1)?.content ?? '';
  const before = tagIn(last) === undefined ? askedIn(messages.at(-2)?.content ?? '') : [];
  const previous = before.at(-1);
  return previous
    ? { tag: previous.tag, step: previous.step + 1, before }
    : { tag: lastTagIn(last) ?? '', step: 0, before };
}

/** All steps of a reply follow their own message, in order from the first. */
function checkShown(messages: Shown, record: ChaosRecord): void {
  for (const [index, { role, content }] of messages.entries()) {
    const before = messages[index - 1];
    if (content === '' || role === before?.role)
      record.wrongContexts.push(`${role} ${show(content)} was shown, empty or beside another`);
    // What stands before the first message that is shown has no tag.
    if (role !== 'assistant' || before?.role !== 'user' || !tagIn(before.content)) continue;
    const asked = askedIn(content);
    if (asked.length === 0 || asked.some(({ tag }) => tag !== lastTagIn(before.content)))
      record.wrongContexts.push(`${show(content)} was shown as the reply to ${show(before.content)}`);
    if (asked.some(({ step }, at) => step !== at))
      record.wrongContexts.push(
        `the steps ${asked.map(({ step }) => step).join(', ')} were shown as the reply to ${show(before.content)}`,
      );
  }
  const last = messages.at(-1);
  if (last?.role !== 'user') record.wrongContexts.push(`${show(last?.content ?? '')} was shown last`);
}

const usageChunk = {
  object: 'chat.completion.chunk',
  choices: [],
  usage: { prompt_tokens: reportedPrompt, completion_tokens: 7, total_tokens: reportedPrompt + 7 },
};

const show = (text: string): string => JSON.stringify(text.slice(0, 60));

function answer(asked: Asked, cutAt: number | undefined, reach: (step: Step) => void): ModelStep[] {
  const pieces = scriptedPieces(asked);
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
    ...(createRandom(`usage of ${asked.tag}, step ${asked.step}`).chance(0.8) ? [{ chunk: usageChunk }] : []),
    { raw: 'data: [DONE]\n\n' },
    { call: () => reach('end') },
  ];
}
