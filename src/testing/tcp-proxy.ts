// A proxy before a PostgreSQL server that can do what networks do: forget connections without a word.
import { connect, createServer, type Socket } from 'node:net';

export type TcpProxy = {
  /** The server's URL, through the proxy. */
  url: string;
  /** How many connections there have been. */
  opened(): number;
  /** What is sent through connections that there are now, all or the newest `count`, gets nowhere, and neither end is told. */
  forget(count?: number): void;
  stop(): Promise<void>;
};

export async function startTcpProxy(serverUrl: string): Promise<TcpProxy> {
  const { hostname: host, port } = new URL(serverUrl);
  const forgotten = new Set<Socket>();
  const pairs = new Set<[Socket, Socket]>();
  let opened = 0;
  const proxy = createServer({ allowHalfOpen: true }, (client) => {
    opened++;
    const server = connect({ host, port: Number(port || 5432), allowHalfOpen: true });
    const pair: [Socket, Socket] = [client, server];
    pairs.add(pair);
    for (const [from, to] of [pair, [server, client] as const]) {
      from.on('data', (data) => forgotten.has(client) || to.write(data));
      from.on('end', () => forgotten.has(client) || to.end());
      from.on('error', () => {});
      from.on('close', () => {
        if (forgotten.has(client)) return;
        pairs.delete(pair);
        to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const address = proxy.address();
  const url = new URL(serverUrl);
  url.hostname = '127.0.0.1';
  url.port = String(typeof address === 'object' ? address?.port : 0);
  return {
    url: url.href,
    opened: () => opened,
    forget: (count = pairs.size) => {
      for (const [client] of [...pairs].slice(-count)) forgotten.add(client);
    },
    stop: async () => {
      for (const pair of pairs) for (const socket of pair) socket.destroy();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}
