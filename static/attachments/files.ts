// What is loaded once the page is there, for who brings files along and for messages that did.
export { Attachments } from './attachments.tsx';
export { SaidFiles } from './said-files.tsx';
