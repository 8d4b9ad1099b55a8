// Reads the PDF that comes on standard input, and writes what is in it as one line of JSON. A process of its own, which may
// be ended whenever it takes too long.
import { getDocumentProxy } from 'unpdf';
import { mostCharacters } from '../../documents/kinds.ts';
import type { FileText } from '../../words/files.ts';

const bytes = await new Response(Bun.stdin.stream()).bytes();
const pdf = await getDocumentProxy(bytes, { verbosity: 0 });
const read: FileText = { text: '', cut: false };
for (let number = 1; number <= pdf.numPages && !read.cut; number++) {
  const page = await pdf.getPage(number);
  const { items } = await page.getTextContent();
  for (const item of items) if ('str' in item) read.text += item.str + (item.hasEOL ? '\n' : '');
  read.text += '\n\n';
  page.cleanup();
  read.cut = read.text.length > mostCharacters;
}
process.stdout.write(JSON.stringify({ ...read, text: read.text.slice(0, mostCharacters) }), () =>
  process.exit(0),
);
