// Documents that are made to do harm, and broken ones: reading them ends, soon, and within bounds.
import { expect, test } from 'bun:test';
import { readPdf } from '../cli/serve/read-pdf.ts';
import { docx, pdf, xlsx, zip } from '../testing/documents.ts';
import { mostCharacters } from './kinds.ts';
import { readOffice } from './office-text.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);

test('a document that inflates to gigabytes is read as far as it may be', () => {
  const paragraph = `<w:p><w:t>${'a'.repeat(1000)}</w:t></w:p>`;
  const bomb = zip({ 'word/document.xml': `<w:document>${paragraph.repeat(6000)}` });
  expect(bomb.length).toBeLessThan(1_000_000);
  const read = readOffice(bomb);
  expect([read?.cut, read?.text.length]).toEqual([true, mostCharacters]);
  // One that has nothing in it but that: 34 MB of blanks before the first word.
  const empty = zip({ 'word/document.xml': `${' '.repeat(34_000_000)}<w:t>late</w:t>` });
  expect(readOffice(empty)).toMatchObject({ cut: true, text: '' });
  const many = zip({
    'xl/workbook.xml': '',
    ...Object.fromEntries(
      Array.from({ length: 40 }, (_, n) => [`xl/worksheets/sheet${n + 1}.xml`, ' '.repeat(1_000_000)]),
    ),
  });
  expect(readOffice(many)?.cut).toBe(true);
});

test('what is broken or lies is read as far as it goes', () => {
  const whole = docx('first', 'second');
  for (let length = 0; length < whole.length; length += 7)
    expect(() => readOffice(whole.slice(0, length))).not.toThrow();
  const random = (n: number) => (n * 2_654_435_761) >>> 0;
  for (let n = 0; n < 2000; n++) {
    const broken = whole.slice();
    for (let k = 0; k < 1 + (n % 8); k++) broken[random(n * 8 + k) % broken.length] = random(n + k) % 256;
    expect(() => readOffice(broken)).not.toThrow();
  }
  const entity = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>';
  const lol = zip({ 'word/document.xml': `${entity}<w:p><w:t>&b;&#x110000;&#0;&amp;lt;</w:t></w:p>` });
  expect(readOffice(lol)?.text).toBe('&b;&lt;\n');
  expect(readOffice(xlsx([['a', '9']]))?.text).toBe('a\t9\n\n');
  const beyond = zip({
    'xl/workbook.xml': '',
    'xl/worksheets/sheet1.xml': '<row><c t="s"><v>99999999</v></c></row>',
  });
  expect(readOffice(beyond)?.text).toBe('\n\n');
  expect(readOffice(zip({ '../../etc/passwd': 'x' }))).toBeUndefined();
});

test('a PDF is read in a process that ends, however long it would take', async () => {
  expect(await readPdf(bytesOf(pdf('heron')))).toEqual({ text: 'heron\n\n', cut: false });
  for (const broken of ['%PDF-1.7', pdf('heron').slice(0, 300), '%PDF-1.4\n'.repeat(1000)])
    expect(await readPdf(bytesOf(broken))).toBeUndefined();
  // Pages that are each other's, and more of them than there are.
  const circle = await readPdf(bytesOf(pdf('heron', '3 0 R 2 0 R', 1_000_000_000)));
  expect(circle === undefined || circle.text.length <= mostCharacters).toBe(true);
}, 60_000);
