// Makes one tree look like another and keeps every node that need not change, so that a selection, the focus
// and what was read stay where they are.

/** Makes the children of `target` equal to those of `wanted`, whose nodes it may take. */
export function morph(target: Node, wanted: Node): void {
  let old = target.firstChild;
  let fresh = wanted.firstChild;
  while (fresh !== null) {
    const next = fresh.nextSibling;
    if (old === null) {
      target.appendChild(fresh);
    } else {
      const following: ChildNode | null = old.nextSibling;
      if (!adapt(old, fresh)) target.replaceChild(fresh, old);
      old = following;
    }
    fresh = next;
  }
  while (old !== null) {
    const following: ChildNode | null = old.nextSibling;
    old.remove();
    old = following;
  }
}

function adapt(old: Node, fresh: Node): boolean {
  if (old instanceof Text && fresh instanceof Text) {
    if (fresh.data === old.data) return true;
    if (fresh.data.startsWith(old.data)) old.appendData(fresh.data.slice(old.length));
    else old.data = fresh.data;
    return true;
  }
  if (!(old instanceof Element && fresh instanceof Element)) return false;
  if (old.nodeName !== fresh.nodeName || old.namespaceURI !== fresh.namespaceURI) return false;
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  morph(old, fresh);
  return true;
}
