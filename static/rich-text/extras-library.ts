// How what only some replies have looks; loaded with the first reply.
import { addStyle } from '../shell/add-style.ts';
import css from './extras.css' with { type: 'text' };

export function addExtras(): void {
  addStyle(css);
}
