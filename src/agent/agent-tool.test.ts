// An agent as a tool of another: what its own model is told of what its tools gave.
import { expect, test } from 'bun:test';
import { callFor, say, scriptedModel } from '../testing/scripted-model.ts';
import { testWorkbench } from '../testing/workbench.ts';
import { longestResult, resultText } from '../tools/tool.ts';
import { defaultLoop, plainAgent } from './agent-description.ts';
import { agentTool } from './agent-tool.ts';
import { createAssistant } from './assistant.ts';

test('the model of an agent that is a tool is told no more of a result than any other', async () => {
  const model = scriptedModel((_, call) => (call === 1 ? callFor([['flood', '{}']]) : say(['enough'])));
  const agent = plainAgent({
    name: 'sub',
    model,
    systemMessage: null,
    contextPolicy: { kind: 'unbounded' },
    loop: { ...defaultLoop, maxToolIterations: 2 },
  });
  const workbench = testWorkbench({
    flood: { annotations: { readOnlyHint: true }, run: () => 'x'.repeat(2 * longestResult) },
  });
  const source = { kind: 'agent' as const, name: 'sub', description: '', agent, returnsLast: true };
  const tool = agentTool(source, createAssistant({ ...agent, workbench }));
  const options = { idempotencyKey: 'k', signal: new AbortController().signal };
  expect(resultText(await tool.run({ task: 'go' }, options))).toBe('enough');
  const told = JSON.stringify(model.calls[1]?.at(-1));
  expect(told).toContain(`[Cut here: the result has ${2 * longestResult} characters.]`);
  expect(told.length).toBeLessThan(longestResult + 300);
});
