// Begins a turn with the cheapest of the statements that will do: what applied to an owner's last turn is remembered, and
// the statement itself finds out where that is no longer so.
import { type OneLimit, oneLimitIn, refusalIn } from '../access/admission.ts';
import { prepareOpen } from '../access/allowances.ts';
import type { CountedAgain } from '../access/recount.ts';
import type { Db } from '../database.ts';
import type { Owner } from '../owner.ts';
import { prepareBegin } from './begin-statements.ts';

/** The most owners and keys of whom something is remembered. */
const mostRemembered = 10_000;

type Values = Record<string, unknown> & { owner: Owner; keyId: string | null };

export function createBegin(db: Db, countedAgain: CountedAgain) {
  const statements = prepareBegin(db);
  const openStatement = prepareOpen(db);
  const remembered = new Map<string, OneLimit | undefined>();

  function remember(name: string, applying: OneLimit | 'none' | undefined): void {
    remembered.delete(name);
    if (applying === 'none') return;
    for (const oldest of remembered.keys()) {
      if (remembered.size < mostRemembered) break;
      remembered.delete(oldest);
    }
    remembered.set(name, applying);
  }

  /** Undefined where it was not let in, for whatever reason. */
  async function quickly(name: string, values: Values) {
    if (!remembered.has(name)) return (await statements.unlimited.execute(values))[0];
    const one = remembered.get(name);
    return one && (await statements.quick.execute({ ...values, ...one }))[0];
  }

  /** Undefined where there is no such session. */
  return async (values: Values) => {
    const name = `${values.owner} ${values.keyId ?? ''}`;
    const begun = await quickly(name, values);
    if (begun?.may) return { ...begun, refusal: undefined };
    const judge = () => statements.judged.execute(values);
    let [row] = await judge();
    if (row?.missing) {
      await openStatement.execute({ owner: values.owner, keyId: values.keyId });
      [row] = await judge();
    }
    if (row) remember(name, oneLimitIn(row.applying));
    const refusal = row && refusalIn(row);
    if (await countedAgain(refusal, values)) [row] = await judge();
    return row && { ...row, refusal: refusalIn(row) };
  };
}
