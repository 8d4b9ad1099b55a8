// Reads AutoGen's ListMemory: texts that an agent is to remember.
import { z } from 'zod';
import { entryFor, type Reading, readComponent, readerFor } from '../../models/config/component.ts';
import type { ReadConfig } from '../../models/config/config-reader.ts';
import type { ConfigPath } from '../../models/config/config-source.ts';
import { mapping } from '../../models/config/config-values.ts';
import type { MemoryContent } from '../../words/steps.ts';
import { refuseNotHere } from './not-here.ts';

const textType = 'a type of text, such as text/plain or text/markdown';

const content = z
  .object(
    {
      content: z.string({ error: 'a text' }),
      mime_type: z
        .string({ error: textType })
        .regex(/^(text\/.+|application\/json)$/, { error: textType })
        .default('text/plain'),
      metadata: mapping.optional(),
    },
    { error: 'a mapping with content' },
  )
  .transform(({ metadata = null, ...rest }) => ({ ...rest, metadata }));

const listMemory = z.object({
  name: z.string({ error: 'a text' }).optional(),
  memory_contents: z.array(content, { error: 'a list of contents' }).default([]),
});

export function readMemory(value: unknown, path: ConfigPath, reading: Reading): MemoryContent[] {
  const component = readComponent(value, path, 'a memory', reading);
  refuseNotHere(component, 'memory', reading);
  return entryFor(component, memories, [], reading)(readerFor(component, reading).read);
}

const memories: Record<string, (read: ReadConfig) => MemoryContent[]> = {
  ListMemory: (read) => read(listMemory).memory_contents,
};
