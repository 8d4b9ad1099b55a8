// The highlighter with the languages that replies are written in, and its colours; loaded only where there is code.
import { addStyle } from '../shell/add-style.ts';
import css from './highlight.css' with { type: 'text' };

export { default as highlighter } from 'highlight.js/lib/common';

addStyle(css);
