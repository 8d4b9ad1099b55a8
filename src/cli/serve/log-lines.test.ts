import { expect, test } from 'bun:test';
import { linesTogether } from './log-lines.ts';

test('lines of one turn of the event loop are one write, in their order', async () => {
  const written: string[] = [];
  const line = linesTogether((text) => written.push(text));
  line('one');
  line('two');
  expect(written).toEqual([]);
  await Bun.sleep(1);
  line('three');
  await Bun.sleep(1);
  expect(written).toEqual(['one\ntwo\n', 'three\n']);
});

test('what waits at an exit is written', async () => {
  const program = `import { linesTogether } from '${import.meta.dir}/log-lines.ts';
    linesTogether((text) => process.stderr.write(text))('the last words'); process.exit(3);`;
  const child = Bun.spawn([process.execPath, '-e', program], { stderr: 'pipe' });
  expect(await new Response(child.stderr).text()).toBe('the last words\n');
  expect(await child.exited).toBe(3);
});
