// Remembers the results that were asked for last: the end of a text is rendered again and again while it grows.

/** Answers with what is remembered under the key, or makes it. */
export function createRecent<Value>(most: number): (key: string, make: () => Value) => Value {
  const values = new Map<string, Value>();
  return (key, make) => {
    const value = values.get(key) ?? make();
    values.delete(key);
    values.set(key, value);
    for (const oldest of values.keys()) {
      if (values.size <= most) break;
      values.delete(oldest);
    }
    return value;
  };
}
