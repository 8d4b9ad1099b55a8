// What a caller is told of a model that failed: half a sentence in both languages, as it stands after a colon.
import type { Bilingual } from '../words/bilingual.ts';
import type { ContextLimit, FinishReason } from './model.ts';

/** Reasons that say all by themselves. */
export const reasons = {
  busy: { 'zh-CN': '当前请求过多', en: 'the model server has too many requests' },
  tooLong: { 'zh-CN': '对话过长，超出了模型的上限', en: 'the conversation is too long for the model' },
  reportedError: {
    'zh-CN': '模型服务在回复途中报错',
    en: 'the model server reported an error while replying',
  },
  closed: {
    'zh-CN': '回复尚未完整，模型服务就断开了连接',
    en: 'the model server closed the stream before the reply was whole',
  },
  garbled: {
    'zh-CN': '模型服务返回的内容不是有效的回复',
    en: 'the model server sent something that is not a reply',
  },
  webPage: {
    'zh-CN': '模型服务返回的是网页而不是回复，请检查 base_url',
    en: 'the model server answered with a web page, not a reply: check base_url',
  },
  tooManyCalls: {
    'zh-CN': '模型在一次回复里调用的工具过多，或参数过长',
    en: 'it called more tools in one reply, or with longer arguments, than is taken',
  },
  empty: { 'zh-CN': '模型服务返回了空的应答', en: 'the model server sent an empty answer' },
  withoutReply: {
    'zh-CN': '模型服务没有给出回复就结束了应答',
    en: 'the model server ended its answer without a reply',
  },
  filtered: {
    'zh-CN': '内容过滤在第一个字之前就拦下了回复，可以换一种说法',
    en: 'a content filter stopped it before its first word; another wording may help',
  },
  usedUp: {
    'zh-CN': '还没开始回答就用完了回复的长度上限，请在模型配置中调高 max_tokens',
    en: 'it used up the longest reply it may give before it said anything: raise max_tokens in the model’s configuration',
  },
  onlyTool: {
    'zh-CN': '模型只想调用工具，而这里没有工具',
    en: 'it only called a tool, and there are none here',
  },
  onlyThought: { 'zh-CN': '模型只有思考，没有回答', en: 'it thought, but did not answer' },
  nothing: { 'zh-CN': '回复里没有任何文字', en: 'there was no text in it' },
  noMoreReplies: { 'zh-CN': '预设的回复已经用完', en: 'No more mock responses available' },
} satisfies Record<string, Bilingual>;

/** `path` is where; empty for all of it. */
export function notFollowed(schema: string, path: string): Bilingual {
  return {
    'zh-CN': `回复不符合 JSON schema ${schema}${path ? `（${path}）` : ''}`,
    en: `the reply does not follow the JSON schema ${schema}${path ? `, at ${path}` : ''}`,
  };
}

/** No piece came for so many seconds. */
export function silence(seconds: number): Bilingual {
  return {
    'zh-CN': `已有 ${seconds} 秒没有收到模型服务的新内容`,
    en: `no piece arrived from the model server for ${seconds} s`,
  };
}

/** The answer ended without a word of a reply. */
export function saidNothing(finishReason: FinishReason, hasThought: boolean): Bilingual {
  if (finishReason === 'content_filter') return reasons.filtered;
  if (finishReason === 'length') return reasons.usedUp;
  if (finishReason === 'function_calls') return reasons.onlyTool;
  return hasThought ? reasons.onlyThought : reasons.nothing;
}

/** Not even the message to be answered fits by itself; `tokens`: about how many it is, with the system message. */
export function neverFits({ limit, reserved }: ContextLimit, tokens: number): Bilingual {
  // Where the estimate is below the limit, the numbers would contradict what they are to explain.
  if (limit === undefined || (reserved === undefined && tokens < limit)) {
    return {
      'zh-CN': '单独这一条也超出了模型服务的上限',
      en: 'even by itself it is more than the model server takes',
    };
  }
  if (reserved !== undefined && reserved >= limit) {
    return {
      'zh-CN': `模型服务总共只能处理 ${limit} 个 token，而其中 ${reserved} 个留给了回复，请在模型配置中调低 max_tokens`,
      en: `the model server takes ${limit} tokens, and ${reserved} of them are kept for the reply: lower max_tokens in the model’s configuration`,
    };
  }
  return {
    'zh-CN': `模型服务只能处理 ${limit} 个 token，而这一条（连同系统消息）约有 ${tokens} 个`,
    en: `the model server takes ${limit} tokens, and with the system message it is about ${tokens}`,
  };
}

/** What kept a connection from being made, by the names that Bun, Node and undici have for it. */
const CONNECTION_ERRORS: [RegExp, Bilingual][] = [
  [/ECONNREFUSED|ConnectionRefused/, { 'zh-CN': '连接被拒绝', en: 'connection refused' }],
  [/ENOTFOUND|EAI_AGAIN|getaddrinfo|DNS/i, { 'zh-CN': '无法解析主机名', en: 'its name cannot be resolved' }],
  [
    /ECONNRESET|ConnectionClosed|socket|terminated|premature/i,
    { 'zh-CN': '连接被断开', en: 'the connection was closed' },
  ],
  [/CERT|SSL|TLS|self.signed/i, { 'zh-CN': '证书不受信任', en: 'its certificate is not accepted' }],
  [/ETIMEDOUT|timed? ?out/i, { 'zh-CN': '连接超时', en: 'the connection timed out' }],
];

/** There was no connection; `words` are those of the error. */
export function unreachable(words: string): Bilingual {
  const known = CONNECTION_ERRORS.find(([pattern]) => pattern.test(words))?.[1];
  return {
    'zh-CN': `无法连接模型服务${known ? `（${known['zh-CN']}）` : ''}`,
    en: `the model server cannot be reached${known ? ` (${known.en})` : ''}`,
  };
}

/** Anthropic's status for a server that has too much to do. */
export const OVERLOADED = 529;

const NO_QUOTA = /insufficient_quota|exceeded your current quota|billing|credit balance/i;

/** Whether the server's words mean that nothing is left to spend. */
function saysNoQuota(words: string): boolean {
  return NO_QUOTA.test(words);
}

/** `toMend`: the reason names what somebody has to mend, before which the server would answer the same. */
export type Refused = { reason: Bilingual; toMend: boolean };

/** The server answered with this HTTP status and these words. */
export function refused(status: number, words: string, model: string): Refused {
  const { why, mend } = refusedWithoutStatus(status, words, model);
  const hint = mend ? { 'zh-CN': `，请${mend['zh-CN']}`, en: `: ${mend.en}` } : { 'zh-CN': '', en: '' };
  return {
    reason: {
      'zh-CN': `${why['zh-CN']}（${status}）${hint['zh-CN']}`,
      en: `${why.en} (${status})${hint.en}`,
    },
    toMend: mend !== undefined,
  };
}

const inModelFile = { 'zh-CN': '在模型配置文件或环境变量中', en: 'in the model’s file or the environment' };

function refusedWithoutStatus(
  status: number,
  words: string,
  model: string,
): { why: Bilingual; mend?: Bilingual } {
  if (status >= 300 && status < 400) {
    return {
      why: {
        'zh-CN': '模型服务要求改用别的地址，而对话和密钥不会跟着转发',
        en: 'the model server answers with a redirect, after which neither the conversation nor the key is sent',
      },
      mend: {
        'zh-CN': '把能直接应答的地址写入 base_url',
        en: 'put the address that answers by itself into base_url',
      },
    };
  }
  if (status === 401) {
    return {
      why: { 'zh-CN': '模型服务拒绝了密钥', en: 'the model server refused the key' },
      mend: { 'zh-CN': `${inModelFile['zh-CN']}更正密钥`, en: `correct the key ${inModelFile.en}` },
    };
  }
  if (status === 402) {
    return {
      why: { 'zh-CN': '模型服务的账户余额不足', en: 'the account at the model server has no credit left' },
      mend: { 'zh-CN': '为该账户充值', en: 'add to that account' },
    };
  }
  if (status === 403) {
    return {
      why: { 'zh-CN': '模型服务拒绝访问', en: 'the model server refused access' },
      mend: {
        'zh-CN': `检查密钥的权限，或${inModelFile['zh-CN']}换一个密钥`,
        en: `check what the key may do, or put another one ${inModelFile.en}`,
      },
    };
  }
  if (status === 404 && /model|deployment/i.test(words)) {
    return {
      why: {
        'zh-CN': `模型服务没有名为“${model}”的模型`,
        en: `the model server does not know the model "${model}"`,
      },
      mend: { 'zh-CN': '检查模型名称', en: 'check the model’s name' },
    };
  }
  if (status === 404) {
    return {
      why: { 'zh-CN': '模型服务没有这个地址', en: 'the model server has no such address' },
      mend: { 'zh-CN': '检查 base_url 和模型名称', en: "check base_url and the model's name" },
    };
  }
  if (status === 408 || status === 504) {
    return { why: { 'zh-CN': '模型服务处理超时', en: 'the model server timed out' } };
  }
  if ((status === 400 || status === 429) && saysNoQuota(words)) {
    return {
      why: { 'zh-CN': '模型服务的配额已经用完', en: 'the quota at the model server is used up' },
      mend: { 'zh-CN': '提高配额或为账户充值', en: 'raise it, or add to the account' },
    };
  }
  if (status === 429 || status === OVERLOADED) return { why: reasons.busy };
  if (status >= 500) return { why: { 'zh-CN': '模型服务出错', en: 'the model server failed' } };
  return { why: { 'zh-CN': '模型服务拒绝了请求', en: 'the model server refused the request' } };
}
