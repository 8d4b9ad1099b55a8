// A server of MCP for the pictures, as a process: trains that can be found, and seats in them that can be booked.
const text = { type: 'string' };
const tools = [
  {
    name: 'find_trains',
    description: 'Trains of a day',
    inputSchema: { type: 'object', properties: { from: text, to: text, day: text } },
    annotations: { readOnlyHint: true },
  },
  {
    name: 'free_seats',
    description: 'Seats that are free in a train',
    inputSchema: { type: 'object', properties: { train: text } },
    annotations: { readOnlyHint: true },
  },
  {
    name: 'book_seat',
    description: process.argv[2] ?? '',
    inputSchema: { type: 'object', properties: { train: text, seat: text } },
  },
];

for await (const line of console) {
  const { id, method, params } = JSON.parse(line);
  const results: Record<string, object> = {
    initialize: {
      protocolVersion: params?.protocolVersion,
      capabilities: { tools: {} },
      serverInfo: { name: 'trains', version: '1' },
    },
    'tools/list': { tools },
    'tools/call': { content: [{ type: 'text', text: 'IC 522, IC 526, AP 184' }] },
  };
  if (id !== undefined) console.log(JSON.stringify({ jsonrpc: '2.0', id, result: results[method] ?? {} }));
}

export {};
