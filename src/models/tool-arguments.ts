// The arguments of a tool call as the object that some servers want, and not as text.

/** The object that the text holds; what is none is kept as its `text`, as AutoGen does. */
export function toolArguments(given: string): Record<string, unknown> {
  if (given.trim() === '') return {};
  try {
    const parsed: unknown = JSON.parse(given);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return { ...parsed };
  } catch {}
  return { text: given };
}
