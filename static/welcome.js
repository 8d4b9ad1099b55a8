// What an empty page shows: a greeting, and examples to start from.
import { element } from './element.js';
import { say, t } from './locale.js';

export function welcome(onExample) {
  const logo = element('img', '');
  logo.src = '/static/favicon.svg';
  logo.alt = '';
  const examples = t('examples').map((text) => {
    const button = element('button', 'example', text);
    button.type = 'button';
    button.addEventListener('click', () => onExample(text));
    return element('li', '', button);
  });
  const title = say(element('h2', ''), 'welcome');
  const text = say(element('p', 'lead'), 'welcomeText');
  return element('section', 'welcome', logo, title, text, element('ul', '', ...examples));
}
