// Finds the valid name that somebody who mistyped one most likely meant.
import { distance } from 'fastest-levenshtein';

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[_\s.-]/g, '');
}

/** Whether the longer text is the shorter one with something put in at one place: `max_(completion_)tokens`. */
function isStretched(shorter: string, longer: string): boolean {
  let start = 0;
  while (start < shorter.length && shorter[start] === longer[start]) start += 1;
  return longer.endsWith(shorter.slice(start));
}

/** Small for names that differ in a few characters, or in one part that was left out. */
function difference(name: string, candidate: string): number {
  const [from, to] = [plain(name), plain(candidate)];
  const [shorter, longer] = from.length < to.length ? [from, to] : [to, from];
  const edits = distance(from, to) / Math.max(longer.length, 1);
  return shorter.length > 3 && isStretched(shorter, longer) ? Math.min(edits, 0.3) : edits;
}

/** The candidate nearest to `name`, or undefined when none is near. Case and separators do not count. */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates
    .map((candidate) => ({ candidate, by: difference(name, candidate) }))
    .sort((a, b) => a.by - b.by);
  const best = ranked[0];
  return best && best.by <= 0.4 ? best.candidate : undefined;
}
