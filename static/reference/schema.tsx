// Schemas: the name of a type, which leads to it, and the fields that a value of it has.
import type { Locale } from '../state/settings.ts';
import { type ApiDocument, nameOf, resolved, type Schema } from './document.ts';
import { told } from './sentences.ts';
import { useOpened } from './use-opened.ts';
import type { Word } from './words.ts';

export type Shown = { api: ApiDocument; locale: Locale; say: (word: Word) => string };

/** A sentence of the description, what stands between backticks as code. */
export function Told({ sentence, locale }: { sentence: string; locale: Locale }) {
  return (
    <>
      {told(sentence, locale)
        .split('`')
        .map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part))}
    </>
  );
}

/** What a value of the schema is called; what has a name of its own leads to where it is told. */
export function TypeName({ schema }: { schema: Schema }) {
  const forms = schema.anyOf ?? schema.oneOf;
  if (schema.$ref !== undefined) return <a href={`#type-${nameOf(schema.$ref)}`}>{nameOf(schema.$ref)}</a>;
  if (forms)
    return (
      <>
        {forms.map((form, index) => (
          <span key={index}>
            {index > 0 && ' | '}
            <TypeName schema={form} />
          </span>
        ))}
      </>
    );
  if (schema.items)
    return (
      <>
        <TypeName schema={schema.items} />
        []
      </>
    );
  if (schema.enum) return <>{schema.enum.map((value) => JSON.stringify(value)).join(' | ')}</>;
  const type = [schema.type ?? 'any'].flat().join(' | ');
  return <>{schema.format === undefined ? type : `${type} (${schema.format})`}</>;
}

/** The fields of the schema, or the forms that it may have. */
export function Fields({ schema, ...shown }: Shown & { schema: Schema }) {
  const { properties = {}, required = [], anyOf, oneOf } = resolved(schema, shown.api);
  const forms = anyOf ?? oneOf;
  if (forms)
    return (
      <ul class="forms">
        {forms.map((form, index) => (
          <li key={index}>
            <code>
              <TypeName schema={form} />
            </code>{' '}
            <Told sentence={resolved(form, shown.api).description ?? ''} locale={shown.locale} />
          </li>
        ))}
      </ul>
    );
  return (
    <>
      {Object.entries(properties).map(([name, property]) => (
        <Field
          key={name}
          name={name}
          schema={property}
          locale={shown.locale}
          notes={[required.includes(name) ? shown.say('required') : '']}
        />
      ))}
    </>
  );
}

type FieldProps = { name: string; schema: Schema; locale: Locale; notes?: string[] };

export function Field({ name, schema, locale, notes = [] }: FieldProps) {
  const more = [rangeOf(schema), ...notes].filter(Boolean);
  return (
    <p class="field">
      <code class="name">{name}</code>
      <span class="soft">
        <TypeName schema={schema} />
        {more.map((note) => ` · ${note}`)}
      </span>
      {schema.description && (
        <span>
          <Told sentence={schema.description} locale={locale} />
        </span>
      )}
    </p>
  );
}

function rangeOf(schema: Schema): string {
  const [least, most] = [schema.minimum ?? schema.minLength, schema.maximum ?? schema.maxLength];
  const range = least === undefined && most === undefined ? '' : `${least ?? ''}–${most ?? ''}`;
  return [range, schema.default === undefined ? '' : `= ${JSON.stringify(schema.default)}`]
    .filter(Boolean)
    .join(' ');
}

/** A named type: what it is, what is in it, and an example. */
export function NamedType({ name, schema, ...shown }: Shown & { name: string; schema: Schema }) {
  const { isOpen, element, toggled } = useOpened(`type-${name}`);
  return (
    <details id={`type-${name}`} class="operation" open={isOpen} ref={element} onToggle={toggled}>
      <summary>
        <code>{name}</code>
        <span class="soft">
          <Told sentence={schema.description ?? ''} locale={shown.locale} />
        </span>
      </summary>
      {isOpen && (
        <div class="operation-detail">
          {!schema.allOf && !schema.oneOf && !schema.properties && (
            <p class="field-type">
              <TypeName schema={schema} />
            </p>
          )}
          {schema.oneOf && <h3>{shown.say('oneOf')}</h3>}
          <Fields schema={schema} {...shown} />
          {schema.example !== undefined && <h3>{shown.say('example')}</h3>}
          {schema.example !== undefined && <pre>{JSON.stringify(schema.example, null, 2)}</pre>}
        </div>
      )}
    </details>
  );
}
