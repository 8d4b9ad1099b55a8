// Many files at once, and a server that is killed in the midst of them: what was told is whole, and of the rest nothing is left.
import { expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import postgres from 'postgres';
import { migratedTestDatabase, testServerUrl } from '../../testing/databases.ts';
import { eventually } from '../../testing/processes.ts';
import { testServers } from '../../testing/servers.ts';

const { start, afterThisTest } = testServers();

const uploads = 500;
const fileBytes = 512 * 1024;

/** The most memory that a process has had, in MB. */
const mostMemory = async (pid: number) =>
  Number(/VmHWM:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

test.skipIf(testServerUrl === undefined)(
  '500 uploads at once take little memory, and of those that a kill -9 breaks off nothing is left',
  async () => {
    const env = { DATABASE_URL: await migratedTestDatabase(), LOG_LEVEL: 'warn' };
    const sql = postgres(env.DATABASE_URL, { max: 1 });
    afterThisTest(() => sql.end());
    const [one, two] = [await start(env), await start(env)];
    const before = process.platform === 'linux' ? await mostMemory(one.pid) : 0;
    const told: string[] = [];
    const body = new Uint8Array(fileBytes).fill(7);
    const sha256 = createHash('sha256').update(body).digest('hex');
    let isOver = false;
    async function upload(): Promise<void> {
      // One that breaks off was told nothing.
      const answer = await fetch(`${one.url}/api/files`, { method: 'POST', body }).catch(() => undefined);
      if (answer?.status === 201) told.push((await answer.json()).id);
      else if (!isOver) {
        // Too many at once are told to come back.
        if (answer) expect(answer.status).toBe(503);
        await Bun.sleep(1000 + 3000 * Math.random());
        await upload();
      }
    }
    const all = Array.from({ length: uploads }, upload);
    await eventually(() => told.length >= 40);
    const after = process.platform === 'linux' ? await mostMemory(one.pid) : 0;
    isOver = true;
    await one.kill('SIGKILL');
    await Promise.allSettled(all);
    expect(told.length).toBeLessThan(uploads);
    console.log(`${told.length} told, ${Math.round(before)} MB before, ${Math.round(after)} MB at most`);
    expect(after - before).toBeLessThan(400);

    for (const id of told) {
      const bytes = await (await fetch(`${two.url}/api/files/${id}`)).bytes();
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
    }
    const halves = await sql`select id from chat_files where sha256 is null`;
    expect(halves.length).toBeGreaterThan(0);
    for (const { id } of halves.slice(0, 5))
      expect((await fetch(`${two.url}/api/files/${id}`)).status).toBe(404);
    await sql`update chat_files set created_at = now() - interval '2 hours'`;
    const three = await start(env);
    const left = async () => (await sql`select id from chat_files where sha256 is null`).length;
    for (let n = 0; n < 200 && (await left()) > 0; n++) await Bun.sleep(50);
    expect(await left()).toBe(0);
    const [pieces] = await sql`select count(distinct file_id)::int as files from chat_file_pieces`;
    const [whole] = await sql`select count(*)::int as files from chat_files`;
    expect(pieces?.files).toBe(whole?.files);
    expect(whole?.files).toBeGreaterThanOrEqual(told.length);
    await three.kill();
  },
  120_000,
);
