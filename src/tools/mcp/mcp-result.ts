// What an MCP server answers to a call, as a result of ours: cut to what a model and a database can take.

import { z } from 'zod';
import { cutText, wellFormed } from '../../words/well-formed.ts';
import type { ResultPart, ToolProgress, ToolResult } from '../tool.ts';
import { shortText, wellFormedJson } from '../well-formed.ts';

export const resultLimits = {
  /** UTF-16 units of all texts together. */
  text: 1_000_000,
  /** Of all images together, as base64. */
  images: 5_000_000,
  parts: 1000,
};

const mimeType = z
  .string()
  .regex(/^[\w.+-]{1,60}\/[\w.+-]{1,60}$/)
  .catch('application/octet-stream');
const content = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('image'), data: z.string(), mimeType }),
  z.object({ type: z.literal('audio'), data: z.string(), mimeType }),
  z.looseObject({ type: z.literal('resource'), resource: z.record(z.string(), z.unknown()) }),
  z.looseObject({ type: z.literal('resource_link'), uri: z.string() }),
]);

/** An answer that is no result is an error in plain words. */
export function readResult(answer: Record<string, unknown>): ToolResult {
  const isError = answer.isError === true;
  const items = Array.isArray(answer.content) ? answer.content : [];
  const bounds = { text: resultLimits.text, images: resultLimits.images };
  const parts = items.slice(0, resultLimits.parts).map((item) => bounded(readPart(item), bounds));
  if (items.length > resultLimits.parts) {
    parts.push({ type: 'text', text: `[${items.length - resultLimits.parts} further parts were left out.]` });
  }
  // A server that gives both says the same twice.
  if (items.length === 0 && answer.structuredContent !== undefined) {
    parts.push(bounded(jsonPart('text', answer.structuredContent), bounds));
  }
  if (parts.length > 0 || Array.isArray(answer.content)) return { parts, isError };
  return {
    parts: [{ type: 'text', text: 'The MCP server’s answer is no result of a tool.' }],
    isError: true,
  };
}

/** Of base64. */
const bytesOf = (data: string) => Math.floor((data.length * 3) / 4);

function readPart(item: unknown): ResultPart {
  const parsed = content.safeParse(item);
  if (!parsed.success)
    return { type: 'other', text: '[A part of the result that cannot be read was left out.]' };
  const part = parsed.data;
  switch (part.type) {
    case 'text':
      return { type: 'text', text: wellFormed(part.text) };
    case 'image':
      return isImage(part) ? part : { type: 'other', text: '[An image that cannot be read was left out.]' };
    case 'audio':
      return { type: 'other', text: `[Audio: ${part.mimeType}, ${bytesOf(part.data)} bytes]` };
    case 'resource':
      return jsonPart('other', { ...part, resource: withoutBlob(part.resource) });
    case 'resource_link':
      return jsonPart('other', part);
  }
}

function isImage({ data, mimeType }: { data: string; mimeType: string }): boolean {
  return mimeType.startsWith('image/') && data.length > 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(data);
}

/** A file's text says something to a model, its bytes do not. */
function withoutBlob(resource: Record<string, unknown>): Record<string, unknown> {
  const { blob } = resource;
  return typeof blob === 'string' ? { ...resource, blob: `[${bytesOf(blob)} bytes]` } : resource;
}

function jsonPart(type: 'text' | 'other', value: unknown): ResultPart {
  return { type, text: JSON.stringify(wellFormedJson(value)) ?? '' };
}

/** The part, or as much of it as there is room for; what is left out is told. Takes from `room` what it needs. */
function bounded(part: ResultPart, room: { text: number; images: number }): ResultPart {
  if (part.type === 'image') {
    if (part.data.length > room.images) {
      return {
        type: 'other',
        text: `[Image: ${part.mimeType}, ${bytesOf(part.data)} bytes, too large to be shown]`,
      };
    }
    room.images -= part.data.length;
    return part;
  }
  const kept = cutText(part.text, Math.max(0, room.text));
  room.text -= kept.length;
  const left = part.text.length - kept.length;
  return left === 0
    ? part
    : { ...part, text: `${kept}\n[Cut here: ${left} further characters were left out.]` };
}

/** Progress as it may be shown and stored. */
export function readProgress(at: {
  progress: number;
  total?: number | undefined;
  message?: string | undefined;
}): ToolProgress {
  return {
    progress: at.progress,
    ...(at.total === undefined ? {} : { total: at.total }),
    ...(at.message ? { message: shortText(at.message, 500) } : {}),
  };
}
