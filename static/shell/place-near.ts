// Puts what opens beside the button that opened it, inside the window. Set through the style object, which the page's
// policy allows, unlike style attributes.

const gap = 4;

export function placeNear(button: Element, panel: HTMLElement): void {
  const from = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = panel;
  const fitsBelow = from.bottom + gap + height < innerHeight;
  const isRightHalf = (from.left + from.right) / 2 > innerWidth / 2;
  const left = isRightHalf ? from.right - width : from.left;
  panel.style.left = `${Math.max(gap, Math.min(left, innerWidth - width - gap))}px`;
  panel.style.top = `${fitsBelow ? from.bottom + gap : Math.max(gap, from.top - gap - height)}px`;
}
