// Keeps the newest text in view, unless the reader has scrolled up to read.

export function stickToBottom(scroller, content, button) {
  const near = 48; // pixels that still count as the bottom
  let following = true;
  let last = 0; // where the scroller was

  function toBottom() {
    scroller.scrollTop = scroller.scrollHeight;
  }

  function look() {
    const atBottom = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < near;
    // text that arrives also takes us away from the bottom; only the reader goes up
    if (atBottom) following = true;
    else if (scroller.scrollTop < last) following = false;
    last = scroller.scrollTop;
    button.hidden = following || atBottom;
  }

  scroller.addEventListener('scroll', look, { passive: true });
  const observer = new ResizeObserver(() => {
    if (following) toBottom();
    else look();
  });
  observer.observe(content);
  observer.observe(scroller);

  function follow() {
    following = true;
    button.hidden = true;
    toBottom();
  }
  button.addEventListener('click', follow);
  return { follow };
}
