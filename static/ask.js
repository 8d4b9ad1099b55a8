// The page's one dialog: a question to confirm, a text to give, or something to be told.
import { say } from './locale.js';

const byId = (id) => document.getElementById(id);

/** Resolves with true (or the text, where `value` was given), or null when the reader declines. */
export function ask({ title, text, textValues, plainText, yes, danger = false, value, tellOnly = false }) {
  const [dialog, input, button, paragraph] = ['ask', 'ask-input', 'ask-yes', 'ask-text'].map(byId);
  say(byId('ask-title'), title);
  delete paragraph.dataset.t;
  if (text) say(paragraph, text, textValues);
  else paragraph.textContent = plainText ?? '';
  paragraph.hidden = !text && !plainText;
  say(button, yes);
  button.classList.toggle('danger', danger);
  byId('ask-no').hidden = tellOnly;
  input.hidden = value === undefined;
  input.required = value !== undefined;
  input.value = value ?? '';
  if (value === undefined) input.removeAttribute('aria-labelledby');
  else input.setAttribute('aria-labelledby', 'ask-title');
  input.onkeydown = (event) => {
    // Enter must choose the dialog's yes, not its first button, and must not end a composition
    if (event.key !== 'Enter' || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    button.click();
  };
  dialog.returnValue = '';
  dialog.showModal();
  if (value !== undefined) input.select();
  else if (!tellOnly) byId('ask-no').focus();
  return new Promise((resolve) => {
    dialog.addEventListener(
      'close',
      () => {
        if (dialog.returnValue !== 'ok') resolve(null);
        else resolve(value === undefined ? true : input.value.trim());
      },
      { once: true },
    );
  });
}
