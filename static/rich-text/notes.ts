// Footnotes: [^name] in the text, and the note at the end of it. Numbers are given as the names first appear, and
// each leads to the other within its own text.
import type { TokenizerExtension } from 'marked';
import { escapeHtml } from './html.ts';
import { label } from './labels.ts';

/** The notes of one text, as far as it is read: numbers, and how often each is referred to. */
export interface NotesSoFar {
  /** Tells the texts of a page apart. */
  id: number;
  seen: ReadonlyMap<string, { number: number; count: number }>;
}

let texts = 0;

export const noNotes = (): NotesSoFar => ({ id: texts++, seen: new Map() });

/** The notes with this name among them; `more`: it is referred to once more. */
export function withNote({ id, seen }: NotesSoFar, name: string, more: 0 | 1): NotesSoFar {
  const key = name.toLowerCase();
  const { number, count } = seen.get(key) ?? { number: seen.size + 1, count: 0 };
  return { id, seen: new Map(seen).set(key, { number, count: count + more }) };
}

export const noteReference: TokenizerExtension = {
  name: 'note',
  level: 'inline',
  start: (source) => /\[\^/.exec(source)?.index,
  tokenizer(source) {
    const match = this.lexer.state.inLink ? null : /^\[\^([^\s[\]^]{1,99})\](?!\()/.exec(source);
    return match ? { type: 'note', raw: match[0], name: match[1] } : undefined;
  },
};

/** The newest reference to a note of this name. */
export function referenceHtml({ id, seen }: NotesSoFar, name: string): string {
  const { number, count } = seen.get(name.toLowerCase()) ?? { number: 0, count: 0 };
  return (
    `<sup class="rt-ref"><a id="${referenceId(id, number, count)}" href="#fn-${id}-${number}" ` +
    `role="doc-noteref" data-note="${escapeHtml(name)}">${number}</a></sup>`
  );
}

const referenceId = (id: number, number: number, count: number): string => `fnref-${id}-${number}-${count}`;

/** A new item of the list of notes, which is made at the end of `host` with the first of them. */
export function addNote(host: HTMLElement, notes: NotesSoFar, name: string): HTMLElement {
  const number = notes.seen.get(name.toLowerCase())?.number ?? 0;
  let list = notesOf(host)?.querySelector('ol');
  if (!list) {
    const section = document.createElement('section');
    section.className = 'rt-notes';
    section.role = 'doc-endnotes';
    section.dataset.aria = 'notes';
    list = document.createElement('ol');
    section.append(list);
    host.append(section);
    label(host);
  }
  const item = document.createElement('li');
  item.id = `fn-${notes.id}-${number}`;
  // Of two notes with one name the first is meant.
  if (host.querySelector(`#${item.id}`)) item.removeAttribute('id');
  item.value = number;
  item.tabIndex = -1;
  list.insertBefore(
    item,
    [...list.children].find((other) => other instanceof HTMLLIElement && other.value > number) ?? null,
  );
  const text = document.createElement('div');
  text.className = 'rt-note-text';
  item.append(text);
  return text;
}

export const notesOf = (host: HTMLElement): HTMLElement | null => host.querySelector(':scope > .rt-notes');

/** Leads from each note back to where it is referred to. `ended`: a name without a note is text after all. */
export function linkNotes(host: HTMLElement, { id, seen }: NotesSoFar, ended: boolean): void {
  for (const { number, count } of seen.values()) {
    const item = host.querySelector(`#fn-${id}-${number}`);
    for (let at = item?.querySelectorAll('.rt-back').length ?? 0; item && at < count; at++) {
      const back = document.createElement('a');
      back.className = 'rt-back';
      back.role = 'doc-backlink';
      back.href = `#${referenceId(id, number, at + 1)}`;
      back.dataset.aria = 'back';
      back.append('↩\ufe0e');
      if (at > 0) back.append(String(at + 1));
      item.append(' ', back);
      label(item);
    }
  }
  if (!ended) return;
  for (const reference of host.querySelectorAll<HTMLAnchorElement>('[data-note]'))
    if (!host.querySelector(reference.hash))
      reference.parentElement?.replaceWith(`[^${reference.dataset.note}]`);
}

/** Follows a link to a note or back, past the page's own addresses. */
export function follow(host: HTMLElement, link: HTMLAnchorElement): void {
  const place = host.querySelector<HTMLElement>(link.hash);
  for (let fold = place?.closest('details'); fold; fold = fold.parentElement?.closest('details'))
    fold.open = true;
  place?.focus({ preventScroll: true });
  place?.scrollIntoView({ block: 'center' });
}
