// What servers are called: a call that waited finds the one again that it was for.
import { expect, test } from 'bun:test';
import { assistantFile, component, loadFile } from '../testing/agent-file.ts';
import { serverNames } from './server-names.ts';

const stdio = (args: string[], more: object = {}) => ({
  type: 'StdioServerParams',
  command: '/usr/bin/npx',
  args,
  ...more,
});
const http = (url: string, more: object = {}) => ({ type: 'StreamableHttpServerParams', url, ...more });

function names(...servers: { label?: string; server: object }[]): string[] {
  const workbench = servers.map(({ label, server }) => ({
    ...component('McpWorkbench', { server_params: server }),
    ...(label === undefined ? {} : { label }),
  }));
  return [...serverNames(loadFile(assistantFile({ workbench })).tools).values()];
}

test('the file’s word for it is its name, and AutoGen’s word for all of them is none', () => {
  const [mail, other] = names(
    { label: 'Mail', server: stdio(['mail']) },
    { label: 'McpWorkbench', server: stdio(['other']) },
  );
  expect(mail).toBe('Mail');
  expect(other).toMatch(/^npx [0-9a-f]{8}$/);
  expect(names({ label: 'Mail', server: stdio(['elsewhere']) })).toEqual(['Mail']);
});

test('an HTTP address is called what its host is', () => {
  const tools = [
    { port: 443, host: 'api.example.com' },
    { port: 8443, host: 'api.example.com' },
  ].map((at, n) =>
    component('HttpTool', {
      name: `tool_${n}`,
      scheme: 'https',
      path: '/',
      method: 'GET',
      json_schema: {},
      ...at,
    }),
  );
  expect([...serverNames(loadFile(assistantFile({ tools })).tools).values()]).toEqual([
    'api.example.com',
    'api.example.com:8443',
  ]);
});

test('without one it is known by what it is, wherever it stands and whatever secret it is given', () => {
  const [files, mail, far] = names(
    { server: stdio(['files']) },
    { server: stdio(['mail']) },
    { server: http('https://tools.example.com/mcp?key=secret') },
  );
  expect(new Set([files, mail, far]).size).toBe(3);
  expect(far).toMatch(/^tools\.example\.com [0-9a-f]{8}$/);
  expect(
    names(
      { server: http('https://tools.example.com/mcp?key=secret', { headers: { key: 'another' } }) },
      { server: stdio(['mail'], { env: { TOKEN: 'another' } }) },
    ),
  ).toEqual([far ?? '', mail ?? '']);
});

test('two of one word are told apart', () => {
  const [one, two] = names({ label: 'Mail', server: stdio(['a']) }, { label: 'Mail', server: stdio(['b']) });
  expect(one).toMatch(/^Mail [0-9a-f]{8}$/);
  expect(two).toMatch(/^Mail [0-9a-f]{8}$/);
  expect(one).not.toBe(two ?? '');
});
