// The four lines of a start.
import type { Environment } from '../settings.ts';

export type Started = { url: string; database: string; model: string; demo: boolean };

/** Address, database, model, and what to do next; in Chinese where the terminal speaks it. */
export function banner(started: Started, environment: Environment): string {
  const terminal = environment.LC_ALL || environment.LC_MESSAGES || environment.LANG || '';
  return (/^zh/i.test(terminal) ? chinese(started) : english(started)).join('\n');
}

function english({ url, database, model, demo }: Started): string[] {
  return [
    `AgentChat  ${url}`,
    `Database   ${database}`,
    `Model      ${model}`,
    demo
      ? `Next       open ${url} and say hello; for a real model copy model_config.template.yaml to model_config.yaml, or set OPENAI_API_KEY`
      : `Next       open ${url} and say hello; the API is described at ${url}/docs`,
  ];
}

function chinese({ url, database, model, demo }: Started): string[] {
  return [
    `AgentChat  ${url}`,
    `数据库     ${database}`,
    `模型       ${model}`,
    demo
      ? `下一步     打开 ${url} 开始对话；要接入真实模型，请将 model_config.template.yaml 复制为 model_config.yaml，或设置 OPENAI_API_KEY`
      : `下一步     打开 ${url} 开始对话；接口说明见 ${url}/docs`,
  ];
}
