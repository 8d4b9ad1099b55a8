// An MCP server that does what servers must not: as a process (`bun hostile-mcp.ts MODE`) and over HTTP.
import { z } from 'zod';

/** How it lists its tools, and what it does at its start. */
export type HostileMode =
  | 'plain'
  | 'garbage-list'
  | 'garbage-answer'
  | 'no-list'
  | 'many-tools'
  | 'endless-pages'
  | 'slow-start'
  | 'never-ready'
  | 'dies-at-start'
  | 'dies-at-calls'
  | 'noisy'
  | 'deaf'
  | 'stubborn'
  | 'restless'
  | 'shouting'
  | 'half-line';

type Send = (message: unknown) => Promise<void>;

const request = z.object({
  id: z.union([z.number(), z.string()]).optional(),
  method: z.string().optional(),
  params: z.looseObject({}).default({}),
  error: z.unknown().optional(),
});
const toolCall = z.object({
  name: z.string(),
  arguments: z.record(z.string(), z.unknown()).default({}),
  _meta: z.looseObject({ progressToken: z.unknown().optional() }).default({}),
});

const schema = { type: 'object', properties: { text: { type: 'string' } } };
const tool = (name: string, more = {}) => ({ name, description: name, inputSchema: schema, ...more });
const lone = '\ud800';
const nul = String.fromCharCode(0);

export const plainTools = [
  'echo',
  'die',
  'hang',
  'flood',
  'huge',
  'content',
  'twice',
  'rise',
  'change',
  'cancelled',
  'late',
  'afterwards',
  'answered',
];

function listed(
  mode: HostileMode,
  { changes, lists }: { changes: number; lists: number },
  cursor: unknown,
): unknown {
  if (mode === 'no-list') return { error: { code: -32_601, message: 'there is none' } };
  if (mode === 'garbage-answer') return { result: { tools: 'many' } };
  if (mode === 'many-tools') {
    return { result: { tools: Array.from({ length: 10_000 }, (_, index) => tool(`t${index}`)) } };
  }
  if (mode === 'endless-pages') {
    const page = Number(cursor ?? 0);
    return { result: { tools: [tool(`t${page}`)], nextCursor: String(page + 1) } };
  }
  if (mode === 'garbage-list') {
    const deep = (depth: number): unknown => (depth === 0 ? {} : { properties: { x: deep(depth - 1) } });
    const tools = [
      null,
      42,
      'echo',
      {},
      { name: '' },
      { name: 7 },
      { name: 'bare' },
      tool('echo', { description: 'the first' }),
      tool('echo', { description: 'the second' }),
      tool('files/read all!'),
      tool('files_read_all_'),
      tool(`n${nul}u${lone}l`, { description: `d${nul}e${lone}s` }),
      tool('x'.repeat(100)),
      tool('y'.repeat(100_000)),
      tool('wordy', { description: 'w'.repeat(100_000), inputSchema: 'none' }),
      tool('wrong', {
        inputSchema: { type: 'array', properties: [1] },
        annotations: { readOnlyHint: 'yes' },
      }),
      tool('large', {
        inputSchema: { type: 'object', properties: { x: { enum: Array(30_000).fill('v') } } },
      }),
      tool('deep', { inputSchema: { type: 'object', ...(deep(200) as object) } }),
      tool('hints', { annotations: { title: 'T', readOnlyHint: true, idempotentHint: false, strange: 1 } }),
      { ...tool('proto'), inputSchema: JSON.parse('{"type":"object","__proto__":{"x":1}}') as unknown },
    ];
    return { result: { tools } };
  }
  if (mode === 'restless') {
    const inputSchema = { type: 'object', properties: { [`at${lists}`]: { type: 'string' } } };
    return { result: { tools: [tool('echo', { inputSchema }), tool('cancelled')] } };
  }
  const more = Array.from({ length: changes }, (_, index) => tool(`new${index}`));
  return { result: { tools: [...plainTools.map((name) => tool(name)), ...more] } };
}

const text = (value: string) => ({ content: [{ type: 'text', text: value }] });

/** One server's mind. `die` ends it as a crash does. */
export function createHostile(mode: HostileMode, die: () => void) {
  let changes = 0;
  let lists = 0;
  /** What we are told of what it wants of us. */
  const answered: unknown[] = [];
  /** What tells it that a call is cancelled. */
  const waiting = new Map<unknown, () => void>();
  const cancelled: unknown[] = [];
  const calls: unknown[] = [];

  async function call(id: unknown, params: unknown, send: Send): Promise<void> {
    const { name, arguments: args, _meta } = toolCall.parse(params);
    calls.push(_meta['agentchat/idempotency-key']);
    const answer = (result: unknown) => send({ jsonrpc: '2.0', id, result });
    const progress = (at: unknown, message?: string) =>
      send({
        jsonrpc: '2.0',
        method: 'notifications/progress',
        params: { progressToken: _meta.progressToken, progress: at, total: 10, message },
      });
    if (mode === 'dies-at-calls' || name === 'die') return die();
    if (name === 'hang') return;
    if (name === 'flood') {
      for (let count = 0; count < Number(args.count); count += 1) await progress(count, `${lone}${count}`);
      return answer(text('flooded'));
    }
    if (name === 'huge') return answer(text('h'.repeat(Number(args.megabytes) * 1024 * 1024)));
    if (name === 'content') return answer(args.result);
    if (name === 'twice') {
      await answer(text('once'));
      return answer(text('twice'));
    }
    if (name === 'rise') {
      for (let at = 1; at <= 4; at += 1) {
        await progress(at, `step ${at}`);
        await Bun.sleep(Number(args.everyMs));
      }
      return answer(text('risen'));
    }
    if (name === 'change') {
      changes += 1;
      await send({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' });
      return answer(text('changed'));
    }
    if (name === 'cancelled') return answer(text(JSON.stringify({ cancelled, calls, lists })));
    if (name === 'answered') return answer(text(JSON.stringify(answered)));
    if (name === 'late') {
      await new Promise<void>((resolve) => waiting.set(id, resolve));
      return answer(text('too late'));
    }
    if (name === 'afterwards') {
      await answer(text('done'));
      return progress(9, 'still at it');
    }
    if (name === 'echo') return answer(text(`${args.text ?? ''}`));
    await send({ jsonrpc: '2.0', id, error: { code: -32_602, message: `no ${name}${nul}` } });
  }

  return async function take(message: unknown, send: Send): Promise<void> {
    const { id, method, params, error } = request.parse(message);
    if (mode === 'deaf' && method !== 'initialize' && method !== 'tools/list') return;
    if (method === 'notifications/cancelled') {
      cancelled.push(params.requestId);
      waiting.get(params.requestId)?.();
    }
    if (method === undefined) answered.push([id, error]);
    if (id === undefined) return;
    if (method === 'initialize') {
      if (mode === 'never-ready') return;
      if (mode === 'slow-start') await Bun.sleep(700);
      const serverInfo = { name: 'hostile', version: '1' };
      const capabilities = { tools: { listChanged: true } };
      await send({
        jsonrpc: '2.0',
        id,
        result: { protocolVersion: params.protocolVersion, capabilities, serverInfo },
      });
      // It wants of us what we have not promised.
      for (const wanted of ['sampling/createMessage', 'roots/list', 'elicitation/create'])
        await send({ jsonrpc: '2.0', id: wanted, method: wanted, params: {} });
    } else if (method === 'tools/list') {
      lists += 1;
      await send({ jsonrpc: '2.0', id, ...(listed(mode, { changes, lists }, params.cursor) as object) });
      if (mode === 'restless')
        for (let count = 0; count < 1000; count += 1)
          await send({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' });
    } else if (method === 'tools/call') await call(id, params, send);
    else if (method === 'ping') await send({ jsonrpc: '2.0', id, result: {} });
    else await send({ jsonrpc: '2.0', id, error: { code: -32_601, message: 'unknown' } });
  };
}

const shout = (line: string) =>
  new Promise<void>((resolve) => {
    process.stderr.write(line, () => resolve());
  });

/** Of its answer to a call it writes the half, without an end of the line, and then goes on as if it were whole. */
async function overHalfLine(): Promise<void> {
  const take = createHostile('plain', () => {});
  for await (const line of console) {
    const isCall = JSON.parse(line).method === 'tools/call';
    void take(JSON.parse(line), async (message) => {
      const whole = JSON.stringify(message);
      process.stdout.write(isCall ? whole.slice(0, 30) : `${whole}\n`);
    });
  }
}

async function overStdio(mode: HostileMode): Promise<void> {
  if (mode === 'dies-at-start') {
    console.error('it has no licence');
    process.exit(3);
  }
  const write = (line: string) =>
    new Promise<void>((resolve) => {
      process.stdout.write(`${line}\n`, () => resolve());
    });
  if (mode === 'stubborn') {
    // Neither it nor what it starts ends for anything but a kill.
    for (const end of ['SIGTERM', 'SIGHUP', 'uncaughtException', 'unhandledRejection'])
      process.on(end, () => {});
    const stays = 'trap "" TERM HUP INT; while :; do sleep 1; done';
    Bun.spawn(['sh', '-c', stays], { stdin: 'ignore', stdout: 'ignore', stderr: 'ignore' });
    setInterval(() => {}, 1000);
  }
  if (mode === 'shouting') for (let count = 0; count < 100; count += 1) await shout('s'.repeat(1024 ** 2));
  if (mode === 'noisy') await write('starting up…\n{"half": \n\n[]\n{"jsonrpc":"1.0"}');
  if (mode === 'half-line') return overHalfLine();
  const take = createHostile(mode, () => process.kill(process.pid, 'SIGKILL'));
  const send = (message: unknown) => write(JSON.stringify(message));
  for await (const line of console) void take(JSON.parse(line), send);
}

if (import.meta.main) await overStdio((process.argv[2] ?? 'plain') as HostileMode);
