// How many rows of tables the kept plan of a prepared statement looks at.
import type postgres from 'postgres';

export type AskedQuery = { query: string; parameters: readonly unknown[] };

type Node = {
  'Relation Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Index Recheck'?: number;
  Plans?: Node[];
};

/** What it changes is rolled back. */
export async function plannedRows(client: postgres.Sql, { query, parameters }: AskedQuery): Promise<number> {
  let rows = 0;
  const rolledBack = new Error('rolled back');
  await client
    .begin(async (tx) => {
      await tx.unsafe('set local plan_cache_mode = force_generic_plan');
      await tx.unsafe(`prepare explained as ${query}`);
      const values = parameters.length > 0 ? `(${parameters.map(literal).join(', ')})` : '';
      const [row] = await tx.unsafe(`explain (analyze, format json) execute explained${values}`);
      rows = rowsIn(row?.['QUERY PLAN'][0].Plan);
      await tx.unsafe('deallocate explained');
      throw rolledBack;
    })
    .catch((error) => {
      if (error !== rolledBack) throw error;
    });
  return rows;
}

const literal = (value: unknown) =>
  value === null || value === undefined ? 'null' : `'${String(value).replaceAll("'", "''")}'`;

function rowsIn(node: Node): number {
  const { Plans: inner = [], 'Actual Loops': loops } = node;
  const read =
    node['Actual Rows'] +
    (node['Rows Removed by Filter'] ?? 0) +
    (node['Rows Removed by Index Recheck'] ?? 0);
  const own = node['Relation Name'] === undefined ? 0 : read * loops;
  return inner.reduce((sum, one) => sum + rowsIn(one), own);
}
