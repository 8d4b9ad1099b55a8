// Begins a turn with the cheapest of the statements that will do: what applied to an owner's last turn is remembered, and
// the statement itself finds out where that is no longer so. Those that cannot be begun together are begun alone.
import { type OneLimit, oneLimitIn, type Refusal, type RefusalRow, refusalIn } from '../access/admission.ts';
import { prepareOpen } from '../access/allowances.ts';
import type { CountedAgain } from '../access/recount.ts';
import type { Db } from '../database.ts';
import type { Owner } from '../owner.ts';
import { pathText } from '../path-parts.ts';
import type { Json } from '../schema.ts';
import { prepareBegin, prepareBeginTogether } from './begin-statements.ts';
import type { Elsewhere } from './standing.ts';
import { doTogether } from './together.ts';

/** The most owners and keys of whom something is remembered. */
const mostRemembered = 10_000;

type Asked = Record<string, unknown> & {
  owner: Owner;
  keyId: string | null;
  turn: string;
  content: string;
  usage: Json | null;
  metadata: Json;
  data: Json | null;
  /** Whether the session has no say in who answers. */
  fixed: boolean;
  others: string;
  mayBeAsked: readonly string[] | null;
  elsewhere: Elsewhere | undefined;
};

type Statements = ReturnType<typeof prepareBegin>;
type Row = Awaited<ReturnType<Statements['judged']['execute']>>[number];
/** With nulls where it is not begun. */
type Begun = Omit<Row, 'applying' | 'allowed' | keyof RefusalRow> & { refusal: Refusal | undefined };

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

  const nameOf = ({ owner, keyId }: Asked) => `${owner} ${keyId ?? ''}`;

  async function judged(asked: Asked): Promise<Begun | undefined> {
    const { elsewhere } = asked;
    const execute = async () =>
      elsewhere
        ? (await statements.elsewhere.execute({ ...parametersOf(asked), ...standingOf(elsewhere) }))[0]
        : (await statements.judged.execute(parametersOf(asked)))[0];
    let row = await execute();
    if (row?.missing) {
      await openStatement.execute({ owner: asked.owner, keyId: asked.keyId });
      row = await execute();
    }
    if (row) remember(nameOf(asked), oneLimitIn(row.applying));
    if (await countedAgain(row && refusalIn(row), asked)) row = await execute();
    return row && { ...row, refusal: notAllowed(row) ?? refusalOf(row) };
  }

  async function unlimitedAlone(asked: Asked): Promise<Begun | undefined> {
    const [row] = await statements.unlimited.execute(parametersOf(asked));
    return row?.may ? { ...row, refusal: notAllowed(row) } : judged(asked);
  }

  function together<A extends Asked>(alone: (asked: A) => Promise<Begun | undefined>, limited: boolean) {
    const statement = prepareBeginTogether(db, limited);
    return doTogether<A, Begun | undefined>({
      alone,
      together: async (some) => {
        // Who may answer may have changed since the others were asked: they are begun alone.
        const others = some.find(({ fixed }) => !fixed)?.others ?? '{}';
        const alike = some.filter((asked) => asked.fixed || asked.others === others);
        const turns = JSON.stringify(
          alike.map(({ others: _, elsewhere: __, ...asked }, n) => ({ ...asked, n })),
        );
        const rows = await statement.execute({ turns, others });
        const begun = new Map(rows.map((row) => [row.turn, { ...row, refusal: undefined }]));
        return some.map(({ turn }) => begun.get(turn));
      },
      sizeOf: ({ content }) => content.length,
    });
  }
  const unlimited = together<Asked>(unlimitedAlone, false);
  const limited = together<Asked & OneLimit>(judged, true);

  /** Undefined where there is no such session. */
  return (asked: Asked): Promise<Begun | undefined> => {
    if (asked.elsewhere) return judged(asked);
    const name = nameOf(asked);
    if (!remembered.has(name)) return unlimited(asked);
    const one = remembered.get(name);
    return one ? limited({ ...asked, ...one }) : judged(asked);
  };
}

function refusalOf(row: RefusalRow & Pick<Row, 'agent'>): Refusal | undefined {
  const refusal = refusalIn(row);
  return refusal?.limit === 'agents' ? { ...refusal, agent: row.agent } : refusal;
}

const notAllowed = ({ allowed, agent }: Pick<Row, 'allowed' | 'agent'>): Refusal | undefined =>
  allowed ? undefined : { limit: 'agents', agent };

const standingOf = ({ beginning, parentSeq, asksSeq }: Elsewhere) => ({
  beginning: pathText(beginning),
  parentSeq,
  asksSeq,
});

const parametersOf = (asked: Asked) => ({
  ...asked,
  others: asked.fixed ? null : asked.others,
  usage: asked.usage && JSON.stringify(asked.usage),
  metadata: JSON.stringify(asked.metadata),
  data: asked.data && JSON.stringify(asked.data),
  mayBeAsked: asked.mayBeAsked && JSON.stringify(asked.mayBeAsked),
});
