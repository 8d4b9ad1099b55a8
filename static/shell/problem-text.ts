// One or two sentences about a problem: what happened, and when to try again.
import { isAway, type Problem } from '../api/problem.ts';
import type { Say } from '../state/settings.ts';

export function problemText(problem: Problem, t: Say): string {
  const { status, detail, retryAfter } = problem;
  const what = detail || (isAway(problem) ? t('unreachable') : t('badAnswer', { status }));
  return retryAfter === null ? what : `${what} ${t('retryIn', { seconds: retryAfter })}`;
}
