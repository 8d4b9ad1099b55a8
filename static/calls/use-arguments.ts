// The arguments of a call that waits, as the model wrote them or as a person changes them.
import { type ReadonlySignal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { parseJson, record } from '../api/json.ts';
import { inexactNumber, isPlain, setOut } from './json-text.ts';
import { type Field, fieldsOf, filledIn, type Wrong } from './schema-fields.ts';
import { type ToolSchema, toolSchema } from './tool-schemas.ts';

/** `fields` is null where they are changed as JSON. */
export type Draft = { fields: Field[] | null; json: string };
/** By the names of fields; that of the JSON is empty. */
export type Wrongs = ReadonlyMap<string, Wrong>;

export type Arguments = {
  schema: ReadonlySignal<ToolSchema | undefined>;
  /** Null while they are as the model wrote them. */
  draft: ReadonlySignal<Draft | null>;
  wrongs: ReadonlySignal<Wrongs>;
  /** Whether there are fields for them. */
  hasFields: () => boolean;
  begin: () => void;
  change: (draft: Draft) => void;
  giveUp: () => void;
  /** From fields to JSON or back; false where something is wrong. */
  turnOver: () => boolean;
  /** What is to be sent: nothing where they are unchanged; null where something is wrong, which is told then. */
  read: () => { arguments?: Record<string, unknown> } | null;
};

export function useArguments(name: string, json: string): Arguments {
  const schema = useSignal<ToolSchema | undefined>(undefined);
  const draft = useSignal<Draft | null>(null);
  const wrongs = useSignal<Wrongs>(new Map());
  useEffect(() => {
    void toolSchema(name).then((found) => {
      schema.value = found;
    });
  }, [name]);
  const fieldsFor = (args: Record<string, unknown>) => fieldsOf(schema.value?.parameters, args);
  const own = () => (isPlain(json) && isObject(parseJson(json)) ? fieldsFor(record(parseJson(json))) : null);

  function become(next: Draft | null): void {
    wrongs.value = new Map();
    draft.value = next;
  }

  function filled(now: Draft): Record<string, unknown> | null {
    const read = readDraft(now);
    if ('args' in read) return read.args;
    wrongs.value = read.wrong;
    return null;
  }

  return {
    schema,
    draft,
    wrongs,
    hasFields: () => own() !== null,
    begin: () => become({ fields: own(), json: setOut(json) }),
    change(next) {
      draft.value = next;
    },
    giveUp: () => become(null),
    turnOver() {
      const args = draft.value && filled(draft.value);
      if (!draft.value || !args) return false;
      become({ fields: draft.value.fields ? null : fieldsFor(args), json: JSON.stringify(args, null, 2) });
      return true;
    },
    read() {
      if (!draft.value) return {};
      const args = filled(draft.value);
      return args && { arguments: args };
    },
  };
}

/** What is filled in, as it is to be sent. */
function readDraft({ fields, json }: Draft): { args: Record<string, unknown> } | { wrong: Wrongs } {
  if (fields) return filledIn(fields);
  const fail = (wrong: Wrong) => ({ wrong: new Map([['', wrong]]) });
  const number = inexactNumber(json);
  if (number !== null) return fail({ word: 'wrongExact', values: { number } });
  try {
    const value: unknown = JSON.parse(json);
    return isObject(value) ? { args: record(value) } : fail({ word: 'wrongObject' });
  } catch (error) {
    return fail({ word: 'wrongJson', values: { why: error instanceof Error ? error.message : '' } });
  }
}

export const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
