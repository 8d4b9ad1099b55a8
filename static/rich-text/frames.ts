// Shows in a frame what the page itself may not show: pictures from elsewhere, and HTML and SVG. Each frame is an
// empty page with a policy of its own (src/http/page-policy.ts), which is filled from here.

/** A picture, which is loaded now. `failed` is called if it does not come. */
export function pictureFrame(address: string, name: string, failed: () => void): HTMLIFrameElement {
  const frame = emptyFrame('picture', name);
  frame.addEventListener('load', () => {
    const place = frame.contentDocument;
    if (!place) return failed();
    const picture = place.createElement('img');
    picture.alt = name;
    picture.referrerPolicy = 'no-referrer';
    Object.assign(picture.style, { display: 'block', width: '100%', height: '100%', objectFit: 'contain' });
    place.body.style.margin = '0';
    picture.addEventListener('error', failed);
    picture.addEventListener('load', () => {
      const { naturalWidth, naturalHeight } = picture;
      if (naturalWidth === 0 || naturalHeight === 0) return;
      frame.style.width = `${naturalWidth}px`;
      frame.style.aspectRatio = `${naturalWidth} / ${naturalHeight}`;
      frame.style.height = 'auto';
    });
    picture.src = address;
    place.body.append(picture);
  });
  return frame;
}

/** HTML or SVG. Nothing in it runs, loads, or leads anywhere. */
export function previewFrame(code: string, name: string): HTMLIFrameElement {
  const frame = emptyFrame('preview', name);
  frame.addEventListener('load', () => {
    const place = frame.contentDocument;
    const parser = place?.defaultView && new place.defaultView.DOMParser();
    if (!parser) return;
    const inner = place.createElement('iframe');
    inner.setAttribute('sandbox', '');
    inner.title = frame.title;
    inner.srcdoc = stillHtml(parser.parseFromString(code, 'text/html'));
    Object.assign(inner.style, { position: 'fixed', inset: '0', width: '100%', height: '100%', border: '0' });
    place.body.append(inner);
  });
  return frame;
}

function emptyFrame(kind: 'picture' | 'preview', name: string): HTMLIFrameElement {
  const frame = document.createElement('iframe');
  frame.className = `rt-frame rt-${kind}`;
  frame.title = name;
  frame.src = `static/${kind}.html`;
  return frame;
}

/** Without what would open connections ahead, and links, of which a click would leave an error in the frame. */
function stillHtml({ documentElement }: Document): string {
  for (const node of documentElement.querySelectorAll('link, meta, base, script, iframe, object, embed'))
    node.remove();
  for (const node of documentElement.querySelectorAll('*'))
    for (const { name, value } of [...node.attributes])
      if (/^(?:xlink:)?href$|^ping$/i.test(name) && !value.startsWith('#')) node.removeAttribute(name);
  return `<!doctype html>${documentElement.outerHTML}`;
}

/** Puts a frame behind `place` or takes it away. */
export function toggleFrame(button: HTMLElement, place: Element, make: () => HTMLIFrameElement): void {
  const shown = place.nextElementSibling;
  const isShown = shown?.matches('.rt-frame') === true;
  if (isShown) shown.remove();
  else place.after(make());
  button.ariaExpanded = String(!isShown);
}
