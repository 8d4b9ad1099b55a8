// The model server of a run: says what the script says, tells the faults how far it is, and sometimes breaks off.
import { choiceChunk, type ModelServer, type ModelStep, startModelServer } from '../model-server.ts';
import { threeStepsMessage } from '../three-steps.ts';
import { reportedPrompt } from './check-limits.ts';
import { askedFor, checkShown, conversation } from './check-shown.ts';
import { createRandom, type Random } from './random.ts';
import type { ChaosRecord } from './record.ts';
import { scriptedCalls } from './scripted-calls.ts';
import { type Asked, scriptedPieces } from './scripted-reply.ts';
import { toolsMessage } from './tools-agent.ts';
import type { Step, Triggers } from './triggers.ts';

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
    const hasTools = shown[0]?.content === toolsMessage;
    return answer({ tag, step, ask }, hasTools, cut ? random.float() : undefined, reach);
  });
  return model;
}

const usageChunk = {
  object: 'chat.completion.chunk',
  choices: [],
  usage: { prompt_tokens: reportedPrompt, completion_tokens: 7, total_tokens: reportedPrompt + 7 },
};

function answer(
  asked: Asked,
  hasTools: boolean,
  cutAt: number | undefined,
  reach: (step: Step) => void,
): ModelStep[] {
  const pieces = scriptedPieces(asked);
  const calls = hasTools ? callSteps(asked) : [];
  const middle = Math.floor(pieces.length / 2);
  const steps = pieces.flatMap(({ kind, text, waitMs }, index): ModelStep[] => [
    ...(waitMs > 0 ? [{ wait: waitMs }] : []),
    kind === 'thought' ? { thought: text } : { text },
    ...(index === 0 ? [{ call: () => reach('first piece') }] : []),
    ...(index === middle ? [{ call: () => reach('middle') }] : []),
  ]);
  steps.push(...calls);
  // Never before the first piece: the server would ask again, as it should.
  if (cutAt !== undefined)
    return [...steps.slice(0, 2 + Math.floor(cutAt * (steps.length - 2))), { cut: true }];
  return [
    ...steps,
    { call: () => reach('last piece') },
    { chunk: choiceChunk({}, calls.length > 0 ? 'tool_calls' : 'stop') },
    ...(createRandom(`usage of ${asked.tag}, step ${asked.step}`).chance(0.8) ? [{ chunk: usageChunk }] : []),
    { raw: 'data: [DONE]\n\n' },
    { call: () => reach('end') },
  ];
}

/** Arguments come in two pieces, as models stream them. */
const callSteps = (asked: Asked): ModelStep[] =>
  scriptedCalls(asked).flatMap(({ id, name, given }, index): ModelStep[] => {
    const text = JSON.stringify(given);
    const piece = (more: object) => ({ chunk: choiceChunk({ tool_calls: [{ index, ...more }] }) });
    return [
      piece({ id, type: 'function', function: { name, arguments: text.slice(0, 9) } }),
      piece({ function: { arguments: text.slice(9) } }),
    ];
  });
