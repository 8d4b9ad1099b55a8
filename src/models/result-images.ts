// Images in the results of tools, which AutoGen writes into their text.
import type { LlmMessage } from './messages.ts';

/** How images begin, in base64. AutoGen writes PNG, whatever it was given, but others may have written the state. */
const IMAGE_TYPES: [beginning: string, type: string][] = [
  ['/9j/', 'image/jpeg'],
  ['R0lGOD', 'image/gif'],
  ['UklGR', 'image/webp'],
];

export const imageType = (data: string): string =>
  IMAGE_TYPES.find(([beginning]) => data.startsWith(beginning))?.[1] ?? 'image/png';

const RESULT_IMAGE = /\[Image: ([A-Za-z0-9+/]{32,}={0,2})\]/;

/** A result's texts and images in turn; a text alone where it has none. */
export const resultParts = (content: string): (string | { data: string })[] =>
  content.split(RESULT_IMAGE).map((part, index) => (index % 2 === 0 ? part : { data: part }));

/**
 * The same for models that see images in what a user says alone: behind results with images comes a message with these, and
 * where they were the results say so.
 */
export function withImagesBehind(messages: readonly LlmMessage[]): LlmMessage[] {
  return messages.flatMap((message): LlmMessage[] => {
    if (message.type !== 'FunctionExecutionResultMessage') return [message];
    const images: { data: string }[] = [];
    const results = message.content.map((result) => {
      const parts = resultParts(result.content).map((part) => {
        if (typeof part === 'string') return part;
        return `[Image ${images.push(part)}, shown below]`;
      });
      return { ...result, content: parts.join('') };
    });
    if (images.length === 0) return [message];
    const shown = images.flatMap((image, n) => [`Image ${n + 1} of the results:`, image]);
    return [
      { ...message, content: results },
      { type: 'UserMessage', source: 'user', content: shown },
    ];
  });
}
