// The style of what is loaded late comes with it, so that nobody waits for it before.
const added = new Set<string>();

export function addStyle(css: string): void {
  if (added.has(css)) return;
  added.add(css);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets.push(sheet);
}
