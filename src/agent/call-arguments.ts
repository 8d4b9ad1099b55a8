// The arguments of a call, as a model writes them.

/** What they are, or what is wrong with them. */
export function argumentsIn(text: string): { given: Record<string, unknown> } | { wrong: string } {
  try {
    const given: unknown = JSON.parse(text.trim() === '' ? '{}' : text);
    if (typeof given === 'object' && given !== null && !Array.isArray(given)) return { given: { ...given } };
    return { wrong: 'the arguments must be a JSON object' };
  } catch (error) {
    return { wrong: error instanceof Error ? error.message : 'the arguments are no JSON' };
  }
}
