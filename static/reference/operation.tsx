// One operation: what it takes, what it answers, and a form to try it.
import type { Credential } from './credential.tsx';
import type { Place } from './document.ts';
import { codesOf, headersOf } from './document.ts';
import { Field, Fields, type Shown, Told, TypeName } from './schema.tsx';
import { TryIt } from './try-it.tsx';
import { useOpened } from './use-opened.ts';

export type OperationProps = Shown & { place: Place; credential: Credential };

export function OperationView(props: OperationProps) {
  const { place, locale } = props;
  const { isOpen, element, toggled } = useOpened(place.id);
  return (
    <details id={place.id} class="operation" open={isOpen} ref={element} onToggle={toggled}>
      <summary>
        <span class={`method ${place.method.toLowerCase()}`}>{place.method}</span>
        <code>{place.path}</code>
        <span class="soft">
          <Told sentence={place.operation.summary} locale={locale} />
        </span>
      </summary>
      {isOpen && <OperationDetail {...props} />}
    </details>
  );
}

function OperationDetail({ place, credential, ...shown }: OperationProps) {
  const { api, locale, say } = shown;
  const { operationId, parameters = [], requestBody, responses } = place.operation;
  const body = requestBody?.content['application/json']?.schema;
  return (
    <div class="operation-detail">
      <p class="soft operation-id">
        {say('operation')}: <code>{operationId}</code>
      </p>
      {parameters.length > 0 && <h3>{say('parameters')}</h3>}
      {parameters.map(({ name, in: where, description = '', schema, required }) => (
        <Field
          key={name}
          name={name}
          schema={{ description, ...schema }}
          locale={locale}
          notes={[where, required ? say('required') : '']}
        />
      ))}
      {body && (
        <h3>
          {say('body')}{' '}
          <code>
            <TypeName schema={body} />
          </code>
        </h3>
      )}
      {body && <Fields schema={body} {...shown} />}
      <h3>{say('answers')}</h3>
      {Object.entries(responses).map(([status, answer]) => (
        <details key={status} class="answer">
          <summary>
            <strong>{status}</strong> <Told sentence={answer.description} locale={locale} />
          </summary>
          {Object.entries(answer.content ?? {}).map(([type, { schema }]) => {
            const codes = codesOf(schema, api);
            return (
              <div key={type}>
                <p class="soft">
                  <code>
                    {type}: <TypeName schema={schema.allOf?.[0] ?? schema} />
                  </code>
                </p>
                {codes.length > 0 && (
                  <p class="codes">
                    {say('codes')}:{' '}
                    {codes.map((code) => (
                      <code key={code}>{code}</code>
                    ))}
                  </p>
                )}
                {codes.length === 0 && <Fields schema={schema.items ?? schema} {...shown} />}
              </div>
            );
          })}
          <div>
            {headersOf(answer, api).map(([name, { schema, description }]) => (
              <Field
                key={name}
                name={name}
                schema={{ ...schema, description }}
                locale={locale}
                notes={['header']}
              />
            ))}
          </div>
        </details>
      ))}
      <TryIt place={place} credential={credential} {...shown} />
    </div>
  );
}
