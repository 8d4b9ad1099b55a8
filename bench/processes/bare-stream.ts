// The bare handler's stream: the model's pieces as events, as they come, and nothing stored but the whole reply.

export const eventStreamType = 'text/event-stream';

/** `store` is given the whole reply and the tokens it took, before the last event. */
export function bareStream(
  answer: Response,
  store: (content: string, usage: unknown) => Promise<unknown>,
): ReadableStream<Uint8Array> {
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  let content = '';
  let usage: unknown;
  let rest = '';

  /** The events that these bytes complete. */
  function eventsOf(bytes: Uint8Array): string {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    let events = '';
    for (const line of lines) {
      if (!line.startsWith('data: {')) continue;
      const chunk = JSON.parse(line.slice('data: '.length));
      const piece = chunk.choices[0]?.delta.content ?? '';
      usage = chunk.usage ?? usage;
      content += piece;
      if (piece !== '')
        events += event('ModelClientStreamingChunkEvent', { source: 'assistant', content: piece });
    }
    return events;
  }

  return new ReadableStream({
    async pull(controller) {
      for (;;) {
        const { value } = await reader.read();
        const events = value
          ? eventsOf(value)
          : event('TextMessage', await store(content, usage)) + event('done', {});
        if (events !== '') controller.enqueue(encoder.encode(events));
        if (!value) controller.close();
        if (!value || events !== '') return;
      }
    },
  });
}

const event = (name: string, data: unknown): string => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
