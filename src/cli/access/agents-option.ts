// `--agents a,b`: the names of agents.
import { isPlain } from '../../words/access.ts';
import { UsageError } from '../command-shape.ts';

export function agentsIn(text: string | undefined): string[] | undefined {
  const named = text
    ?.split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (named?.length === 0) throw new UsageError('--agents names none.');
  if (named && !named.every(isPlain)) throw new UsageError('--agents must have no control characters.');
  return named;
}
