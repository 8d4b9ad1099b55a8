// By how much things move on a page, as Lighthouse counts it: not in answer to what the reader does.
import type { Page } from 'playwright-core';

/** Adds up what moves from now on, or has moved since the page was opened. */
export const watchShifts = (page: Page, sinceOpened = false): Promise<void> =>
  page.evaluate(watch, sinceOpened);

export const shifts = (page: Page): Promise<number> =>
  page.evaluate(() => Number(document.documentElement.dataset.shifts));

function watch(buffered: boolean) {
  const { dataset } = document.documentElement;
  dataset.shifts = '0';
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as (PerformanceEntry & {
      value: number;
      hadRecentInput: boolean;
    })[])
      if (!entry.hadRecentInput) dataset.shifts = String(Number(dataset.shifts) + entry.value);
  }).observe({ type: 'layout-shift', buffered });
}
