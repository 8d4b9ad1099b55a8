// A process that makes the calls of a session's turn and kills itself at the point DIE_AT, a number or a name: points are
// before, in the midst of and behind each move. Without one it ends when the turn has.
import { openPostgres } from '../db/postgres/open-postgres.ts';
import { createStore } from '../db/store.ts';
import { type Person, serveCalls } from './calls-loop.ts';

const {
  DATABASE_URL: url = '',
  DIE_AT: dieAt = '',
  OWNER: owner = '',
  SESSION: session = '',
  PERSON: person = '',
} = process.env;
let points = 0;

const isLast = (where: string) => ++points === Number(dieAt) || where === dieAt;
const die = (where: string) => {
  process.stdout.write(where);
  process.kill(process.pid, 'SIGKILL');
};

/** The statement is on its way, and may be done or not. */
async function dieAmidst(name: string, doing: Promise<unknown>): Promise<void> {
  doing.catch(() => {});
  await Bun.sleep(Math.random() * 3);
  die(`amidst ${name}`);
}

const database = openPostgres({ url, poolMax: 2, prepare: true });
await serveCalls({
  database,
  store: createStore(database, Number(owner)),
  session: { owner: Number(owner), session },
  by: 'dead',
  person: person as Person,
  move: async (name, done) => {
    if (isLast(`before ${name}`)) die(`before ${name}`);
    const doing = done();
    if (isLast(`amidst ${name}`)) await dieAmidst(name, doing);
    const answer = await doing;
    if (isLast(`after ${name}`)) die(`after ${name}`);
    return answer;
  },
});
await database.close();
