// The server's call that tells what a session's next message would be answered with.
import { numberOf, record, textOf } from './json.ts';
import { requestJson } from './request.ts';
import { sessionPath } from './sessions.ts';

export type SessionContext = {
  model: string;
  /** Of what would be sent, about. */
  tokens: number;
  /** The most that is sent, where that is known. */
  limit: number | null;
  sent: number;
  leftOut: { byPolicy: number; byModelLimit: number; empty: number };
  policy: { name: string; size: number; head: number; tail: number; limit: number };
  usage: { prompt: number; completion: number; cost: number };
};

/** `model`: one that was chosen; `usage`: also what was used so far, which is nothing otherwise. */
export async function getContext(
  id: string,
  { model, usage = false }: { model?: string | undefined; usage?: boolean },
): Promise<SessionContext> {
  const query = new URLSearchParams({ ...(model ? { model } : {}), ...(usage ? { usage: 'true' } : {}) });
  const told = record(await requestJson(`${sessionPath(id)}/context?${query}`));
  const [leftOut, policy, used] = [told.left_out, told.policy, told.usage].map(record);
  return {
    model: textOf(told.model),
    tokens: numberOf(told.estimated_tokens),
    limit: typeof told.token_limit === 'number' ? told.token_limit : null,
    sent: numberOf(told.sent),
    leftOut: {
      byPolicy: numberOf(leftOut?.by_policy),
      byModelLimit: numberOf(leftOut?.by_model_limit),
      empty: numberOf(leftOut?.empty),
    },
    policy: {
      name: textOf(policy?.name),
      size: numberOf(policy?.buffer_size),
      head: numberOf(policy?.head_size),
      tail: numberOf(policy?.tail_size),
      limit: numberOf(policy?.token_limit),
    },
    usage: {
      prompt: numberOf(used?.prompt_tokens),
      completion: numberOf(used?.completion_tokens),
      cost: numberOf(used?.cost),
    },
  };
}
