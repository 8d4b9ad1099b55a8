// What of the usage is looked at.
import type { Locale } from '../state/settings.ts';
import { money, number, shortNumber } from '../usage/numbers.ts';
import type { UsageRow } from './wire.ts';

export const measures = ['tokens', 'turns', 'cost'] as const;
export type Measure = (typeof measures)[number];

export function measured(row: UsageRow, measure: Measure): number {
  if (measure === 'tokens') return row.promptTokens + row.completionTokens;
  return row[measure];
}

export function measureText(value: number, measure: Measure, locale: Locale, isShort = false): string {
  if (measure === 'cost') return money(value, locale);
  return isShort ? shortNumber(value, locale) : number(value, locale);
}

export const unused = (name: string): UsageRow => ({
  name,
  turns: 0,
  promptTokens: 0,
  completionTokens: 0,
  estimatedTurns: 0,
  cost: 0,
});

export const sum = (rows: readonly UsageRow[]): UsageRow =>
  rows.reduce(
    (all, row) => ({
      name: '',
      turns: all.turns + row.turns,
      promptTokens: all.promptTokens + row.promptTokens,
      completionTokens: all.completionTokens + row.completionTokens,
      estimatedTurns: all.estimatedTurns + row.estimatedTurns,
      cost: all.cost + row.cost,
    }),
    unused(''),
  );
