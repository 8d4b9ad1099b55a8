// A button beside a block.
import { label } from './labels.ts';
import type { ToolWord } from './tool-words.ts';

export function toolButton(word: ToolWord, run: (button: HTMLButtonElement) => void): HTMLButtonElement {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'rt-tool';
  button.dataset.label = word;
  const holder = document.createDocumentFragment();
  holder.append(button);
  label(holder);
  button.addEventListener('click', () => run(button));
  return button;
}
