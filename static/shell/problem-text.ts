// One or two sentences about a problem: what happened, and when to try again.
import type { Problem } from '../api/problem.ts';
import type { Say } from '../state/settings.ts';

export function problemText({ status, detail, retryAfter }: Problem, t: Say): string {
  const what = detail || (status === 0 ? t('unreachable') : t('badAnswer', { status }));
  return retryAfter === null ? what : `${what} ${t('retryIn', { seconds: retryAfter })}`;
}
