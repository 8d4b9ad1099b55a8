// A table that becomes a list of cards where there is no room for it: each cell knows its column's name.
import type { ComponentChildren } from 'preact';

export type Column = { name: string; kind?: 'number' | 'main' | 'actions' };
export type TableProps = {
  label: string;
  columns: readonly Column[];
  rows: readonly { id: string; cells: readonly ComponentChildren[]; isPast?: boolean }[];
  /** Below all rows. */
  foot?: readonly ComponentChildren[];
};

export function Table({ label, columns, rows, foot }: TableProps) {
  return (
    <table class="table" aria-label={label}>
      <thead>
        <tr>
          {columns.map(({ name, kind }) => (
            <th key={name} scope="col" class={kind}>
              {kind === 'actions' ? <span class="unseen">{name}</span> : name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ id, cells, isPast }) => (
          <Row key={id} columns={columns} cells={cells} class={isPast ? 'past' : undefined} />
        ))}
      </tbody>
      {foot && (
        <tfoot>
          <Row columns={columns} cells={foot} class={undefined} />
        </tfoot>
      )}
    </table>
  );
}

type RowProps = {
  columns: readonly Column[];
  cells: readonly ComponentChildren[];
  class: string | undefined;
};

function Row({ columns, cells, class: kind }: RowProps) {
  return (
    <tr class={kind}>
      {columns.map(({ name, kind: column }, at) =>
        column === 'main' ? (
          <th key={name} scope="row" class={column} data-label={name}>
            {cells[at]}
          </th>
        ) : (
          <td key={name} class={column} data-label={name}>
            {cells[at]}
          </td>
        ),
      )}
    </tr>
  );
}
