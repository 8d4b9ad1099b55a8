// Which tool a call is of: that of the server that it is for, or what says why there is none.
import { expect, test } from 'bun:test';
import { callOptions } from '../testing/mcp-servers.ts';
import { type TestTool, testWorkbench } from '../testing/workbench.ts';
import { joinWorkbenches, type NamedWorkbench } from '../tools/join-workbenches.ts';
import { ToolServerError } from '../tools/mcp/tool-server-error.ts';
import { resultText } from '../tools/tool.ts';
import type { Rules } from './tool-rules.ts';
import { type CalledTool, createToolbox, mayRepeat, waitsForPerson } from './toolbox.ts';

const { signal } = new AbortController();
const noRules: Rules = { approval: [], interrupted: [] };

const serverOf = (server: string, tools: Record<string, TestTool>): NamedWorkbench => ({
  ...testWorkbench(tools),
  server,
});
const away = (server: string): NamedWorkbench => ({
  server,
  list: () => Promise.reject(new ToolServerError({ en: 'It is ill.', 'zh-CN': '病了。' })),
  close: async () => {},
});

const look = (workbenches: NamedWorkbench[], rules = noRules) =>
  createToolbox(
    joinWorkbenches(workbenches, () => {}),
    rules,
  ).look(signal);
const says = async (tool: CalledTool) => resultText(await tool.call({}, callOptions()));

test('of two servers with such a tool a call is for the first, and then for that one alone', async () => {
  const [mail, chat] = [
    serverOf('mail', { send: { run: () => 'mailed' } }),
    serverOf('chat', { send: { run: () => 'chatted' } }),
  ];
  const find = await look([mail, chat]);
  expect(find('send').server).toBe('mail');
  expect(await says(find('send', 'chat'))).toBe('chatted');
  const without = await look([away('mail'), chat]);
  expect(without('send').server).toBe('chat');
  expect(await says(without('send', 'mail'))).toBe(
    "Error: the server 'mail', which has the tool 'send', cannot be reached just now. It is ill.",
  );
  expect(await says((await look([chat]))('send', 'mail'))).toBe(
    "Error: the server 'mail', which the call was for, has no tool 'send' any more. It was not called",
  );
  expect(await says((await look([chat]))('send', ''))).toBe(
    "Error: tool 'send' is not there any more. It was not called",
  );
});

test('a tool that nobody has is told with the servers that may have it', async () => {
  expect(await says((await look([]))('send'))).toBe("Error: tool 'send' not found in any workbench");
  const find = await look([away('mail'), away('chat')]);
  expect(find('send')).toMatchObject({ server: null, presence: 'gone' });
  expect(await says(find('send'))).toBe(
    "Error: tool 'send' not found in any workbench. The server 'mail' cannot be reached just now. The server 'chat' cannot be reached just now.",
  );
});

test('one that the file names is of the server that is away, and keeps its rules', async () => {
  const rules: Rules = {
    approval: [
      { tool: 'send', rule: 'always' },
      { tool: 'look', rule: 'never' },
    ],
    interrupted: [
      { tool: 'send', rule: 'ask' },
      { tool: 'look', rule: 'retry' },
    ],
  };
  const find = await look([away('mail')], rules);
  expect(find('send')).toMatchObject({ server: 'mail', presence: 'away', interrupted: 'ask' });
  expect(waitsForPerson(find('send'), '{}')).toBe(true);
  expect(waitsForPerson(find('look'), '{}')).toBe(false);
  // Made again it would only say that the server is away, and hide that it may have taken effect.
  expect(mayRepeat(find('look'))).toBe(false);
  expect(waitsForPerson(find('made_up'), '{}')).toBe(false);
  // Of two that are away nobody knows whose it is: a person could not say what they allow.
  expect(waitsForPerson((await look([away('mail'), away('chat')], rules))('send'), '{}')).toBe(false);
});
