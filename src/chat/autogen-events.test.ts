// What AutoGen's own agents told, stored and were shown, as it was recorded: here it is the same, but for ids and times.
import { beforeAll, expect, test } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAgents } from '../agent/agent.ts';
import { defaultLoop, type OutputFormat, type ToolSource } from '../agent/agent-description.ts';
import { createAssistant } from '../agent/assistant.ts';
import type { Database } from '../db/database.ts';
import { onEachDatabase } from '../testing/databases.ts';
import { readEvents } from '../testing/event-stream.ts';
import { callFor, type Step, say, scriptedModel } from '../testing/scripted-model.ts';
import { testApp } from '../testing/test-app.ts';
import { textResult, type Workbench } from '../tools/tool.ts';

const folder = join(import.meta.dir, '../../../shared/fixtures/autogen/events');

/** What of AutoGen's own agents alone is here. */
const recorded = [
  'handoff_single_agent',
  'handoff_two',
  'max_iterations3_all_tools',
  'max_iterations3_text_end',
  'memory_query',
  'one_tool_noreflect',
  'one_tool_reflect',
  'parallel_tools_noreflect',
  'reflect_answers_with_tool_again',
  'structured_output',
  'text_streaming',
  'text_thought',
  'tool_error_bad_args',
  'tool_error_no_tools_at_all',
  'tool_error_raises',
];

type Call = { id: string; arguments: string; name: string };
type Result = { content: string; call_id: string; is_error: boolean };
// biome-ignore lint/suspicious/noExplicitAny: as AutoGen wrote it.
type Event = { type: string; source: string; content: any; models_usage: any; [key: string]: any };
type Recorded = {
  events: Event[];
  error: string | null;
  sent_to_model: {
    messages: object[];
    tools: { name: string; description: string; parameters: object }[];
  }[][];
  save_state: object;
};

onEachDatabase('as AutoGen recorded it', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  if (!existsSync(folder)) test.skip('there are no recordings beside this project', () => {});
  for (const name of existsSync(folder) ? recorded : [])
    test(name, async () => {
      const run: Recorded = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'));
      const [asked = []] = run.sent_to_model;
      const { source, answers } = modelOf(run);
      const model = {
        ...scriptedModel((_, call) => answers[call - 1] ?? []),
        rules: { multipleSystemMessages: true },
      };
      const [system] = (asked[0]?.messages ?? []) as { content: string }[];
      const offered = asked[0]?.tools ?? [];
      const reflects = asked.length > 1 && asked.at(-1)?.tools.length === 0;
      const agents = createAgents(
        createAssistant({
          name: source,
          model,
          systemMessage: system?.content ?? null,
          contextPolicy: { kind: 'unbounded' },
          tools: handoffsOf(run),
          workbench: workbenchOf(run, offered),
          output: outputOf(run),
          memory: run.events.flatMap(({ type, content }) => (type === 'MemoryQueryEvent' ? [content] : [])),
          loop: {
            ...defaultLoop,
            maxToolIterations: name.startsWith('max_iterations3') ? 3 : 1,
            reflectOnToolUse: reflects,
            ...(name.startsWith('parallel') && {
              summaryFormat: '{tool_name}({arguments}) = {result} err={is_error}',
            }),
          },
        }),
      );
      const app = await testApp(database, { agents });
      const id = await app.newSession();
      const [question, ...told] = run.events.filter(({ type }) => !type.includes('Chunk'));
      const chat = `/api/sessions/${id}/chat`;
      const response = await app.send(
        'POST',
        chat,
        { content: question?.content },
        { accept: 'text/event-stream' },
      );
      const events = (await readEvents(response)).filter(
        ({ event }) => !['turn', 'done', 'error'].includes(event) && !event.includes('Chunk'),
      );
      expect(events.map(({ data }) => comparable(data))).toEqual(told.map(comparable));
      expect(model.calls as object[][]).toEqual(asked.map(({ messages }) => messages));
      expect(model.askings.map((asking) => (asking?.tools ?? []).map((tool) => tool.name))).toEqual(
        asked.map(({ tools }) => tools.map((tool) => tool.name)),
      );
      const turns = await (await app.get(`/api/sessions/${id}/turns`)).json();
      expect(turns[0].status).toBe(run.error ? 'failed' : 'completed');
      const state = await (await app.get(`/api/sessions/${id}`)).json();
      expect(JSON.stringify(state.agent_state)).toBe(JSON.stringify(run.save_state));
    });
});

/** What every message has, and what its kind has besides; ids, times and what a server adds are not compared. */
function comparable({ type, source, content, models_usage, ...more }: Event) {
  const { tool_calls, results, target, context, format_string } = more;
  return { type, source, content, models_usage, tool_calls, results, target, context, format_string };
}

/** What the model said each time, as the events tell it. */
function modelOf({ events, error }: Recorded): { source: string; answers: Step[][] } {
  const answers: Step[][] = [];
  let thought = '';
  let source = 'assistant';
  for (const event of events) {
    if (event.source === 'user') continue;
    source = event.source;
    const { content, models_usage: usage } = event;
    const withUsage = (steps: Step[]) =>
      steps.map((step) => (typeof step === 'object' && 'usage' in step ? { ...step, usage } : step));
    if (event.type === 'ThoughtEvent') thought = content;
    if (event.type === 'ToolCallRequestEvent') {
      const calls = content as Call[];
      answers.push(
        withUsage(
          callFor(
            calls.map((call) => [call.name, call.arguments]),
            thought,
          ),
        ).map((step) => (typeof step === 'object' && 'calls' in step ? { ...step, calls } : step)),
      );
      thought = '';
    }
    if (event.type.startsWith('StructuredMessage')) answers.push(withUsage(say([JSON.stringify(content)])));
    if (event.type === 'TextMessage') {
      answers.push(withUsage(say([content], thought ? [thought] : [])));
      thought = '';
    }
  }
  if (error) answers.push(callFor([['add', '{}']]));
  return { source, answers };
}

/** Tools that give what was recorded of them. */
function workbenchOf({ events }: Recorded, offered: Recorded['sent_to_model'][0][0]['tools']): Workbench {
  const given = events.flatMap(({ type, content }) =>
    type === 'ToolCallExecutionEvent' ? (content as (Result & { name: string })[]) : [],
  );
  return {
    list: async () =>
      offered.map(({ name, description, parameters }) => ({
        name,
        description,
        parameters: { ...parameters },
        annotations: { readOnlyHint: true },
        async call() {
          const next = given.findIndex((result) => result.name === name);
          const [result] = given.splice(next, 1);
          if (!result) throw new Error(`${name} is called once too often`);
          return { ...textResult(result.content), isError: result.is_error };
        },
      })),
    close: async () => {},
  };
}

function outputOf({ events }: Recorded): OutputFormat | undefined {
  const reply = events.find(({ type }) => type.startsWith('StructuredMessage'));
  const name = /\[(.*)\]/.exec(reply?.type ?? '')?.[1];
  return name === undefined ? undefined : { name, schema: { type: 'object' }, format: reply?.format_string };
}

function handoffsOf({ events }: Recorded): ToolSource[] {
  const calls = events.flatMap(({ type, content }) =>
    type === 'ToolCallRequestEvent' ? (content as Call[]) : [],
  );
  return calls
    .filter(({ name }) => name.startsWith('transfer_to_'))
    .map(({ name }) => {
      const target = name.replace('transfer_to_', '');
      const message = `Transferred to ${target}, adopting the role of ${target} immediately.`;
      return { kind: 'handoff', name, description: '', target, message };
    });
}
