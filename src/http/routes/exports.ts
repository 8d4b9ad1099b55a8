// A session as a file: all that was said in it, made while it is sent.
import { createRoute } from '@hono/zod-openapi';
import { exported, fileNameOf } from '../export/exported.ts';
import { formOf } from '../export/forms.ts';
import { contentType, disposition, fileSafety } from '../file-headers.ts';
import { headersOf } from '../response-headers.ts';
import { createRouter } from '../router.ts';
import { problems } from '../schemas/problem-schemas.ts';
import { exportQuery, sessionPath } from '../schemas/query-schemas.ts';
import { streamOf } from '../streamed-body.ts';
import { sessionOf } from './sessions.ts';

const text = { schema: { type: 'string' as const } };

const exportRoute = createRoute({
  method: 'get',
  path: '/{id}/export',
  operationId: 'exportSession',
  tags: ['sessions'],
  summary: 'A session as a file',
  request: { params: sessionPath, query: exportQuery },
  responses: {
    200: {
      description: 'The file, as long as the session: an answer that breaks off is not all of it',
      headers: headersOf('Content-Disposition'),
      content: {
        'application/json': { schema: { type: 'object' as const } },
        'text/markdown': text,
        'text/html': text,
      },
    },
    ...problems('session_not_found'),
  },
});

export const exports = createRouter().openapi(exportRoute, async (c) => {
  const { id } = c.req.valid('param');
  const { format, all } = c.req.valid('query');
  const chat = c.get('chat');
  const session = sessionOf(await chat.sessions.find(id));
  const form = await formOf(format);
  const pieces = exported(form, session, chat.wholeHistory(id, all), c.get('locale'));
  return c.body(streamOf(pieces), 200, {
    ...fileSafety,
    'Content-Type': contentType(form.mediaType),
    'Content-Disposition': disposition(fileNameOf(session, format), form.mediaType),
  });
});
