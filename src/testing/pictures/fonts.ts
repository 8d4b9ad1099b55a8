// The letters on the pictures: the same wherever they are made.
import { join } from 'node:path';

const families = ['Noto Sans CJK SC', 'Noto Sans Mono CJK SC', 'DejaVu Math TeX Gyre'];

/** The families that are missing here: without them Chinese would be boxes, and mathematics crooked. */
export async function missingFonts(): Promise<string[]> {
  if (Bun.which('fc-list') === null) return families;
  const listed = await Bun.$`fc-list : family`.text();
  return families.filter((family) => !listed.includes(family));
}

/** Settings of fontconfig, written into `folder`, in which there is nothing but these; what names them to a browser. */
export async function onlyTheseFonts(folder: string): Promise<Record<string, string>> {
  const [sans = '', mono = ''] = families;
  const pattern = (family: string) =>
    `<pattern><patelt name="family"><string>${family}</string></patelt></pattern>`;
  const prefer = (generic: string, family: string) =>
    `<alias binding="same"><family>${generic}</family><prefer><family>${family}</family></prefer></alias>`;
  const path = join(folder, 'fonts.conf');
  await Bun.write(
    path,
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<include>/etc/fonts/fonts.conf</include>
<selectfont>
<acceptfont>${families.map(pattern).join('')}</acceptfont>
<rejectfont><pattern/></rejectfont>
</selectfont>
${['system-ui', 'sans-serif'].map((generic) => prefer(generic, sans)).join('\n')}
${prefer('monospace', mono)}
</fontconfig>`,
  );
  return { FONTCONFIG_FILE: path };
}
