// The bytes that the model server sends, made once where they can be.
import { replyPieces, tagLength } from './protocol.ts';

const placeholder = '*'.repeat(tagLength);
const usage = { prompt_tokens: 20, completion_tokens: 8, total_tokens: 28 };

const chunk = (choices: unknown[], more = {}) =>
  `data: ${JSON.stringify({ id: 'chatcmpl-bench', object: 'chat.completion.chunk', created: 0, model: 'bench', choices, ...more })}\n\n`;
const delta = (content: string) => chunk([{ index: 0, delta: { content }, finish_reason: null }]);
const end = `${chunk([{ index: 0, delta: {}, finish_reason: 'stop' }])}${chunk([], { usage })}data: [DONE]\n\n`;

const [beforeContent = '', afterContent = ''] = delta(placeholder).split(placeholder);

/** One piece as a chunk of HTTP's chunked encoding. `content` is plain ASCII, which JSON leaves as it is. */
export function pieceChunk(content: string): string {
  const length = beforeContent.length + content.length + afterContent.length;
  return `${length.toString(16)}\r\n${beforeContent}${content}${afterContent}\r\n`;
}

const httpChunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

export const streamHead =
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n';
export const streamClosing = `${httpChunk(end)}0\r\n\r\n`;

/** Gives these bytes with the tag in place of the placeholder. */
function withTag(text: string): (tag: string) => Buffer {
  const template = Buffer.from(text);
  const at = template.indexOf(placeholder);
  return (tag) => {
    const bytes = Buffer.from(template);
    bytes.write(tag, at, 'latin1');
    return bytes;
  };
}

const pieces = replyPieces(placeholder);

/** The whole reply as a stream, in one write. */
export const streamedAnswer = withTag(
  `${streamHead}${httpChunk(pieces.map(delta).join(''))}${streamClosing}`,
);

const body = JSON.stringify({
  id: 'chatcmpl-bench',
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', content: pieces.join('') }, finish_reason: 'stop' }],
  usage,
});

/** The whole reply as one JSON object. */
export const completeAnswer = withTag(
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
);
