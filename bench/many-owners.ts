// Requests that each somebody else makes.
import { connect, request } from './processes/connection.ts';
import { createHttpReader, type Message } from './processes/http-reader.ts';

const lanes = 32;

type Asking = { port: number; path: string; from: number; to: number; header: (n: number) => string };

/** Asks once for each number from `from` to before `to`, with its header. Rejects at the first answer that is not 200. */
export async function askEach({ port, path, from, to, header }: Asking): Promise<void> {
  let next = from;
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      let answered = (_: Message) => {};
      let failed = (_: Error) => {};
      const read = createHttpReader((message) => answered(message));
      const connection = await connect(port, read, () => failed(new Error('the server closed')));
      while (next < to) {
        const bytes = request(port, path, undefined, undefined, header(next++));
        const { head, body } = await new Promise<Message>((resolve, reject) => {
          answered = resolve;
          failed = reject;
          connection.write(bytes);
        });
        if (!head.startsWith('http/1.1 200')) throw new Error(`${head.split('\r\n')[0]} ${body}`);
      }
      connection.end();
    }),
  );
}
