// Usage by day as bars. The table below has the same in numbers, so to who does not see it, it is one picture.

import { dayText } from '../usage/numbers.ts';
import { useAdmin } from './admin-context.ts';
import { type Measure, measured, measureText } from './measure.ts';
import type { UsageRow } from './wire.ts';

const size = { width: 720, height: 200, top: 10, bottom: 24, left: 56, right: 6 };
const lines = 4;

export function DayChart({ rows, measure }: { rows: readonly UsageRow[]; measure: Measure }) {
  const { say, settings } = useAdmin();
  const locale = settings.locale.value;
  const most = Math.max(...rows.map((row) => measured(row, measure)), 0);
  const top = roundedUp(most, measure === 'cost' ? 0.0001 : 1);
  const height = size.height - size.top - size.bottom;
  const step = (size.width - size.left - size.right) / Math.max(rows.length, 1);
  const y = (value: number) => size.top + height - (value / top) * height;
  const [first, last] = [rows[0]?.name ?? '', rows.at(-1)?.name ?? ''];
  const label = say('chartLabel', {
    measure: say(measure),
    from: dayText(first, locale, 'long'),
    to: dayText(last, locale, 'long'),
  });
  // As many days are named as there is room for, and always the last.
  const every = Math.ceil(rows.length / 10);
  return (
    <svg class="chart" viewBox={`0 0 ${size.width} ${size.height}`} role="img" aria-label={label}>
      {Array.from({ length: lines + 1 }, (_, n) => {
        const value = (top / lines) * n;
        return (
          <g key={n} class="line">
            <line x1={size.left} x2={size.width - size.right} y1={y(value)} y2={y(value)} />
            <text x={size.left - 8} y={y(value) + 4} text-anchor="end">
              {measureText(value, measure, locale, true)}
            </text>
          </g>
        );
      })}
      {rows.map((row, n) => {
        const value = measured(row, measure);
        const x = size.left + step * n;
        return (
          <g key={row.name} class="bar">
            <title>{`${dayText(row.name, locale, 'long')}: ${measureText(value, measure, locale)}`}</title>
            <rect class="whole" x={x} y={size.top} width={step} height={height} />
            <rect
              x={x + step * 0.15}
              y={y(value)}
              width={step * 0.7}
              height={Math.max(0, size.top + height - y(value))}
              rx={Math.min(3, step * 0.2)}
            />
            {(rows.length - 1 - n) % every === 0 && (
              <text x={x + step / 2} y={size.height - 6} text-anchor="middle">
                {dayText(row.name, locale)}
              </text>
            )}
          </g>
        );
      })}
    </svg>
  );
}

/** The next round number, so that a quarter of it is one too. */
function roundedUp(value: number, least: number): number {
  if (value <= 0) return 4 * least;
  const unit = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 4, 8, 10].find((one) => one * unit >= value) ?? 10;
  return Math.max(factor * unit, 4 * least);
}
