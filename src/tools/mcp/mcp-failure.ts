// What went wrong between us and an MCP server, in sentences for models and people.

import { shortText } from '../well-formed.ts';
import { ToolServerError } from './tool-server-error.ts';

const seconds = (ms: number) => Math.max(1, Math.round(ms / 1000));

/** The sentences of what is no answer. Whoever reads one must not believe that nothing was done. */
export const failures = {
  notStarted: () =>
    new ToolServerError({
      en: 'The MCP server could not be started.',
      'zh-CN': '无法启动 MCP 服务器。',
    }),
  noProcesses: () =>
    new ToolServerError({
      en: 'The MCP server is a process, and none can be started here. Use one that is reached over HTTP.',
      'zh-CN': '该 MCP 服务器是一个进程，而此处无法启动进程。请改用通过 HTTP 访问的服务器。',
    }),
  slowStart: (ms: number) =>
    new ToolServerError({
      en: `The MCP server was not ready within ${seconds(ms)} seconds.`,
      'zh-CN': `MCP 服务器在 ${seconds(ms)} 秒内未就绪。`,
    }),
  late: (ms: number) =>
    new ToolServerError({
      en: `The MCP server did not answer within ${seconds(ms)} seconds. It is not known whether the call had an effect.`,
      'zh-CN': `MCP 服务器在 ${seconds(ms)} 秒内没有应答。无法得知该调用是否已生效。`,
    }),
  lost: () =>
    new ToolServerError({
      en: 'The connection to the MCP server was lost before it answered. It is not known whether the call had an effect.',
      'zh-CN': '与 MCP 服务器的连接在应答之前中断。无法得知该调用是否已生效。',
    }),
  endedAtStart: () =>
    new ToolServerError({
      en: 'The MCP server ended before it was ready.',
      'zh-CN': 'MCP 服务器在就绪之前已结束。',
    }),
  tooLong: (bytes: number) =>
    new ToolServerError({
      en: `The MCP server’s answer is longer than ${Math.round(bytes / 1024 / 1024)} MiB, and was not read.`,
      'zh-CN': `MCP 服务器的应答超过 ${Math.round(bytes / 1024 / 1024)} MiB，未予读取。`,
    }),
  refused: (status: number) =>
    new ToolServerError({
      en: `The MCP server answered HTTP ${status}.`,
      'zh-CN': `MCP 服务器返回 HTTP ${status}。`,
    }),
  signIn: () =>
    new ToolServerError({
      en: 'The MCP server asks for a sign-in (HTTP 401), or refuses the one that it got. In its agent’s file a token can stand in `headers`, or a client in `oauth`.',
      'zh-CN':
        'MCP 服务器要求登录（HTTP 401），或拒绝了所给的凭据。可以在智能体文件的 `headers` 中填写令牌，或在 `oauth` 中填写客户端。',
    }),
  /** `code` is OAuth's word for why. */
  noToken: (code?: string) =>
    new ToolServerError({
      en: `No token was given for the MCP server: its authorization server ${code ? `says ${code}` : 'cannot be used'}. Check \`oauth\` in the agent’s file.`,
      'zh-CN': `未能取得 MCP 服务器的令牌：其授权服务器${code ? `返回 ${code}` : '无法使用'}。请检查智能体文件中的 \`oauth\`。`,
    }),
  notYet: () =>
    new ToolServerError({
      en: 'The MCP server has not told its tools yet. Ask again.',
      'zh-CN': 'MCP 服务器尚未给出工具列表，请稍后再试。',
    }),
  notListed: (cause?: unknown) =>
    new ToolServerError(
      {
        en: 'The MCP server did not tell its tools, or not so that they can be read.',
        'zh-CN': 'MCP 服务器没有给出工具列表，或列表无法读取。',
      },
      { cause },
    ),
  unreachable: () =>
    new ToolServerError({
      en: 'The MCP server cannot be reached.',
      'zh-CN': '无法访问 MCP 服务器。',
    }),
  garbled: () =>
    new ToolServerError({
      en: 'The MCP server does not speak the protocol: what it answered cannot be read.',
      'zh-CN': 'MCP 服务器不符合协议：无法读取其应答。',
    }),
  closed: () =>
    new ToolServerError({
      en: 'The MCP server’s tools are not used any more.',
      'zh-CN': '该 MCP 服务器的工具已不再使用。',
    }),
  /** After failures in a row. */
  paused: (times: number, ms: number) =>
    new ToolServerError({
      en: `The MCP server has failed ${times} times in a row. It is tried again in ${seconds(ms)} seconds.`,
      'zh-CN': `MCP 服务器已连续失败 ${times} 次，将在 ${seconds(ms)} 秒后重试。`,
    }),
};

/** What a server itself said of a call that it refused: its words, as AutoGen gives them to the model. */
export class ServerRefusal extends Error {
  override name = 'ServerRefusal';
}

type SdkNames = {
  ProtocolError: { isInstance(value: unknown): boolean };
  SdkError: { isInstance(value: unknown): boolean };
};

/** A failure of the client as one of ours. `waitedMs`: what it was given. */
export function failureOf(
  error: unknown,
  { sdk, waitedMs, isStarting }: { sdk: SdkNames; waitedMs: number; isStarting: boolean },
): ToolServerError | ServerRefusal {
  if (error instanceof ToolServerError) return error;
  if (!(error instanceof Error)) return failures.unreachable();
  if (sdk.ProtocolError.isInstance(error)) {
    if (isStarting) return failures.garbled();
    return new ServerRefusal(shortText(error.message, 10_000) || 'The MCP server refused the call.');
  }
  const status = httpStatus(error);
  if (status === 401 || error.name === 'UnauthorizedError') return failures.signIn();
  if (status !== undefined) return failures.refused(status);
  if (sdk.SdkError.isInstance(error) && 'code' in error) {
    if (error.code === 'REQUEST_TIMEOUT')
      return isStarting ? failures.slowStart(waitedMs) : failures.late(waitedMs);
    if (error.code === 'CONNECTION_CLOSED') return isStarting ? failures.endedAtStart() : failures.lost();
    if (error.code === 'NOT_CONNECTED') return failures.lost();
    return failures.garbled();
  }
  if (error.name === 'ZodError' || error instanceof SyntaxError) return failures.garbled();
  return isStarting ? failures.unreachable() : failures.lost();
}

/** The status of an HTTP answer that was no success, where that is what went wrong. */
export function httpStatus(error: unknown): number | undefined {
  const status = error instanceof Error && 'status' in error ? error.status : undefined;
  if (typeof status === 'number') return status;
  // An event source tells it as its code.
  const code =
    error instanceof Error && error.name === 'SseError' && 'code' in error ? error.code : undefined;
  return typeof code === 'number' ? code : undefined;
}
