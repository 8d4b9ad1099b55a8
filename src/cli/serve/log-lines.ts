// The log's lines on their way out.

/** Writes the lines of one turn of the event loop together: each write is a system call. At an exit, what waits is written. */
export function linesTogether(write: (text: string) => unknown): (line: string) => void {
  let waiting = '';
  function flush(): void {
    const text = waiting;
    waiting = '';
    if (text !== '') write(text);
  }
  process.on('exit', flush);
  return (line) => {
    if (waiting === '') setImmediate(flush);
    waiting += `${line}\n`;
  };
}

/** A terminal or a pipe that is gone takes no more lines, which is no reason to end in the middle of a turn. */
export function outliveReaders(): void {
  for (const output of [process.stdout, process.stderr]) output.on('error', () => {});
}
