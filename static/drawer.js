// The sessions drawer of narrow screens. On wide ones it is always there.

export function createDrawer({ drawer, backdrop, main, open, close }) {
  const narrow = matchMedia('(max-width: 760px)');
  let shown = false;

  function set(value) {
    shown = value && narrow.matches;
    drawer.classList.toggle('open', shown);
    drawer.inert = narrow.matches && !shown;
    main.inert = shown;
    open.setAttribute('aria-expanded', String(shown));
  }

  open.addEventListener('click', () => {
    set(true);
    close.focus();
  });
  const dismiss = () => {
    if (!shown) return;
    set(false);
    open.focus();
  };
  close.addEventListener('click', dismiss);
  backdrop.addEventListener('click', dismiss);
  addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !document.querySelector('dialog[open]')) dismiss();
  });
  narrow.addEventListener('change', () => set(false));
  set(false);
  return { close: () => set(false) };
}
