// /api/files: what people send along with messages, in and out.
import { createRoute, z } from '@hono/zod-openapi';
import { isoTime } from '../../chat/messages.ts';
import { json } from '../answers.ts';
import { fileBody } from '../file-body.ts';
import { contentType, disposition, fileSafety, namesTag, partAsked } from '../file-headers.ts';
import { HttpProblem } from '../problem.ts';
import { headersOf } from '../response-headers.ts';
import { createRouter } from '../router.ts';
import { exampleId, exampleTime, time } from '../schemas/answer-fields.ts';
import { text } from '../schemas/fields.ts';
import { fileRef } from '../schemas/message-schemas.ts';
import { problems } from '../schemas/problem-schemas.ts';
import { filePath } from '../schemas/query-schemas.ts';
import { streamOf } from '../streamed-body.ts';

const file = z
  .object({
    ...fileRef.shape,
    sha256: z.string().openapi({ description: 'Of its bytes, in hexadecimal' }),
    created_at: time,
  })
  .openapi('File', {
    description: 'A file that messages may name',
    example: {
      id: exampleId,
      name: 'report.pdf',
      media_type: 'application/pdf',
      size: 48_213,
      text: { characters: 12_034, cut: false },
      sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      created_at: exampleTime,
    },
  });

// No zod: what is validated would be read as a whole first.
const binary = { type: 'string' as const, format: 'binary' };

const problemsOfUpload = ['malformed_body', 'body_too_slow', 'body_too_large', 'files_busy'] as const;

const upload = createRoute({
  method: 'post',
  path: '/',
  operationId: 'uploadFile',
  tags: ['files'],
  summary: 'Store a file, for messages to name',
  request: {
    headers: z.object({
      'x-file-name': text(0, 4000).optional().openapi({
        description: 'Its name, where the body is the file: UTF-8, or as in an address (`%E4%BD%A0`)',
      }),
    }),
    body: {
      description: 'A form with one file in it, or its bytes with any other `Content-Type`',
      content: {
        'multipart/form-data': {
          schema: { type: 'object' as const, properties: { file: binary }, required: ['file'] },
        },
        'application/octet-stream': { schema: binary },
      },
    },
  },
  responses: { 201: json(file, 'The file', 'Location'), ...problems(...problemsOfUpload) },
});

const download = createRoute({
  method: 'get',
  path: '/{id}',
  operationId: 'getFile',
  tags: ['files'],
  summary: 'The bytes of a file, or a part of them',
  request: {
    params: filePath,
    headers: z.object({
      range: text(0, 200).optional().openapi({ description: 'One part, such as `bytes=0-1023`' }),
      'if-none-match': text(0, 4000)
        .optional()
        .openapi({ description: 'From `ETag`: 304 if it is the same' }),
      'if-range': text(0, 200)
        .optional()
        .openapi({ description: 'The part, if the file has this `ETag` still' }),
    }),
  },
  responses: {
    200: bytesAnswer('The file'),
    206: bytesAnswer('The part that was asked for; `Content-Range` says which'),
    304: { description: 'It is the same', headers: headersOf('ETag') },
    ...problems('file_not_found', 'range_not_satisfiable'),
  },
});

function bytesAnswer(description: string) {
  return {
    description,
    headers: headersOf('ETag', 'Content-Disposition'),
    content: { '*/*': { schema: binary } },
  };
}

export const files = createRouter()
  .openapi(upload, async (c) => {
    const own = c.get('chat').files;
    own.mayStore();
    const { name, chunks, most } = await fileBody(c);
    const row = await own.store(name, chunks, most);
    c.header('Location', `${c.get('basePath')}/api/files/${row.id}`);
    const { mediaType: media_type, createdAt, ...rest } = row;
    return c.json({ ...rest, media_type, created_at: isoTime(createdAt) }, 201);
  })
  .openapi(download, async (c) => {
    const own = c.get('chat').files;
    const { id, name, mediaType, size, sha256 } = await own.find(c.req.valid('param').id);
    const tag = `"${sha256}"`;
    const headers: Record<string, string> = { ...fileSafety, ETag: tag, 'Accept-Ranges': 'bytes' };
    if (namesTag(c.req.header('if-none-match'), tag)) return c.body(null, 304, headers);
    const ifRange = c.req.header('if-range');
    const isSame = ifRange === undefined || ifRange === tag;
    const asked = partAsked(isSame ? c.req.header('range') : undefined, size);
    if (asked === 'none')
      throw new HttpProblem(
        'range_not_satisfiable',
        { limit: size },
        { headers: { 'Content-Range': `bytes */${size}` } },
      );
    const part = asked === 'whole' ? { start: 0, end: size } : asked;
    headers['Content-Type'] = contentType(mediaType);
    headers['Content-Disposition'] = disposition(name, mediaType);
    headers['Content-Length'] = String(part.end - part.start);
    if (asked !== 'whole') headers['Content-Range'] = `bytes ${part.start}-${part.end - 1}/${size}`;
    return c.body(streamOf(own.read(id, part)), asked === 'whole' ? 200 : 206, headers);
  });
