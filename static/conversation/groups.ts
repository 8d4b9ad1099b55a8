// Messages in groups of a page each. What is far from view still costs the browser something for each element that it
// has to watch, so it watches groups. A message never changes its group: nothing is drawn anew when others come.
import type { Item } from '../state/items.ts';

export type Group = { key: number; items: Item[] };

const most = 40;

export function createGrouping(): (items: readonly Item[]) => Group[] {
  const keys = new WeakMap<Item, number>();
  let made = 0;
  return (items) => {
    const groups: Group[] = [];
    for (const item of items) {
      const last = groups.at(-1);
      let key = keys.get(item);
      // A new one joins the group before it, unless that is full.
      key ??= last && last.items.length < most ? last.key : made++;
      keys.set(item, key);
      if (last?.key === key) last.items.push(item);
      else groups.push({ key, items: [item] });
    }
    return groups;
  };
}
