// Links that show a session as it was, to whoever has them: making them, taking them back, and what they show.
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { Failure } from '../../chat/failure.ts';
import { isoTime } from '../../chat/messages.ts';
import type { SharedSession } from '../../chat/shared-session.ts';
import type { ShareRow } from '../../db/shares.ts';
import type { Bilingual } from '../../words/bilingual.ts';
import { json } from '../answers.ts';
import { exported, fileNameOf } from '../export/exported.ts';
import { formOf } from '../export/forms.ts';
import { contentType, disposition, fileSafety } from '../file-headers.ts';
import { publicAddress, publicPath } from '../public-address.ts';
import { headersOf } from '../response-headers.ts';
import { type AppEnv, createRouter } from '../router.ts';
import { exampleTime, time } from '../schemas/answer-fields.ts';
import { byDatabase, problems, serviceProblems } from '../schemas/problem-schemas.ts';
import { sessionPath, sharedPath, sharedQuery, sharePath } from '../schemas/query-schemas.ts';
import { deleted } from '../schemas/session-schemas.ts';
import { streamOf } from '../streamed-body.ts';

const exampleShare = 'Uf3kZ2Vb8mQx5tYw1nRc7A';

const share = z
  .object({
    id: z.string().openapi({ description: 'Whoever knows it may read what it shows' }),
    url: z.string().openapi({ format: 'uri' }),
    created_at: time,
  })
  .openapi('Share', {
    description: 'A link that shows a session as it was when the link was made',
    example: {
      id: exampleShare,
      url: `https://chat.example.com/shared/${exampleShare}`,
      created_at: exampleTime,
    },
  });

const create = createRoute({
  method: 'post',
  path: '/{id}/shares',
  operationId: 'createShare',
  tags: ['sessions'],
  summary: 'Make a link that shows a session as it is now, without sign-in',
  request: { params: sessionPath },
  responses: { 201: json(share, 'The link', 'Location'), ...problems('session_not_found') },
});

const list = createRoute({
  method: 'get',
  path: '/{id}/shares',
  operationId: 'listShares',
  tags: ['sessions'],
  summary: 'The links that show a session',
  request: { params: sessionPath },
  responses: { 200: json(share.array(), 'The links, newest first'), ...problems('session_not_found') },
});

const remove = createRoute({
  method: 'delete',
  path: '/{id}/shares/{share}',
  operationId: 'deleteShare',
  tags: ['sessions'],
  summary: 'Take a link back',
  request: { params: sharePath },
  responses: {
    200: json(deleted, 'It leads nowhere from now on'),
    ...problems('session_not_found', 'share_not_found'),
  },
});

const text = { schema: { type: 'string' as const } };

const show = createRoute({
  method: 'get',
  path: '/shared/{share}',
  operationId: 'getShared',
  security: [],
  tags: ['sessions'],
  summary: 'What a link shows',
  request: { params: sharedPath, query: sharedQuery },
  responses: {
    200: {
      description: 'The session as it was: all that it showed, and nothing that was said later',
      headers: headersOf('Content-Disposition'),
      content: {
        'text/html': text,
        'text/markdown': text,
        'application/json': { schema: { type: 'object' as const } },
      },
    },
    ...serviceProblems('share_not_found', 'invalid_request', ...byDatabase),
  },
});

const deletedMessage: Bilingual = { 'zh-CN': '分享链接已取消', en: 'Shared link taken back' };

export const shares = createRouter()
  .openapi(create, async (c) => {
    if (!isOn(c)) throw new Failure('not_allowed', { reason: areOff });
    const row = shareOf(c, await c.get('chat').shares.create(c.req.valid('param').id));
    c.header('Location', row.url);
    return c.json(row, 201);
  })
  .openapi(list, async (c) => {
    const rows = await c.get('chat').shares.list(c.req.valid('param').id);
    return c.json(
      rows.map((row) => shareOf(c, row)),
      200,
    );
  })
  .openapi(remove, async (c) => {
    const { id, share } = c.req.valid('param');
    await c.get('chat').shares.delete(id, share);
    return c.json({ success: true as const, message: deletedMessage[c.get('locale')] }, 200);
  });

export const shared = createRouter().openapi(show, async (c) => {
  const { format } = c.req.valid('query');
  const { name, at, pages } = await found(c, c.req.valid('param').share);
  const form = await formOf(format);
  const session = { name, created_at: isoTime(at) };
  return c.body(streamOf(exported(form, session, pages, c.get('locale'))), 200, {
    ...fileSafety,
    'Cache-Control': 'no-store',
    'X-Robots-Tag': 'noindex',
    'Content-Type': contentType(form.mediaType),
    ...(format === 'html'
      ? {}
      : { 'Content-Disposition': disposition(fileNameOf(session, format), form.mediaType) }),
  });
});

const areOff: Bilingual = {
  'zh-CN': '本服务器不允许用链接分享会话（SHARED_LINKS）',
  en: 'this server shows no sessions by links (SHARED_LINKS)',
};

const isOn = (c: Context<AppEnv>): boolean => c.get('parts').settings.sharedLinks ?? true;

async function found(c: Context<AppEnv>, id: string): Promise<SharedSession> {
  if (!isOn(c)) throw new Failure('share_not_found');
  return c.get('parts').chat.shared(id);
}

function shareOf(c: Context<AppEnv>, { id, createdAt }: ShareRow): z.infer<typeof share> {
  const address = publicAddress(c);
  return {
    id,
    url: `${address.origin}${publicPath(address)}/shared/${id}`,
    created_at: isoTime(createdAt),
  };
}
