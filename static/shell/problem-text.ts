// One or two sentences about a problem: what happened, and when to try again.
import { isAway, isSignedOut, type Problem } from '../api/problem.ts';
import type { Locale, Say } from '../state/settings.ts';
import { whenAgain } from './time.ts';

/** From here on a time of day says more than a number of seconds. */
const longSeconds = 180;

export function problemText(problem: Problem, t: Say, locale?: Locale): string {
  const { detail, retryAfter } = problem;
  const what = detail || unsaid(problem, t);
  if (retryAfter === null) return what;
  const when = retryAfter > longSeconds ? whenAgain(retryAfter, locale) : null;
  const again = when === null ? t('retryIn', { seconds: retryAfter }) : t('retryAt', { time: when });
  return `${what} ${again}`;
}

function unsaid(problem: Problem, t: Say): string {
  if (isSignedOut(problem)) return t('signedOut');
  return isAway(problem) ? t('unreachable') : t('badAnswer', { status: problem.status });
}
