// So many things at once: those that come later begin when others have ended, or have had their time.

export type FewAtOnce = <T>(run: () => Promise<T>) => Promise<T>;

/** Whatever takes longer than `ms` goes on, but keeps nobody waiting any more. */
export function fewAtOnce(most: number, ms: number): FewAtOnce {
  const line: (() => void)[] = [];
  let running = 0;

  function end(): void {
    running--;
    line.shift()?.();
  }

  return async (run) => {
    if (running >= most) await new Promise<void>((resolve) => line.push(resolve));
    running++;
    let hasPlace = true;
    const leave = () => {
      if (hasPlace) end();
      hasPlace = false;
    };
    const late = setTimeout(leave, ms);
    try {
      return await run();
    } finally {
      clearTimeout(late);
      leave();
    }
  };
}
