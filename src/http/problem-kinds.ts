// What can go wrong on the wire, and the sentences that say it: each is one that a person can act on.
import type { FailureCode } from '../chat/failure.ts';
import type { Bilingual } from '../words/bilingual.ts';

export type ProblemCode =
  | FailureCode
  | 'malformed_json'
  | 'malformed_body'
  | 'range_not_satisfiable'
  | 'malformed_host'
  | 'forbidden_host'
  | 'forbidden_origin'
  | 'not_found'
  | 'method_not_allowed'
  | 'body_too_large'
  | 'body_too_slow'
  | 'unsupported_media_type'
  | 'invalid_request'
  | 'search_busy';

export type ProblemStatus =
  | 400
  | 401
  | 403
  | 404
  | 405
  | 408
  | 409
  | 413
  | 415
  | 416
  | 421
  | 422
  | 429
  | 500
  | 502
  | 503
  | 504;

/**
 * `again`: what stands behind `detail` for who may come back. `lasting`: asked again, it would be so again, until
 * somebody has mended something.
 */
type Kind = {
  status: ProblemStatus;
  title: string;
  detail: Bilingual;
  again?: Bilingual;
  lasting?: true;
};

const retry: Bilingual = { 'zh-CN': '可以重试。', en: ' You may try again.' };
const retryLater: Bilingual = { 'zh-CN': '请稍后重试。', en: ' Try again later.' };

/** What each code is to a caller. `{name}` in a sentence stands for a detail of the failure. */
export const problemKinds: Record<ProblemCode, Kind> = {
  malformed_json: {
    status: 400,
    title: 'Malformed JSON',
    detail: {
      'zh-CN': '请求正文不是有效的 UTF-8 JSON，请检查格式后重新发送。',
      en: 'The request body is not valid UTF-8 JSON: {reason}. Correct it and send it again.',
    },
  },
  malformed_body: {
    status: 400,
    title: 'Malformed body',
    detail: {
      'zh-CN': '请求正文不完整，或不是有效的 multipart/form-data。文件没有保存，请重新发送。',
      en: 'The request body ended too early, or is no valid form. Nothing was kept: send it again.',
    },
  },
  malformed_host: {
    status: 400,
    title: 'Malformed Host',
    detail: {
      'zh-CN': '请求头 Host 不是有效的主机名。请改为服务器的主机名和端口，例如 localhost:8001。',
      en: 'The Host header is no host. Send the server’s own name and port, such as localhost:8001.',
    },
  },
  forbidden_host: {
    status: 421,
    title: 'Misdirected request',
    detail: {
      'zh-CN':
        '本服务器不以 {reason} 这个名称提供服务。如果要用它访问，请在服务器的 ALLOWED_HOSTS 中加入该名称。',
      en: 'This server does not answer under the name {reason}. If it is to be reached so, add that name to the server’s ALLOWED_HOSTS.',
    },
  },
  forbidden_origin: {
    status: 403,
    title: 'Forbidden',
    detail: {
      'zh-CN': '不允许来自 {reason} 的页面调用。请在服务器的 CORS_ORIGINS 中加入该来源。',
      en: 'Pages from {reason} may not call this server. Add that origin to the server’s CORS_ORIGINS.',
    },
  },
  unauthorized: {
    status: 401,
    title: 'Unauthorized',
    detail: {
      'zh-CN': '需要登录：请在页面上登录，或在请求头 Authorization: Bearer 中提供有效的密钥。',
      en: 'Who calls is not known: sign in on the page, or send a key that is good in the header Authorization: Bearer.',
    },
  },
  not_allowed: {
    status: 403,
    title: 'Not allowed',
    detail: {
      'zh-CN': '没有权限：{reason}。',
      en: 'This is not allowed: {reason}.',
    },
  },
  too_many_attempts: {
    status: 429,
    title: 'Too many attempts',
    detail: {
      'zh-CN': '来自此地址的错误密钥过多，请稍后重试。',
      en: 'Too many wrong keys came from this address. Try again later.',
    },
  },
  provider_away: {
    status: 503,
    title: 'Provider away',
    detail: {
      'zh-CN':
        '身份提供方暂时没有回应，无法核对登录信息，请稍后重试。若一直如此，请管理员检查 OIDC_ISSUER 和服务日志。',
      en: 'The provider that knows who calls does not answer. Try again later; if it stays so, the server’s OIDC_ISSUER and its log say more.',
    },
  },
  limit_reached: {
    status: 429,
    title: 'Limit reached',
    detail: {
      'zh-CN': '已达到限额：{reason}。请求没有执行；如需更多，请联系管理员调整限额。',
      en: 'Nothing was done: {reason}. If you need more, an admin can raise it.',
    },
  },
  not_found: {
    status: 404,
    title: 'Not found',
    detail: {
      'zh-CN': '这里没有 {reason}。接口说明见 /docs。',
      en: 'There is no {reason} here. The API is described at /docs.',
    },
  },
  key_not_found: {
    status: 404,
    title: 'Key not found',
    detail: {
      'zh-CN': '没有这个密钥。用 GET /api/admin/keys 查看现有密钥。',
      en: 'There is no such key. GET /api/admin/keys lists those that there are.',
    },
  },
  owner_not_found: {
    status: 404,
    title: 'Owner not found',
    detail: {
      'zh-CN': '没有这个用户。用 GET /api/admin/owners 查看现有用户。',
      en: 'There is no such owner. GET /api/admin/owners lists those that there are.',
    },
  },
  session_not_found: {
    status: 404,
    title: 'Session not found',
    detail: {
      'zh-CN': '会话不存在或已被删除。用 GET /api/sessions 查看现有会话。',
      en: 'There is no such session, or it was deleted. GET /api/sessions lists those that exist.',
    },
  },
  turn_not_found: {
    status: 404,
    title: 'Turn not found',
    detail: {
      'zh-CN': '该会话中没有这个轮次。用 GET /api/sessions/{id}/turns 查看现有轮次。',
      en: 'The session has no such turn. GET /api/sessions/{id}/turns lists its turns.',
    },
  },
  approval_not_found: {
    status: 404,
    title: 'Approval not found',
    detail: {
      'zh-CN': '该轮次没有等待这项批准。用 GET /api/approvals 查看等待中的批准。',
      en: 'The turn waits for no such approval. GET /api/approvals lists what waits.',
    },
  },
  approval_decided: {
    status: 409,
    title: 'Already decided',
    detail: {
      'zh-CN': '这项批准已有另一个决定，或已过期，不能再更改。',
      en: 'It was decided otherwise before, or its time is over. A decision cannot be changed.',
    },
  },
  message_not_found: {
    status: 404,
    title: 'Message not found',
    detail: {
      'zh-CN': '该会话中没有 before 所指的消息。请使用该会话历史中某条消息的 id。',
      en: 'The session has no message with the id given in before. Use the id of a message in its history.',
    },
  },
  file_not_found: {
    status: 404,
    title: 'File not found',
    detail: {
      'zh-CN': '没有这个文件。用 POST /api/files 上传。',
      en: 'There is no such file. POST /api/files stores one.',
    },
  },
  share_not_found: {
    status: 404,
    title: 'Shared link not found',
    detail: {
      'zh-CN': '没有这个分享链接，它可能已被取消。',
      en: 'There is no such shared link; it may have been taken back.',
    },
  },
  files_busy: {
    status: 503,
    title: 'Too many files',
    detail: {
      'zh-CN': '同时上传的文件过多，该文件没有保存，请稍后重试。',
      en: 'Too many files come at once, and this one was not kept. Try again shortly.',
    },
  },
  model_tests_limited: {
    status: 429,
    title: 'Too many tests',
    detail: {
      'zh-CN': '测试模型连接的次数过多，请稍后重试。',
      en: 'Models were tested too often just now. Try again shortly.',
    },
  },
  range_not_satisfiable: {
    status: 416,
    title: 'No such range',
    detail: {
      'zh-CN': '所要的部分不在文件内：文件共 {limit} 字节。',
      en: 'There is nothing at the range that was asked for: the file has {limit} bytes.',
    },
  },
  method_not_allowed: {
    status: 405,
    title: 'Method not allowed',
    detail: {
      'zh-CN': '此地址不支持 {method}，支持的方法：{allow}。',
      en: '{method} is not supported here; use {allow}.',
    },
  },
  session_deleted: {
    status: 409,
    title: 'Session deleted',
    detail: {
      'zh-CN': '会话在生成回复时被删除，回复没有保存。',
      en: 'The session was deleted while the reply was being made; nothing of it is kept.',
    },
    lasting: true,
  },
  cancelled: {
    status: 409,
    title: 'Cancelled',
    detail: {
      'zh-CN': '该轮次在生成任何内容之前已被取消。您的消息已保存。',
      en: 'The turn was cancelled before anything was said. Your message is kept.',
    },
    lasting: true,
  },
  turn_not_failed: {
    status: 409,
    title: 'Turn not failed',
    detail: {
      'zh-CN': '只有失败的轮次才能重试；该轮次的状态为 {reason}。',
      en: 'Only a turn that failed can be tried again; this one is {reason}.',
    },
  },
  idempotency_key_reused: {
    status: 409,
    title: 'Idempotency key reused',
    detail: {
      'zh-CN': '该 Idempotency-Key 已用于另一条消息。请为每条新消息使用新的键。',
      en: 'This Idempotency-Key was used for another message. Use a new key for each new message.',
    },
  },
  session_busy: {
    status: 409,
    title: 'Session busy',
    detail: {
      'zh-CN': '该会话正在生成回复，消息没有保存。请等它结束后再发送，或使用 on_busy=queue 排队。',
      en: 'A turn of this session is running, and the message was not kept. Send it again when that has ended, or let it wait with on_busy=queue.',
    },
  },
  queue_full: {
    status: 429,
    title: 'Too many messages wait',
    detail: {
      'zh-CN': '该会话排队的消息已达上限，这条消息没有保存。请稍后重新发送。',
      en: 'As many messages of this session wait as may, and this one was not kept. Send it again later.',
    },
  },
  agent_unknown: {
    status: 503,
    title: 'The agent is not known here',
    detail: {
      'zh-CN':
        '该轮次由名为 {reason} 的智能体回答，而这个服务进程没有它。请在同一数据库上启动一个模型文件中有该智能体的服务器，然后重试。',
      en: 'This turn is one of the agent {reason}, which this server does not have. Start a server on the same database whose model file has that agent, and try again.',
    },
  },
  body_too_slow: {
    status: 408,
    title: 'Body too slow',
    detail: {
      'zh-CN': '请求正文在 {limit} 秒内没有收完，请重新发送。',
      en: 'The request body did not arrive within {limit} seconds. Send it again.',
    },
  },
  body_too_large: {
    status: 413,
    title: 'Body too large',
    detail: {
      'zh-CN': '请求正文超过 {limit} 字节的上限。请缩短内容，或分成几条发送。',
      en: 'The request body is over the limit of {limit} bytes. Shorten it, or send it in parts.',
    },
  },
  unsupported_media_type: {
    status: 415,
    title: 'Unsupported media type',
    detail: {
      'zh-CN': '请求正文须为 JSON：请设置请求头 Content-Type: application/json（收到的是 {reason}）。',
      en: 'The request body must be JSON: send the header Content-Type: application/json (it was {reason}).',
    },
  },
  invalid_request: {
    status: 422,
    title: 'Invalid request',
    detail: { 'zh-CN': '{reason}', en: '{reason}' },
  },
  search_busy: {
    status: 503,
    title: 'Too many searches',
    detail: {
      'zh-CN': '同时进行的搜索过多，请稍后重试；搜索更长、更少见的词会更快。',
      en: 'Too many searches run at once. Try again shortly; longer and rarer words are found sooner.',
    },
  },
  internal: {
    status: 500,
    title: 'Internal error',
    detail: {
      'zh-CN': '服务器内部出错。请凭 request_id 在日志中查找原因。',
      en: 'Something went wrong inside the server. Its log tells what, under this request_id.',
    },
  },
  model_failed: {
    status: 502,
    title: 'The model failed',
    detail: {
      'zh-CN': '模型服务未能完成回复：{reason}。您的消息已保存。',
      en: 'The model did not complete the reply: {reason}. Your message is kept.',
    },
    again: retry,
  },
  model_refused: {
    status: 502,
    title: 'The model server refused',
    detail: {
      'zh-CN': '模型服务没有受理：{reason}。您的消息已保存。',
      en: 'The model server did not take it: {reason}. Your message is kept.',
    },
    lasting: true,
  },
  model_quota: {
    status: 503,
    title: 'The model’s quota is used up',
    detail: {
      'zh-CN': '模型服务不再受理请求：{reason}。您的消息已保存。',
      en: 'The model server takes no more requests: {reason}. Your message is kept.',
    },
    lasting: true,
  },
  model_busy: {
    status: 503,
    title: 'The model is busy',
    detail: {
      'zh-CN': '模型服务繁忙：{reason}。您的消息已保存。',
      en: 'The model server is busy: {reason}. Your message is kept.',
    },
    again: retryLater,
  },
  model_timeout: {
    status: 504,
    title: 'The model timed out',
    detail: {
      'zh-CN': '模型服务响应超时：{reason}。您的消息已保存。',
      en: 'The model took too long: {reason}. Your message is kept.',
    },
    again: retry,
  },
  model_empty: {
    status: 502,
    title: 'The model said nothing',
    detail: {
      'zh-CN': '模型没有给出回复：{reason}。您的消息已保存。',
      en: 'The model gave no reply: {reason}. Your message is kept.',
    },
    again: retry,
  },
  model_too_long: {
    status: 413,
    title: 'Too long for the model',
    detail: {
      'zh-CN': '这条消息对模型来说太长：{reason}。消息已保存；请缩短后重新发送，或分成几条。',
      en: 'The message is too long for the model: {reason}. It is kept; send a shorter one, or several.',
    },
    lasting: true,
  },
  interrupted: {
    status: 503,
    title: 'Interrupted',
    detail: {
      'zh-CN': '生成回复时服务器停止了。您的消息已保存。',
      en: 'The server stopped while the reply was being made. Your message is kept.',
    },
    again: retry,
  },
  database_away: {
    status: 503,
    title: 'Database unavailable',
    detail: {
      'zh-CN': '暂时无法连接数据库。',
      en: 'The database cannot be reached at the moment.',
    },
    again: { 'zh-CN': '请稍后重试。', en: ' Try again shortly.' },
  },
  database_crowded: {
    status: 503,
    title: 'Too many database connections',
    detail: {
      'zh-CN':
        '数据库服务器不再接受连接。请调高其 max_connections，或该数据库用户及数据库的 CONNECTION LIMIT，或调低服务器的 DATABASE_POOL_MAX 或 WORKERS；有空闲连接后会自动继续。',
      en: 'The database server takes no more connections. Raise its max_connections, or the CONNECTION LIMIT of that user or database, or lower DATABASE_POOL_MAX or WORKERS of the servers; all goes on by itself once there is one.',
    },
  },
  database_read_only: {
    status: 503,
    title: 'Database read-only',
    detail: {
      'zh-CN':
        '数据库目前只读，无法保存任何内容。主库恢复后会自动继续；否则请在服务器的 DATABASE_URL 中指定主库，或允许写入该数据库。',
      en: 'The database is read-only at the moment, and nothing can be stored. It goes on by itself once there is a primary server; or name that in the server’s DATABASE_URL, or let the database be written.',
    },
  },
  database_full: {
    status: 503,
    title: 'Database disk full',
    detail: {
      'zh-CN': '数据库所在的磁盘已满，无法保存任何内容。请在该磁盘上腾出空间，之后会自动继续。',
      en: 'The disk that holds the database is full, and nothing can be stored. Make room on it; all goes on by itself then.',
    },
  },
  database_refused: {
    status: 503,
    title: 'Database refuses the login',
    detail: {
      'zh-CN':
        '数据库服务器拒绝了本服务器的登录或权限。请检查该数据库用户、密码和权限，以及服务器的 DATABASE_URL；恢复后会自动继续。',
      en: 'The database server does not let this server in, or not do its work. Check that user, its password and rights, and the server’s DATABASE_URL; all goes on by itself once it may.',
    },
  },
  database_missing: {
    status: 503,
    title: 'Database missing',
    detail: {
      'zh-CN': '数据库不存在。请恢复它，或重新启动服务器以新建一个空数据库。',
      en: 'The database is gone. Restore it, or start the server again, which makes an empty one.',
    },
  },
  not_migrated: {
    status: 503,
    title: 'Database not migrated',
    detail: {
      'zh-CN': '数据库结构与本版本不符。请运行 bun run init-db，或重新启动服务器。',
      en: 'The database’s tables are not those of this version. Run bun run init-db, or start the server again.',
    },
  },
  draining: {
    status: 503,
    title: 'Shutting down',
    detail: {
      'zh-CN': '服务器正在停止，不再接受新消息，请稍后重试。',
      en: 'The server is shutting down and takes no new messages. Try again shortly.',
    },
  },
  handed_over: {
    status: 503,
    title: 'Handed over',
    detail: {
      'zh-CN':
        '服务器正在停止。您的消息已保存，回复将由另一个进程（或下次启动时）继续生成：请稍后查看会话，或使用相同的 Idempotency-Key 重新发送。',
      en: 'The server is shutting down. Your message is kept, and another process, or the next start, goes on with the reply: look at the session again shortly, or send the message again with the same Idempotency-Key.',
    },
  },
};

export const isProblemCode = (code: string): code is ProblemCode => Object.hasOwn(problemKinds, code);

export type ProblemType = `urn:agentchat:problem:${ProblemCode}`;

export const problemType = <C extends ProblemCode>(code: C): `urn:agentchat:problem:${C}` =>
  `urn:agentchat:problem:${code}`;

export const problemTypes: ProblemType[] = Object.keys(problemKinds).filter(isProblemCode).map(problemType);
