// Files for tests: office files and PDFs made by hand, small ones and hostile ones.
import { strToU8, zipSync, zlibSync } from 'fflate';

export const zip = (entries: Record<string, string>): Uint8Array<ArrayBuffer> =>
  new Uint8Array(
    zipSync(Object.fromEntries(Object.entries(entries).map(([name, text]) => [name, strToU8(text)]))),
  );

export const docx = (...paragraphs: string[]) =>
  zip({
    '[Content_Types].xml': '<Types/>',
    'word/document.xml': `<?xml version="1.0"?><w:document><w:body>${paragraphs
      .map((text) => `<w:p><w:r><w:t xml:space="preserve">${text}</w:t></w:r></w:p>`)
      .join('')}</w:body></w:document>`,
  });

export const xlsx = (rows: string[][]) => {
  const shared = [...new Set(rows.flat())];
  const cell = (text: string) =>
    /^\d+$/.test(text) ? `<c><v>${text}</v></c>` : `<c t="s"><v>${shared.indexOf(text)}</v></c>`;
  return zip({
    'xl/workbook.xml': '<workbook/>',
    'xl/sharedStrings.xml': `<sst>${shared.map((text) => `<si><t>${text}</t></si>`).join('')}</sst>`,
    'xl/worksheets/sheet1.xml': `<worksheet><sheetData>${rows
      .map((row) => `<row>${row.map(cell).join('')}</row>`)
      .join('')}</sheetData></worksheet>`,
  });
};

export const pptx = (...slides: string[]) =>
  zip({
    'ppt/presentation.xml': '<p/>',
    ...Object.fromEntries(
      slides.map((text, n) => [
        `ppt/slides/slide${n + 1}.xml`,
        `<p:sld><a:p><a:r><a:t>${text}</a:t></a:r></a:p></p:sld>`,
      ]),
    ),
  });

/** One page with one line; `kids` are the pages that the document says it has. */
export function pdf(text: string, kids = '3 0 R', count = 1): string {
  const content = `BT /F1 18 Tf 10 50 Td (${text}) Tj ET`;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${kids}] /Count ${count} >>`,
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 144] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ];
  let file = '%PDF-1.4\n';
  const places: number[] = [];
  for (const [index, object] of objects.entries()) {
    places.push(file.length);
    file += `${index + 1} 0 obj\n${object}\nendobj\n`;
  }
  const table = places.map((place) => `${String(place).padStart(10, '0')} 00000 n \n`).join('');
  return `${file}xref\n0 6\n0000000000 65535 f \n${table}trailer << /Size 6 /Root 1 0 R >>\nstartxref\n${file.length}\n%%EOF`;
}

/** A picture that browsers show: two colours, from left to right. */
export function png(width: number, height: number, left = [47, 111, 98], right = [214, 158, 66]) {
  const rows = new Uint8Array(height * (1 + 3 * width));
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const part = (x / width + y / height) / 2;
      const colour = left.map((from, n) => from + ((right[n] ?? 0) - from) * part);
      rows.set(colour, y * (1 + 3 * width) + 1 + 3 * x);
    }
  const size = new DataView(new ArrayBuffer(13));
  size.setUint32(0, width);
  size.setUint32(4, height);
  size.setUint16(8, 0x0802);
  return new Uint8Array([
    ...[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
    ...chunk('IHDR', new Uint8Array(size.buffer)),
    ...chunk('IDAT', zlibSync(rows)),
    ...chunk('IEND', new Uint8Array(0)),
  ]);
}

function chunk(name: string, data: Uint8Array): Uint8Array {
  const named = new Uint8Array([...strToU8(name), ...data]);
  const [length, sum] = [new DataView(new ArrayBuffer(4)), new DataView(new ArrayBuffer(4))];
  length.setUint32(0, data.length);
  sum.setUint32(0, Bun.hash.crc32(named));
  return new Uint8Array([...new Uint8Array(length.buffer), ...named, ...new Uint8Array(sum.buffer)]);
}
