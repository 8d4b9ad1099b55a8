// A message of the reader's own.
import { element } from './element.js';
import { say } from './locale.js';
import { renderText } from './rich-text.js';

export function userMessage(content) {
  const text = element('div', 'text');
  renderText(text, content);
  return element('article', 'message user', say(element('h2', 'unseen'), 'you'), text);
}
