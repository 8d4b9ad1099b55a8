// The page's language: chosen from the browser or by the reader, kept, and written into the page.
// An element names its text with data-t (content), data-t-label, data-t-title or data-t-placeholder.
import { texts } from './texts.js';

const key = 'agentchat.locale';
let current = pick();

function pick() {
  const kept = read();
  if (kept && Object.hasOwn(texts, kept)) return kept;
  return /^zh\b/i.test(navigator.language ?? '') ? 'zh-CN' : 'en';
}

function read() {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // storage may be forbidden; the browser's language then decides
  }
}

/** The language in use, as an HTML `lang` and an `Accept-Language`. */
export function locale() {
  return current;
}

/** The other language, and its own name for itself. */
export function otherLocale() {
  return current === 'en' ? { tag: 'zh-CN', name: '中文' } : { tag: 'en', name: 'English' };
}

export function setLocale(tag) {
  current = tag;
  try {
    localStorage.setItem(key, tag);
  } catch {
    // not kept, but used until the page is closed
  }
}

/** A text in the language in use, with its {values} filled in. */
export function t(name, values = {}) {
  const text = texts[current][name];
  if (typeof text !== 'string') return text;
  return text.replace(/\{(\w+)\}/g, (whole, word) => String(values[word] ?? whole));
}

/** Gives an element a text that follows a later change of language. */
export function say(element, name, values) {
  element.dataset.t = name;
  if (values) element.dataset.tValues = JSON.stringify(values);
  else delete element.dataset.tValues;
  element.textContent = t(name, values);
  return element;
}

/** The same for an attribute: `label`, `title` or `placeholder`. */
export function sayAttribute(element, attribute, name, values) {
  element.dataset[`t${attribute[0].toUpperCase()}${attribute.slice(1)}`] = name;
  if (values) element.dataset.tValues = JSON.stringify(values);
  element.setAttribute(attribute === 'label' ? 'aria-label' : attribute, t(name, values));
  return element;
}

/** Writes every named text below `root` again, in the language in use. */
export function translate(root) {
  for (const element of root.querySelectorAll(
    '[data-t],[data-t-label],[data-t-title],[data-t-placeholder]',
  )) {
    const { t: content, tLabel, tTitle, tPlaceholder, tValues } = element.dataset;
    const values = tValues ? JSON.parse(tValues) : undefined;
    if (content) element.textContent = t(content, values);
    if (tLabel) element.setAttribute('aria-label', t(tLabel, values));
    if (tTitle) element.setAttribute('title', t(tTitle, values));
    if (tPlaceholder) element.setAttribute('placeholder', t(tPlaceholder, values));
  }
}
