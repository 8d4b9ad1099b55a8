// What can be done with code, tables and pictures besides copying code; loaded with the first that is complete.
import { addStyle } from '../shell/add-style.ts';
import { codeTools } from './code-tools.ts';
import { richTextLabels } from './labels.ts';
import { pictureTools } from './picture-tools.ts';
import { tableTools } from './table-tools.ts';
import { toolWords } from './tool-words.ts';
import css from './tools.css' with { type: 'text' };

addStyle(css);
Object.assign(richTextLabels['zh-CN'], toolWords['zh-CN']);
Object.assign(richTextLabels.en, toolWords.en);

/** Gives each complete block below `root` its tools, once. */
export function addTools(root: ParentNode): void {
  for (const bar of root.querySelectorAll('.rt-code-bar:not(:has(.rt-tool))')) codeTools(bar);
  for (const bar of root.querySelectorAll('.rt-table-bar:empty')) tableTools(bar);
  for (const link of root.querySelectorAll<HTMLAnchorElement>('a.rt-image:not(:has(+ .rt-tool))'))
    pictureTools(link);
}
