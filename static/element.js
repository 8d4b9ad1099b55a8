// Elements made in code. Text always goes in as text, never as markup.
import { say, sayAttribute } from './locale.js';

export function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** A button whose text follows the language. */
export function textButton(name, className, onClick) {
  const button = say(element('button', className), name);
  button.type = 'button';
  button.addEventListener('click', onClick);
  return button;
}

/** A button that shows only an icon; its label names what it acts on. */
export function iconButton(icon, label, values, onClick) {
  const button = element('button', 'icon', drawIcon(icon));
  button.type = 'button';
  sayAttribute(button, 'label', label, values);
  button.addEventListener('click', onClick);
  return button;
}

const icons = {
  pencil: 'M4 20h4L19 9l-4-4L4 16v4ZM13.5 6.5l4 4',
  trash: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5',
};

function drawIcon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', icons[name]);
  svg.append(path);
  return svg;
}
