// MCP over a process's standard input and output: a line is a message, and none may be without end.
import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/client';
import { sleep } from '../../sleep.ts';
import { deliver } from '../deliver.ts';
import { createPace } from './bounded-body.ts';
import { createLineReader } from './line-reader.ts';
import type { StartedProcess } from './mcp-parts.ts';

/** What else than JSON-RPC a server writes, as some do with their logs, is passed over. */
type Parse = (line: unknown) => JSONRPCMessage;

/** How long what is still on its way from a process that ended may take. */
const LAST_WORDS_MS = 200;

/** `tooLong` gets the id of the request whose answer was left out, where the line tells it. */
export function createStdioTransport(
  start: () => Promise<StartedProcess>,
  options: { parse: Parse; longestLine: number; tooLong: (id: number | undefined) => void },
): Transport & { complaints(): string } {
  let running: StartedProcess | undefined;
  let isClosed = false;

  function close(): void {
    if (isClosed) return;
    isClosed = true;
    transport.onclose?.();
  }

  function take(line: string): void {
    try {
      deliver(transport, options.parse(JSON.parse(line)));
    } catch {
      // No message.
    }
  }

  async function read(output: AsyncIterable<Uint8Array>): Promise<void> {
    const pace = createPace();
    const reader = createLineReader(options.longestLine);
    for await (const chunk of output) {
      if (isClosed) return;
      const lines = reader.push(chunk);
      for (const line of lines) {
        if (line.isWhole) take(line.text);
        else options.tooLong(answeredId(line));
      }
      await pace(lines.length);
    }
  }

  const transport: Transport & { complaints(): string } = {
    async start() {
      const started = await start();
      // Closed while it was being started.
      if (isClosed) return void (await started.stop());
      running = started;
      const whole = read(started.output).catch(() => {});
      // What it started may hold its output open; what it wrote before it ended counts.
      started.ended.then(() => Promise.race([whole, sleep(LAST_WORDS_MS)])).then(close);
      // Without an output it says nothing any more.
      whole.then(async () => {
        close();
        await started.stop();
      });
    },
    async send(message) {
      if (!running || isClosed) throw new Error('the process has ended');
      await running.write(`${JSON.stringify(message)}\n`);
    },
    async close() {
      close();
      await running?.stop();
    },
    complaints: () => running?.complaints() ?? '',
  };
  return transport;
}

/** The id stands before the result or behind it. */
function answeredId({ beginning, ending }: { beginning: string; ending: string }): number | undefined {
  const found = /^\{[^{]*"id":\s*(\d+)/.exec(beginning) ?? /"id":\s*(\d+)[^}]*\}\s*$/.exec(ending);
  return found ? Number(found[1]) : undefined;
}
