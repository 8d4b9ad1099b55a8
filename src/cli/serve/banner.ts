// The four lines of a start, one more where there are several agents, and the one before them where a server is slow.
import type { Bilingual, Locale } from '../../words/bilingual.ts';

/** `database` is a server, or the folder of an embedded one. */
export type Started = {
  url: string;
  database: string | { folder: string };
  model: Bilingual;
  demo: boolean;
  /** Their names, the default's first. */
  agents: readonly string[];
};

export const waitingForPort = (port: number): Bilingual => ({
  en: `Another AgentChat has port ${port}; waiting for it to end…`,
  'zh-CN': `端口 ${port} 正被另一个 AgentChat 占用，正在等待它结束…`,
});

export const waitingForServer: Bilingual = {
  en: 'The PostgreSQL server does not answer yet; waiting for it…',
  'zh-CN': 'PostgreSQL 服务器尚未响应，正在等待…',
};

/** Address, database, the default agent's model, who there is besides, and what to do next. */
export function banner(started: Started, locale: Locale): string {
  return (locale === 'zh-CN' ? chinese(started) : english(started)).join('\n');
}

function english({ url, database, model, demo, agents }: Started): string[] {
  return [
    `AgentChat  ${url}`,
    `Database   ${typeof database === 'string' ? database : `embedded (PGlite), in ${database.folder}`}`,
    `Model      ${model.en}`,
    ...(agents.length > 1 ? [`Agents     ${agents.join(', ')}`] : []),
    demo
      ? `Next       open ${url} and say hello; for a real model copy model_config.template.yaml to model_config.yaml, or set OPENAI_API_KEY`
      : `Next       open ${url} and say hello; the API is described at ${url}/docs`,
  ];
}

function chinese({ url, database, model, demo, agents }: Started): string[] {
  return [
    `AgentChat  ${url}`,
    `数据库     ${typeof database === 'string' ? database : `内嵌（PGlite），位于 ${database.folder}`}`,
    `模型       ${model['zh-CN']}`,
    ...(agents.length > 1 ? [`智能体     ${agents.join('、')}`] : []),
    demo
      ? `下一步     打开 ${url} 开始对话；要接入真实模型，请将 model_config.template.yaml 复制为 model_config.yaml，或设置 OPENAI_API_KEY`
      : `下一步     打开 ${url} 开始对话；接口说明见 ${url}/docs`,
  ];
}
