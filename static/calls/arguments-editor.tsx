// The arguments of a call where they can be changed: a field for each, by the tool's schema, or all of them as JSON.
import type { ComponentChild } from 'preact';
import { useId, useRef } from 'preact/hooks';
import type { Field, Wrong } from './schema-fields.ts';
import type { Draft, Wrongs } from './use-arguments.ts';
import { useWords } from './words.ts';

export type EditorProps = { draft: Draft; wrongs: Wrongs; change: (draft: Draft) => void };

export function ArgumentsEditor({ draft: { fields, json }, wrongs, change }: EditorProps) {
  const say = useWords();
  if (!fields)
    return (
      <Labelled label={say('arguments')} wrong={wrongs.get('')}>
        {(more) => <Text {...more} text={json} change={(text) => change({ fields, json: text })} isLong />}
      </Labelled>
    );
  return (
    <div class="arguments">
      {fields.map((field) => (
        <Labelled
          key={field.name}
          label={field.name}
          hint={[say(field.isRequired ? 'required' : 'optional'), field.description]
            .filter(Boolean)
            .join(' · ')}
          wrong={wrongs.get(field.name)}
        >
          {(more) => (
            <Control
              {...more}
              field={field}
              change={(text) => {
                const changed = fields.map((one) => (one.name === field.name ? { ...one, text } : one));
                change({ fields: changed, json });
              }}
            />
          )}
        </Labelled>
      ))}
    </div>
  );
}

type Named = { id: string; 'aria-describedby': string; 'aria-invalid': boolean };
type LabelledProps = {
  label: string;
  hint?: string;
  wrong: Wrong | undefined;
  children: (named: Named) => ComponentChild;
};

function Labelled({ label, hint = '', wrong, children }: LabelledProps) {
  const say = useWords();
  const id = useId();
  return (
    <div class="argument">
      <label for={id}>{label}</label>
      {children({ id, 'aria-describedby': `${id}-hint ${id}-wrong`, 'aria-invalid': wrong !== undefined })}
      <span class="argument-hint" id={`${id}-hint`} dir="auto">
        {hint}
      </span>
      <span class="argument-wrong" id={`${id}-wrong`}>
        {wrong && say(wrong.word, wrong.values)}
      </span>
    </div>
  );
}

type ControlProps = Named & { field: Field; change: (text: string) => void };

function Control({ field, change, ...named }: ControlProps) {
  const say = useWords();
  const { kind, text, options } = field;
  // It stays what it is while somebody types.
  const isLong = useRef(
    kind === 'json' || (kind === 'text' && (text.length > 60 || text.includes('\n'))),
  ).current;
  if (kind === 'boolean' || kind === 'choice') {
    const choices =
      kind === 'boolean'
        ? [['true', say('yes')] as const, ['false', say('no')] as const]
        : options.map(
            (option, place) =>
              [String(place), typeof option === 'string' ? option : JSON.stringify(option)] as const,
          );
    return (
      <select {...named} value={text} onChange={({ currentTarget }) => change(currentTarget.value)}>
        <option value="">{say('notGiven')}</option>
        {choices.map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
    );
  }
  return (
    <Text
      {...named}
      text={text}
      change={change}
      isLong={isLong}
      isNumber={kind === 'number' || kind === 'integer'}
    />
  );
}

type TextProps = Named & {
  text: string;
  change: (text: string) => void;
  isLong: boolean;
  isNumber?: boolean;
};

function Text({ text, change, isLong, isNumber = false, ...named }: TextProps) {
  const rows = Math.min(12, Math.max(3, text.split('\n').length));
  const common = {
    ...named,
    value: text,
    spellcheck: false,
    autocomplete: 'off' as const,
    dir: 'auto' as const,
  };
  return isLong ? (
    <textarea {...common} rows={rows} onInput={({ currentTarget }) => change(currentTarget.value)} />
  ) : (
    <input
      {...common}
      type="text"
      inputMode={isNumber ? 'decimal' : 'text'}
      onInput={({ currentTarget }) => change(currentTarget.value)}
    />
  );
}
