// The probe as a process, on Bun, Node and Deno: `URL COMMAND ARGUMENT…` prints what it saw over HTTP and of a process.
import { startProcess } from '../../cli/serve/start-process.ts';
import { mcpServerParams } from '../../tools/mcp/mcp-server-params.ts';
import { overHttp, probe } from './probe.ts';

const [url = '', command, ...args] = process.argv.slice(2);
const stdio = mcpServerParams.parse({ type: 'StdioServerParams', command, args, read_timeout_seconds: 20 });
console.log(JSON.stringify([await probe(overHttp(url)), await probe(stdio, { startProcess })]));
process.exit(0);
