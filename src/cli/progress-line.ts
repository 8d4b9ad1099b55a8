// Shows on standard error that something goes on: a line that moves on a terminal, elsewhere one now and then.
// Imports nothing that is not in Bun.

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const frameMs = 100;

/** How often a line is written where it cannot move. */
const lineMs = 15_000;

/** Waits for `work` and shows it; `line` says what goes on, after so many whole seconds. */
export async function withProgress<T>(line: (seconds: number) => string, work: Promise<T>): Promise<T> {
  const out = process.stderr;
  const moves = out.isTTY && process.env.TERM !== 'dumb';
  const began = performance.now();
  const seconds = () => Math.floor((performance.now() - began) / 1000);
  let shown = 0;
  const draw = () => out.write(`\r\x1b[K${frames[shown++ % frames.length]} ${line(seconds())}`);
  if (moves) draw();
  else out.write(`${line(0)}\n`);
  const timer = setInterval(
    () => (moves ? draw() : out.write(`${line(seconds())}\n`)),
    moves ? frameMs : lineMs,
  );
  try {
    return await work;
  } finally {
    clearInterval(timer);
    if (moves) out.write(`\r\x1b[K${line(seconds())}\n`);
  }
}
