// Whether what was answered is what was stored, and what is shown.
import { z } from 'zod';
import { type ClosedResult, sessionId } from './processes/protocol.ts';
import { checkSql, type Seed } from './seed.ts';
import { onDatabase } from './stand.ts';

/** Faults in the answers of `who` and in what it stored in the sessions of `seed`. */
export async function checkTurns(
  who: string,
  url: string,
  seed: Seed,
  results: ClosedResult[],
): Promise<string[]> {
  const [stored] = await onDatabase(url, (client) => client.unsafe(checkSql(seed, 'repeats the tag')));
  return turnFaults(who, stored, results);
}

/** The same, of what `checkSql` gave. */
export function turnFaults(
  who: string,
  stored: Record<string, unknown> | undefined,
  results: ClosedResult[],
): string[] {
  const answered = results.reduce((sum, result) => sum + result.answered, 0);
  return [
    ...wrongAnswers(who, results),
    ...(stored?.turns === answered
      ? []
      : [`${who}: ${answered} turns were answered, ${stored?.turns} are stored`]),
    ...(stored?.faults === 0 ? [] : [`${who}: ${stored?.faults} stored turns or sessions are not whole`]),
  ];
}

/** The wrong answers among these, as faults. */
export function wrongAnswers(who: string, results: ClosedResult[]): string[] {
  return results
    .filter(({ wrong }) => wrong > 0)
    .map(
      ({ wrong, answered, firstWrong }) =>
        `${who}: ${wrong} of ${answered} answers were wrong, the first: ${firstWrong}`,
    );
}

const shown = z.array(
  z.object({ id: z.string(), source: z.enum(['user', 'assistant']), content: z.string() }),
);

/** Faults in the history that a server shows of some sessions: questions and their own replies, in turn. */
export async function checkHistory(url: string, seed: Seed, sample = 20): Promise<string[]> {
  const faults: string[] = [];
  for (let index = 0; index < sample; index++) {
    const id = sessionId(seed.set, Math.floor((index * seed.sessions) / sample));
    const response = await fetch(
      `${url}/api/sessions/${id}/history?limit=100&offset=${Math.max(0, seed.messages - 2)}`,
    );
    const messages = shown.parse(await response.json());
    const right = messages.every(({ source, content }, at) => {
      if (source !== (at % 2 === 0 ? 'user' : 'assistant')) return false;
      const tag = /^#\w+/.exec(messages[at - 1]?.content ?? '')?.[0];
      return source === 'user' || tag === undefined || content.includes(tag);
    });
    if (!right || messages.length < Math.min(2, seed.messages))
      faults.push(`the history of session ${id} is not whole`);
  }
  return faults;
}
