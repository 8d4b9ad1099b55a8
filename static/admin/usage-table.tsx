// Usage in numbers, a row for each day, model, agent or owner, and all together below.
import { dayText, money, number } from '../usage/numbers.ts';
import { useAdmin } from './admin-context.ts';
import type { UsageBy } from './calls.ts';
import { type Measure, measured, sum } from './measure.ts';
import { Table } from './table.tsx';
import type { UsageRow } from './wire.ts';

export type UsageTableProps = { rows: readonly UsageRow[]; by: UsageBy; measure: Measure };

export function UsageTable({ rows, by, measure }: UsageTableProps) {
  const { say, settings } = useAdmin();
  const locale = settings.locale.value;
  const most = Math.max(...rows.map((row) => measured(row, measure)), 0) || 1;
  const sorted = [...rows].sort((a, b) =>
    by === 'day' ? b.name.localeCompare(a.name) : measured(b, measure) - measured(a, measure),
  );
  const cells = (row: UsageRow, name: string, hasBar: boolean) => [
    hasBar ? (
      <span key="name" class="with-bar">
        <bdi>{name}</bdi>
        <progress aria-hidden="true" max={most} value={measured(row, measure)} />
      </span>
    ) : (
      <bdi key="name">{name}</bdi>
    ),
    <span key="turns">
      {number(row.turns, locale)}
      {row.estimatedTurns > 0 && (
        <span class="soft"> {say('estimated', { count: number(row.estimatedTurns, locale) })}</span>
      )}
    </span>,
    number(row.promptTokens, locale),
    number(row.completionTokens, locale),
    money(row.cost, locale),
  ];
  return (
    <Table
      label={say('usage')}
      columns={[
        { name: say(by), kind: 'main' },
        { name: say('turns'), kind: 'number' },
        { name: say('prompt'), kind: 'number' },
        { name: say('completion'), kind: 'number' },
        { name: say('cost'), kind: 'number' },
      ]}
      rows={sorted.map((row) => ({
        id: row.name,
        cells: cells(row, by === 'day' ? dayText(row.name, locale, 'long') : row.name, by !== 'day'),
      }))}
      foot={cells(sum(rows), say('total'), false)}
    />
  );
}
