// Servers that hang, die, flood and lie: a call ends in a result with a plain sentence, and what comes after it works.
import { expect, test } from 'bun:test';
import { callOptions, hostileProcess, mcpServers, stdioServer } from '../../testing/mcp-servers.ts';
import { childrenOf, eventually, isAlive } from '../../testing/processes.ts';
import { callTool } from '../../testing/workbench.ts';
import { joinWorkbenches } from '../join-workbenches.ts';
import { errorResult, resultText, type ToolProgress, type Workbench } from '../tool.ts';
import { mcpLimits } from './mcp-parts.ts';
import { resultLimits } from './mcp-result.ts';
import { ToolServerError } from './tool-server-error.ts';

const { host, workbench } = mcpServers();
const { signal } = new AbortController();
const quick = { momentMs: 300, pauseMs: 50, patienceMs: 1000 };

const text = async (tools: Workbench, name: string, args = {}) => {
  const result = await callTool(tools, name, args, callOptions());
  return result.isError ? { error: resultText(result) } : resultText(result);
};

test('a command that is missing is told in a sentence, by a call and by the list', async () => {
  const { workbench, notices } = host();
  const tools = workbench(stdioServer([], { command: 'no-such-command-at-all', args: ['--key=secret'] }));
  const sentence = 'The MCP server could not be started.';
  expect(await text(tools, 'echo')).toEqual({ error: sentence });
  const error: unknown = await tools.list(signal).catch((rejected: unknown) => rejected);
  expect(error).toBeInstanceOf(ToolServerError);
  expect(error).toMatchObject({ message: sentence, reason: { 'zh-CN': '无法启动 MCP 服务器。' } });
  expect(notices[0]).toEqual({ server: 'no-such-command-at-all', happened: sentence });
  expect(JSON.stringify(notices)).not.toContain('secret');
});

test('where no processes can be started, that is what is said', async () => {
  const { workbench } = mcpHostWithoutProcesses();
  expect(await text(workbench, 'echo')).toMatchObject({
    error: expect.stringContaining('reached over HTTP'),
  });
});

test('one that ends at its start is told, its last words to who looks after it alone', async () => {
  const { workbench, notices } = host();
  const tools = workbench(hostileProcess('dies-at-start'));
  expect(await text(tools, 'echo')).toEqual({ error: 'The MCP server ended before it was ready.' });
  expect(notices[0]?.complaints).toContain('it has no licence');
});

test('one that is slow to start is waited for, one that never is ready is ended', async () => {
  const { workbench, started } = host({ limits: { startMs: 1500, ...quick } });
  expect(await text(workbench(hostileProcess('slow-start')), 'echo', { text: 'at last' })).toBe('at last');
  expect(await text(workbench(hostileProcess('never-ready')), 'echo')).toEqual({
    error: 'The MCP server was not ready within 2 seconds.',
  });
  expect(await eventually(() => started.at(-1)?.hasEnded === true)).toBe(true);
});

test('one that dies in a call fails all its calls, and is there again for the next; others go on', async () => {
  const { workbench, started, notices } = host({ limits: quick });
  const tools = workbench(hostileProcess('plain'));
  const other = workbench(hostileProcess('noisy'));
  const otherCall = text(other, 'rise', { everyMs: 60 });
  const lost = { error: expect.stringContaining('was lost before it answered') };
  const hanging = text(tools, 'hang');
  expect(await text(tools, 'die')).toEqual(lost);
  expect(await hanging).toEqual(lost);
  expect(await text(tools, 'echo', { text: 'again' })).toBe('again');
  expect(await otherCall).toBe('risen');
  expect(started).toHaveLength(3);
  expect(notices).toHaveLength(1);
});

test('one that fails again and again is started after growing pauses, and told to come back later', async () => {
  const { workbench, started } = host({
    limits: { pauseMs: 60_000, longestPauseMs: 60_000, patienceMs: 100 },
  });
  const tools = workbench(hostileProcess('dies-at-calls'));
  expect(await text(tools, 'echo')).toEqual({ error: expect.stringContaining('was lost') });
  expect(await text(tools, 'echo')).toEqual({ error: expect.stringContaining('was lost') });
  const paused = 'The MCP server has failed 2 times in a row. It is tried again in 60 seconds.';
  expect(await text(tools, 'echo')).toEqual({ error: paused });
  expect(await text(tools, 'echo')).toEqual({ error: paused });
  expect(started).toHaveLength(2);
  // What it had is still known.
  expect((await tools.list(signal)).map(({ name }) => name)).toContain('echo');
});

test('one that hangs is given its time; where it still lives, it is not ended for it', async () => {
  const { workbench, started } = host({ limits: quick });
  const tools = workbench(hostileProcess('plain', { read_timeout_seconds: 1 }));
  const hung = { error: expect.stringContaining('did not answer within 1 seconds') };
  expect(await text(tools, 'hang')).toEqual(hung);
  // It was told that nobody waits any more.
  const { cancelled } = JSON.parse(String(await text(tools, 'cancelled')));
  expect(cancelled).toHaveLength(1);
  expect(started).toHaveLength(1);
});

test('one that says nothing at all any more is ended and started again', async () => {
  const { workbench, started } = host({ limits: quick });
  const tools = workbench(hostileProcess('deaf', { read_timeout_seconds: 1 }));
  await text(tools, 'echo');
  expect(await eventually(() => started[0]?.hasEnded === true)).toBe(true);
  await text(tools, 'echo');
  expect(started).toHaveLength(2);
});

test('progress keeps a call alive for longer than an answer may take', async () => {
  const tools = workbench(hostileProcess('plain', { read_timeout_seconds: 1 }));
  const seen: ToolProgress[] = [];
  const options = callOptions({ progress: (at) => seen.push(at) });
  const result = await callTool(tools, 'rise', { everyMs: 400 }, options);
  expect(resultText(result)).toBe('risen');
  expect(seen.map(({ message }) => message)).toEqual(['step 1', 'step 2', 'step 3', 'step 4']);
});

test('a flood of progress is told, well-formed, and keeps nobody else waiting', async () => {
  const { workbench } = host();
  const tools = workbench(hostileProcess('plain'));
  const seen: ToolProgress[] = [];
  let turns = 0;
  const ticking = setInterval(() => {
    turns += 1;
  }, 1);
  const options = callOptions({ progress: (at) => seen.push(at) });
  const result = await callTool(tools, 'flood', { count: 20_000 }, options);
  clearInterval(ticking);
  expect(resultText(result)).toBe('flooded');
  expect(seen).toHaveLength(20_000);
  expect(seen[0]).toEqual({ progress: 0, total: 10, message: '\ufffd0' });
  expect(turns).toBeGreaterThan(50);
}, 20_000);

test('a text that is too long is cut with a sentence; an answer that is much too long is not read', async () => {
  const { workbench, started } = host();
  const tools = workbench(hostileProcess('plain'));
  const cut = String(await text(tools, 'huge', { megabytes: 2 }));
  expect(cut.length).toBeLessThan(resultLimits.text + 100);
  expect(cut).toEndWith(
    `h\n[Cut here: ${2 * 1024 ** 2 - resultLimits.text} further characters were left out.]`,
  );
  const others = text(tools, 'rise', { everyMs: 100 });
  expect(await text(tools, 'huge', { megabytes: 50 })).toEqual({
    error: `The MCP server’s answer is longer than ${mcpLimits.messageBytes / 1024 ** 2} MiB, and was not read.`,
  });
  // Its other calls, and what it remembers, are not lost for it.
  expect(await others).toBe('risen');
  expect(started).toHaveLength(1);
}, 20_000);

test('a list of garbage gives the tools in it that can be used, each under a name that models take', async () => {
  const tools = workbench(hostileProcess('garbage-list'), {
    bare: { name: 'renamed', description: 'Ours.' },
  });
  const listed = await tools.list(signal);
  const names = listed.map(({ name }) => name);
  expect(names.filter((name) => !/^[a-zA-Z0-9_-]{1,64}$/.test(name))).toEqual([]);
  expect(new Set(names).size).toBe(names.length);
  const byName = new Map(listed.map((tool) => [tool.name, tool]));
  const empty = { type: 'object', properties: {} };
  expect(byName.get('renamed')).toMatchObject({ description: 'Ours.', parameters: empty, annotations: {} });
  expect(byName.get('echo')?.description).toBe('the first');
  expect(names).toContain('files_read_all_');
  expect(names.filter((name) => name.startsWith('files_read_all_'))).toHaveLength(2);
  expect(byName.get('wordy')?.description.length).toBe(16_000);
  expect(byName.get('wrong')).toMatchObject({ parameters: empty, annotations: {} });
  expect(byName.get('large')?.parameters).toEqual(empty);
  expect(byName.get('hints')?.annotations).toEqual({ title: 'T', readOnlyHint: true, idempotentHint: false });
  expect(listed.every(({ description, name }) => `${description}${name}`.isWellFormed())).toBe(true);
  expect(JSON.stringify(listed)).not.toContain('\\u0000');
  // By its safe name a tool is called as its server knows it.
  const marked = names.find((name) => name.startsWith('files_read_all__'));
  expect(await text(tools, marked ?? '')).toEqual({ error: 'no files/read all!' });
  expect(await text(tools, 'bare')).toEqual({ error: 'Tool bare not found.' });
});

test('of ten thousand tools, and of pages without end, a bounded number is kept', async () => {
  expect((await workbench(hostileProcess('many-tools')).list(signal)).length).toBe(512);
  expect((await workbench(hostileProcess('endless-pages')).list(signal)).length).toBe(64);
});

test('a server without a list, or with one that cannot be read, says so', async () => {
  const sentence = 'The MCP server did not tell its tools, or not so that they can be read.';
  for (const mode of ['garbage-answer', 'no-list'] as const) {
    const tools = workbench(hostileProcess(mode));
    await expect(tools.list(signal)).rejects.toThrow(sentence);
    expect(await text(tools, 'echo')).toEqual({ error: sentence });
  }
});

test('an id that is answered twice is answered once', async () => {
  const tools = workbench(hostileProcess('plain'));
  expect(await text(tools, 'twice')).toBe('once');
  expect(await text(tools, 'echo', { text: 'and on' })).toBe('and on');
});

test('what a server refuses is told in its own words, without NUL', async () => {
  const tools = workbench(hostileProcess('garbage-list'));
  expect(await text(tools, 'hints')).toEqual({ error: 'no hints' });
});

test('its other tools are listed as soon as it says that it has others', async () => {
  const { workbench, started } = host();
  const tools = workbench(hostileProcess('plain'));
  expect((await tools.list(signal)).map(({ name }) => name)).not.toContain('new0');
  await text(tools, 'change');
  expect((await tools.list(signal)).map(({ name }) => name)).toContain('new0');
  expect(started).toHaveLength(1);
});

test('what was listed is what is called, also where its name has moved to another server since', async () => {
  const { workbench } = host();
  const [first, second] = [workbench(hostileProcess('plain')), workbench(hostileProcess('noisy'))];
  const joined = joinWorkbenches([first, second]);
  const named = async (name: string) => (await joined.list(signal)).find((tool) => tool.name === name);
  const keys = async (tools: Workbench) => JSON.parse(String(await text(tools, 'cancelled'))).calls;
  await text(second, 'change');
  const listed = await named('new0');
  await text(first, 'change');
  // Neither server has it in truth: what one says of that is an error result.
  expect(await listed?.call({}, callOptions({ idempotencyKey: 'as listed' }))).toEqual(
    errorResult('no new0'),
  );
  expect(await keys(second)).toContain('as listed');
  expect(await keys(first)).not.toContain('as listed');
  await (await named('new0'))?.call({}, callOptions({ idempotencyKey: 'listed again' }));
  expect(await keys(first)).toContain('listed again');
});

test('a call that is cancelled rejects with the signal’s reason, and the server is told', async () => {
  const tools = workbench(hostileProcess('plain'));
  const controller = new AbortController();
  const reason = new Error('enough');
  const hanging = callTool(tools, 'hang', {}, callOptions({ signal: controller.signal }));
  await text(tools, 'echo');
  controller.abort(reason);
  expect(await hanging.catch((error: unknown) => error)).toBe(reason);
  expect(JSON.parse(String(await text(tools, 'cancelled'))).cancelled).toHaveLength(1);
  const late = callTool(tools, 'echo', {}, callOptions({ signal: controller.signal }));
  expect(await late.catch((error: unknown) => error)).toBe(reason);
});

test('each call carries its idempotency key', async () => {
  const tools = workbench(hostileProcess('plain'));
  await callTool(tools, 'echo', {}, callOptions({ idempotencyKey: 'one' }));
  const result = await callTool(tools, 'cancelled', {}, callOptions({ idempotencyKey: 'two' }));
  expect(JSON.parse(resultText(result)).calls).toEqual(['one', 'two']);
});

test('one process serves all workbenches of one server, begun together; idle, it ends, and is begun again', async () => {
  const { workbench, started } = host({ limits: { idleMs: 300 } });
  const [one, two] = [workbench(hostileProcess('plain')), workbench(hostileProcess('plain'))];
  const answers = await Promise.all([
    text(one, 'echo', { text: '1' }),
    text(two, 'echo', { text: '2' }),
    one.list(signal),
  ]);
  expect(answers.slice(0, 2)).toEqual(['1', '2']);
  expect(started).toHaveLength(1);
  expect(await eventually(() => started[0]?.hasEnded === true)).toBe(true);
  expect(await text(two, 'echo', { text: '3' })).toBe('3');
  expect(started).toHaveLength(2);
  await one.close();
  expect(await text(two, 'echo', { text: '4' })).toBe('4');
  await two.close();
  expect(started[1]?.hasEnded).toBe(true);
  expect(await text(two, 'echo')).toEqual({ error: 'The MCP server’s tools are not used any more.' });
});

test('one that leaves while a server starts keeps nobody else from it', async () => {
  const { workbench, started } = host();
  const tools = workbench(hostileProcess('slow-start'));
  // Its tools are known: a call waits for the server alone.
  await text(tools, 'die');
  const leaving = new AbortController();
  const left = callTool(tools, 'echo', {}, callOptions({ signal: leaving.signal }));
  const stays = text(tools, 'echo', { text: 'stays' });
  let hasAnswered = false;
  stays.then(() => {
    hasAnswered = true;
  });
  leaving.abort(new Error('left'));
  await expect(left).rejects.toThrow('left');
  expect(hasAnswered).toBe(false);
  expect(await stays).toBe('stays');
  expect(started).toHaveLength(2);
});

test('closed while it starts, nothing of it is left', async () => {
  const before = childrenOf(process.pid);
  const { workbench, started } = host();
  const tools = workbench(hostileProcess('never-ready'));
  const call = text(tools, 'echo');
  expect(await eventually(() => started.length === 1)).toBe(true);
  await tools.close();
  expect(await call).toEqual({ error: 'The MCP server’s tools are not used any more.' });
  expect(started[0]?.hasEnded).toBe(true);
  const isOurs = (pid: number) => !before.includes(pid);
  expect(await eventually(() => !childrenOf(process.pid).some(isOurs))).toBe(true);
});

test('a process gets few of our variables, and its own children end with it', async () => {
  process.env.AGENTCHAT_TEST_SECRET = 'secret';
  const { workbench, started } = host({ limits: { startMs: 2000 } });
  const script = 'env >&2; sleep 300 & echo "child=$!" >&2; wait';
  const tools = workbench(stdioServer([], { command: 'sh', args: ['-c', script], env: { OWN: 'yes' } }));
  const call = text(tools, 'echo');
  expect(await eventually(() => /child=\d+/.test(started[0]?.complaints() ?? ''))).toBe(true);
  const said = started[0]?.complaints() ?? '';
  const child = Number(/child=(\d+)/.exec(said)?.[1]);
  delete process.env.AGENTCHAT_TEST_SECRET;
  expect(said).toContain('OWN=yes');
  expect(said).toContain('PATH=');
  expect(said).not.toContain('secret');
  expect(isAlive(child)).toBe(true);
  await tools.close();
  await call;
  expect(await eventually(() => !isAlive(child))).toBe(true);
});

function mcpHostWithoutProcesses() {
  const { workbench } = host({ startProcess: undefined } as never);
  return { workbench: workbench(hostileProcess('plain')) };
}
