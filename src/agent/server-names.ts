// What the servers of an agent's tools are called: always the same, so that a call finds the one again that it was for.
import { shortHash } from '../tools/tool-names.ts';
import { shortText } from '../tools/well-formed.ts';
import type { ToolSource } from './agent-description.ts';
import type { HttpToolSource, McpServer } from './tool-source.ts';

/**
 * Of an HTTP address its host. Of a server of MCP the file's word for each that is one. Where it has none, or two servers have the same, it is told apart by what the server
 * is: whatever is a secret of it may change, the server is the same.
 */
export function serverNames(sources: readonly ToolSource[]): Map<ToolSource, string> {
  const servers = sources.filter((source) => source.kind === 'mcp');
  const words = servers.map(({ label = '' }) => shortText(label, 100));
  const hosts = sources.flatMap((source) =>
    source.kind === 'http' ? [[source, hostOf(source)] as const] : [],
  );
  return new Map<ToolSource, string>([
    ...hosts,
    ...servers.map((source, index) => {
      const word = words[index] ?? '';
      if (word !== '' && words.indexOf(word) === words.lastIndexOf(word)) return [source, word] as const;
      const mark = shortHash(JSON.stringify(placeOf(source.server)));
      return [source, `${word || kindOf(source.server)} ${mark}`] as const;
    }),
  ]);
}

const hostOf = ({ scheme, host, port }: HttpToolSource): string =>
  new URL(`${scheme}://${host}:${port}`).host;

/** A command's name, or a host: nothing of the path or the arguments, which may be secret. */
const kindOf = (server: McpServer): string =>
  server.type === 'stdio' ? (server.command.split(/[\\/]/).at(-1) ?? '') : new URL(server.url).host;

const placeOf = (server: McpServer) =>
  server.type === 'stdio' ? [server.command, server.args, server.cwd ?? null] : [server.type, server.url];
