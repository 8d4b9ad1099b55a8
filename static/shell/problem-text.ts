// One or two sentences about a problem: what happened, and when to try again.
import { isAway, isSignedOut, type Problem } from '../api/problem.ts';
import type { Say } from '../state/settings.ts';

export function problemText(problem: Problem, t: Say): string {
  const { detail, retryAfter } = problem;
  const what = detail || unsaid(problem, t);
  return retryAfter === null ? what : `${what} ${t('retryIn', { seconds: retryAfter })}`;
}

function unsaid(problem: Problem, t: Say): string {
  if (isSignedOut(problem)) return t('signedOut');
  return isAway(problem) ? t('unreachable') : t('badAnswer', { status: problem.status });
}
