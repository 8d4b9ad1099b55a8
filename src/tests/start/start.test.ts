// What keeps the program from starting: one line that says how to put it right, and exit code 1.
import { describe, expect, test } from 'bun:test';
import { freePort } from '../../testing/server-process.ts';
import { refusal } from '../../testing/servers.ts';

describe('a wrong setting stops the start with one line', () => {
  const notMine = (host: string) =>
    new RegExp(`^HOST is ${JSON.stringify(host)}; it must be an address of this machine`);
  const cases: [Record<string, string>, RegExp][] = [
    [{ PORT: 'eighty' }, /^PORT is "eighty"; it must be a whole number/],
    [{ DATABASE_URL: 'mysql://u:hunter2@h/d' }, /^DATABASE_URL must begin with postgres/],
    [{ DATABASE_URL: 'postgres://u:hunter2%@h/d' }, /^DATABASE_URL .*write % as %25/],
    [{ DATABASE_URL: 'postgres://hunter2%@h/d' }, /^DATABASE_URL .*write % as %25/],
    [{ HOST: '0.0.0.0' }, /^HOST is .*AUTH=keys/],
    [{ WORKERS: '2' }, /^WORKERS is 2; .*DATABASE_URL/],
    [{ DATABASE_PREPARE: 'maybe' }, /^DATABASE_PREPARE is "maybe"; it must be true or false/],
    [{ LOG_LEVEL: 'loud' }, /^LOG_LEVEL is "loud"; it must be debug, info, warn or error/],
    [{ CORS_ORIGINS: 'example.com' }, /^CORS_ORIGINS/],
    [{ DEFAULT_LOCALE: 'constructor' }, /^DEFAULT_LOCALE is "constructor"; it must be zh-CN or en/],
    [
      { MODEL_CONFIG: '/nowhere/model.yaml' },
      /^MODEL_CONFIG is "\/nowhere\/model.yaml", but there is no such file/,
    ],
    [{ AGENTS: '/nowhere/agents' }, /^AGENTS is "\/nowhere\/agents", but there is no such folder/],
    ...['203.0.113.1', 'foo bar', 'nosuch.invalid', '300.1.1.1', '::zz'].map(
      (HOST): [Record<string, string>, RegExp] => [{ HOST, AUTH: 'none' }, notMine(HOST)],
    ),
  ];
  for (const [env, expected] of cases) {
    test(Object.entries(env).join().replace('hunter2', '…'), async () => {
      const said = await refusal(env);
      expect(said.split('\n')).toEqual([expect.stringMatching(expected)]);
      expect(said).not.toContain('hunter2');
    }, 180_000);
  }
});

test('a port that is taken is named', async () => {
  const port = await freePort();
  const taken = Bun.listen({ hostname: '127.0.0.1', port, socket: { data() {} } });
  const said = await refusal({ PORT: String(port) });
  taken.stop(true);
  expect(said).toBe(
    `The port is taken by another program (PORT is ${port}): stop it, or set PORT to another one.`,
  );
});
