// The session on the pictures in which an agent works: it has called tools, and asks whether it may call another.
import { join } from 'node:path';
import type { BrowserContext } from 'playwright-core';
import { startModelServer } from '../model-server.ts';
import type { ServerProcess } from '../server-process.ts';
import { asks, roundsIn } from '../tool-pages.ts';
import type { Told } from './picture-texts.ts';
import { now, post } from './sessions.ts';

/** The agent's file; its model asks for what is told, one step after another. */
export async function writeAgent(folder: string, { atWork }: Told, modelUrl: string): Promise<void> {
  const agent = {
    provider: 'autogen_agentchat.agents.AssistantAgent',
    config: {
      max_tool_iterations: 10,
      model_client: {
        provider: 'OpenAIChatCompletionClient',
        config: { model: 'gpt-4o-mini', base_url: modelUrl, api_key: 'none' },
      },
      workbench: {
        provider: 'McpWorkbench',
        label: atWork.server,
        config: {
          server_params: {
            type: 'StdioServerParams',
            command: process.execPath,
            args: [join(import.meta.dir, 'trains.ts'), atWork.description],
            read_timeout_seconds: 30,
          },
        },
      },
    },
  };
  await Bun.write(join(folder, 'assistant.json'), JSON.stringify(agent));
}

export const startWorkingModel = ({ atWork }: Told) =>
  startModelServer((request) => {
    const { find, seats, book } = atWork.calls;
    if (roundsIn(request) === 0) return asks(['find_trains', JSON.stringify(find)]);
    return roundsIn(request) === 1
      ? asks(...seats.map((train): [string, string] => ['free_seats', JSON.stringify({ train })]))
      : [{ text: atWork.text }, ...asks(['book_seat', JSON.stringify(book)])];
  });

/** Gives the session, when its turn waits. */
export async function beginWork(server: ServerProcess, { atWork }: Told): Promise<string> {
  const id = await post(server, '/api/sessions', { name: atWork.name });
  const chat = post(server, `/api/sessions/${id}/chat`, { content: atWork.question });
  chat.catch(() => {});
  for (;;) {
    const waiting: unknown = await (await fetch(`${server.url}/api/approvals`)).json();
    if (Array.isArray(waiting) && waiting.length > 0) return id;
    await Bun.sleep(50);
  }
}

/** The page's clock stands still and the server's does not: by the page's, calls took a moment, and wait for a week. */
export const stopTimes = (context: BrowserContext): Promise<unknown> =>
  context.addInitScript((at) => {
    const times: Record<string, number> = {
      started_at: 0,
      finished_at: 240,
      expires_at: 7 * 24 * 60 * 60_000,
    };
    const parse = JSON.parse;
    JSON.parse = (text) =>
      parse(text, (key, value) => {
        const after = times[key];
        return after === undefined || value === null ? value : new Date(at + after).toISOString();
      });
    Response.prototype.json = async function () {
      return JSON.parse(await this.text());
    };
  }, now.getTime());
