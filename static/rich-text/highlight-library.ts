// The highlighter with the languages that replies are written in; loaded only where there is code.
export { default as highlighter } from 'highlight.js/lib/common';
