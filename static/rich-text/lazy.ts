// A library that is loaded when it is first needed, and used at once from then on.

export interface Lazy<Library> {
  /** The library if it is here. Otherwise it is being loaded from now on, and `then` is called when it is. */
  get(then: () => void): Library | undefined;
}

let loading = 0;

/** Whether any library is on its way. */
export function isLoading(): boolean {
  return loading > 0;
}

export function lazy<Library>(load: () => Promise<Library>): Lazy<Library> {
  const waiting = new Set<() => void>();
  let library: Library | undefined;
  let asked = false;

  async function begin(): Promise<void> {
    asked = true;
    loading++;
    try {
      library = await load();
    } catch {
      // Away from the network, or a new build took the file away. What needs it stays plain until it is asked
      // for again.
      asked = false;
    }
    loading--;
    const called = [...waiting];
    waiting.clear();
    if (library !== undefined) for (const then of called) then();
  }

  return {
    get(then) {
      if (library !== undefined) return library;
      waiting.add(then);
      if (!asked) void begin();
      return undefined;
    },
  };
}
