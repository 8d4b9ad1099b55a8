// Gives a text box the height of its text; its style sheet says where it stops.

/** Measuring longer ones costs more than it tells: they have their greatest height anyway. */
const longText = 20_000;

export function fit(box: HTMLTextAreaElement): void {
  box.style.height = 'auto';
  box.style.height = box.value.length > longText ? '100vh' : `${box.scrollHeight}px`;
}
