// One operation: what it takes, what it answers, and a form to try it.
import { useState } from 'preact/hooks';
import type { Locale } from '../state/settings.ts';
import type { ApiDocument, Place, Schema } from './document.ts';
import { resolved, typeOf } from './document.ts';
import { TryIt } from './try-it.tsx';
import { told, type Word } from './words.ts';

export type OperationProps = {
  api: ApiDocument;
  place: Place;
  locale: Locale;
  say: (word: Word) => string;
};

export function OperationView(props: OperationProps) {
  const { place, locale } = props;
  const [isOpen, setOpen] = useState(location.hash === `#${place.id}`);
  return (
    <details
      id={place.id}
      class="operation"
      open={isOpen}
      onToggle={({ currentTarget }) => {
        setOpen(currentTarget.open);
        if (currentTarget.open) history.replaceState(null, '', `#${place.id}`);
      }}
    >
      <summary>
        <span class={`method ${place.method.toLowerCase()}`}>{place.method}</span>
        <code>{place.path}</code>
        <span class="soft">{told(place.operation.summary, locale)}</span>
      </summary>
      {isOpen && <OperationDetail {...props} />}
    </details>
  );
}

function OperationDetail({ api, place, locale, say }: OperationProps) {
  const { parameters = [], requestBody, responses } = place.operation;
  const body = requestBody?.content['application/json']?.schema;
  return (
    <div class="operation-detail">
      {parameters.length > 0 && <h3>{say('parameters')}</h3>}
      {parameters.map((parameter) => (
        <Field
          key={parameter.name}
          name={parameter.name}
          where={parameter.in}
          schema={{ description: parameter.description ?? '', ...parameter.schema }}
          required={parameter.required ? say('required') : ''}
        />
      ))}
      {body && <h3>{say('body')}</h3>}
      {body && <Fields api={api} schema={body} say={say} />}
      <h3>{say('answers')}</h3>
      {Object.entries(responses).map(([status, { description, content = {} }]) => (
        <details key={status} class="answer">
          <summary>
            <strong>{status}</strong> {description}
          </summary>
          {Object.entries(content).map(([type, { schema }]) => (
            <div key={type}>
              <code class="soft">
                {type}: {typeOf(schema)}
              </code>
              <Fields api={api} schema={schema.items ?? schema} say={say} />
            </div>
          ))}
        </details>
      ))}
      <TryIt api={api} place={place} locale={locale} say={say} />
    </div>
  );
}

function Fields({ api, schema, say }: { api: ApiDocument; schema: Schema; say: (word: Word) => string }) {
  const { properties = {}, required = [], anyOf } = resolved(schema, api);
  if (anyOf)
    return (
      <>
        {anyOf.map((one) => (
          <div key={typeOf(one)} class="one-of">
            <code>{typeOf(one)}</code>
            <Fields api={api} schema={one} say={say} />
          </div>
        ))}
      </>
    );
  return (
    <>
      {Object.entries(properties).map(([name, property]) => (
        <Field
          key={name}
          name={name}
          schema={property}
          required={required.includes(name) ? say('required') : ''}
        />
      ))}
    </>
  );
}

type FieldProps = { name: string; where?: string; schema: Schema; required: string };

function Field({ name, where, schema, required }: FieldProps) {
  return (
    <p class="field">
      <code class="name">{name}</code>
      <span class="soft">
        {[where, typeOf(schema), rangeOf(schema), required].filter(Boolean).join(' · ')}
      </span>
      {schema.description && <span>{schema.description}</span>}
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
