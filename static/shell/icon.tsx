// The page's icons: one path each, drawn in the colour of the text around them.

const paths = {
  arrowDown: 'M12 5v14M6 13l6 6 6-6',
  arrowUp: 'M12 19V5M6 11l6-6 6 6',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  chevron: 'M9 6l6 6-6 6',
  close: 'M6 6l12 12M18 6L6 18',
  copy: 'M9 9h10v11H9zM15 9V4H5v11h4',
  download: 'M12 4v11M7 11l5 5 5-5M5 20h14',
  info: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 11v5M12 8v.01',
  keyboard: 'M3 7h18v11H3zM7 11h.01M11 11h.01M15 11h.01M17 11h.01M8 14.5h8',
  list: 'M4 7h16M4 12h16M4 17h10',
  more: 'M5 12h.01M12 12h.01M19 12h.01',
  pencil: 'M4 20h4L19 9l-4-4L4 16v4ZM13.5 6.5l4 4',
  plus: 'M12 5v14M5 12h14',
  refresh: 'M4 12a8 8 0 0 1 14-5.3L20 9M20 4v5h-5M20 12a8 8 0 0 1-14 5.3L4 15M4 20v-5h5',
  search: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM16 16l5 5',
  signOut: 'M14 4H6v16h8M10 12h11M17 8l4 4-4 4',
  sliders: 'M4 8h9M17 8h3M4 16h3M11 16h9M15 6v4M9 14v4',
  stop: 'M7.5 7.5h9v9h-9z',
  trash: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5',
} as const;

/** Those that come with a part which is loaded later. */
export type LateIconName = 'camera' | 'clip' | 'eye' | 'eyeOff';
export type IconName = keyof typeof paths | LateIconName;

const known: Partial<Record<IconName, string>> = paths;

export const addIcons = (more: Partial<Record<LateIconName, string>>): unknown => Object.assign(known, more);

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class={`glyph glyph-${name}`} viewBox="0 0 24 24" aria-hidden="true">
      <path d={known[name]} />
    </svg>
  );
}
