// Where the focus goes when what had it goes away, so that a keyboard or a screen reader is never left nowhere.

export const focusComposer = (): void => document.getElementById('input')?.focus();

/** The message box; not on touch screens, whose keyboard would come up with it. */
export const restingPlace = (): string => (matchMedia('(hover: hover)').matches ? '#input' : '#scroller');

/** Once what was done is drawn: if nothing has the focus then, the first of these that can takes it. */
export function focusIfLost(...places: readonly (string | Element | null | undefined)[]): void {
  requestAnimationFrame(() => {
    const { activeElement } = document;
    if (activeElement !== document.body && !activeElement?.closest('[inert]')) return;
    for (const place of places) {
      const element = typeof place === 'string' ? document.querySelector(place) : place;
      if (!(element instanceof HTMLElement)) continue;
      element.focus();
      if (element.matches(':focus')) return;
    }
  });
}
