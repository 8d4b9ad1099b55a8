// Code wraps or scrolls, as the reader likes it everywhere, and is saved under a name that fits its language;
// HTML and SVG can be seen.
import { download } from '../shell/download.ts';
import { browserStorage } from '../state/storage.ts';
import { previewFrame, toggleFrame } from './frames.ts';
import { toolButton } from './tool-button.ts';

const endings: Record<string, string> = Object.fromEntries(
  [
    'bash:sh c cpp c++:cpp csharp:cs cs css csv diff dockerfile:txt go golang:go graphql html ini java',
    'javascript:js js json jsonc:json jsx kotlin:kt kt latex:tex less lua makefile:mk markdown:md md mermaid:mmd',
    'objectivec:m perl:pl php plaintext:txt powershell:ps1 ps1 py python:py r rb ruby:rb rs rust:rs sass scala scss',
    'sh shell:sh sql svg swift tex toml ts tsx typescript:ts vue xml yaml:yaml yml zsh:sh',
  ].flatMap((line) =>
    line.split(' ').map((pair) => {
      const [language = '', ending = language] = pair.split(':');
      return [language, ending] as const;
    }),
  ),
);

const storage = browserStorage();
const root = document.documentElement;
root.classList.toggle('rt-wraps', storage.read('wrap-code') === 'yes');

export function codeTools(bar: Element): void {
  const code = bar.parentElement?.querySelector('code');
  if (!code) return;
  const language = bar.querySelector('.rt-language:not([data-label])')?.textContent.toLowerCase() ?? '';
  const wrap = toolButton('wrap', toggleWrap);
  wrap.classList.add('rt-wrap');
  wrap.ariaPressed = String(root.classList.contains('rt-wraps'));
  const save = toolButton('save', () => {
    const ending = Object.hasOwn(endings, language) ? endings[language] : 'txt';
    download(`code.${ending}`, new Blob([code.textContent, '\n'], { type: 'text/plain;charset=utf-8' }));
  });
  const copy = bar.querySelector('.rt-copy');
  copy?.before(wrap, save);
  if (!/^(?:html?|svg)$/.test(language) && !(language === 'xml' && /<svg[\s>]/.test(code.textContent)))
    return;
  const preview = toolButton('preview', () =>
    toggleFrame(preview, code.parentElement ?? code, () =>
      previewFrame(code.textContent, preview.textContent),
    ),
  );
  preview.ariaExpanded = 'false';
  copy?.before(preview);
}

function toggleWrap(): void {
  const wraps = root.classList.toggle('rt-wraps');
  storage.write('wrap-code', wraps ? 'yes' : null);
  for (const button of document.querySelectorAll('.rt-wrap')) button.ariaPressed = String(wraps);
}
