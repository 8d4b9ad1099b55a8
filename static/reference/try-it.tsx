// A form that sends an operation's request, shows the answer as it comes, and says the same as a curl command.
import { useEffect, useRef, useState } from 'preact/hooks';
import { copyText } from '../shell/copy-text.ts';
import { type Credential, headersOfCredential, needsCredential } from './credential.tsx';
import { exampleOf, type Parameter, type Place, server } from './document.ts';
import type { OperationProps } from './operation.tsx';

type Request = { method: string; url: string; headers: Record<string, string>; body: string | undefined };

export function TryIt({ api, place, credential, locale, say }: OperationProps) {
  const { parameters = [], requestBody } = place.operation;
  const schema = requestBody?.content['application/json']?.schema;
  const [values, setValues] = useState<Record<string, string>>({});
  const [body, setBody] = useState(schema && JSON.stringify(exampleOf(schema, api), null, 2));
  const [answer, setAnswer] = useState<string>();
  const [copied, setCopied] = useState(false);
  const sending = useRef<AbortController | undefined>(undefined);
  const [isSending, setSending] = useState(false);
  useEffect(() => () => sending.current?.abort(), []);

  const request = requestOf(place, values, body, locale);
  const isOpen = !needsCredential({ security: place.operation.security ?? api.security });
  const command = curlOf(request, isOpen ? undefined : credential);

  async function send(event: Event) {
    event.preventDefault();
    const controller = new AbortController();
    sending.current = controller;
    setSending(true);
    setAnswer('');
    try {
      for await (const text of answerTo(withCredential(request, credential), controller.signal))
        setAnswer(text);
    } catch {
      if (!controller.signal.aborted) setAnswer(say('failed'));
    } finally {
      setSending(false);
    }
  }

  return (
    <form class="try-it" onSubmit={send}>
      <h3>{say('tryIt')}</h3>
      {place.method !== 'GET' && <p class="soft">{say('changes')}</p>}
      {parameters.map((parameter) => (
        <Value
          key={parameter.name}
          id={`${place.id}-${parameter.name}`}
          parameter={parameter}
          value={values[parameter.name] ?? ''}
          set={(value) => setValues({ ...values, [parameter.name]: value })}
        />
      ))}
      {body !== undefined && (
        <p class="value">
          <label for={`${place.id}-body`}>{say('body')}</label>
          <textarea
            id={`${place.id}-body`}
            rows={5}
            spellcheck={false}
            value={body}
            onInput={({ currentTarget }) => setBody(currentTarget.value)}
          />
        </p>
      )}
      <p class="buttons">
        <button class="button small" type="submit" disabled={isSending}>
          {say('send')}
        </button>
        {isSending && (
          <button class="button plain small" type="button" onClick={() => sending.current?.abort()}>
            {say('stop')}
          </button>
        )}
        <button
          class="button plain small"
          type="button"
          onClick={async () => setCopied(await copyText(command))}
        >
          {say(copied ? 'copied' : 'copy')}
        </button>
      </p>
      <Block label={say('command')} text={command} />
      {answer !== undefined && <Block label={say('answer')} text={answer} isLive />}
    </form>
  );
}

type ValueProps = { id: string; parameter: Parameter; value: string; set: (value: string) => void };

function Value({ id, parameter: { name, required, schema }, value, set }: ValueProps) {
  const common = { id, value, required: required === true };
  return (
    <p class="value">
      <label for={id}>
        <code>{name}</code>
      </label>
      {schema.enum ? (
        <select {...common} onChange={({ currentTarget }) => set(currentTarget.value)}>
          <option value="" />
          {schema.enum.map((choice) => (
            <option key={choice}>{String(choice)}</option>
          ))}
        </select>
      ) : (
        <input {...common} onInput={({ currentTarget }) => set(currentTarget.value)} />
      )}
    </p>
  );
}

function Block({ label, text, isLive = false }: { label: string; text: string; isLive?: boolean }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: What scrolls is to be reached by keys.
    <section class="block" tabIndex={0} aria-label={label} aria-live={isLive ? 'polite' : 'off'}>
      <pre>{text}</pre>
    </section>
  );
}

/** The request that the form's values make; what is empty is left out. */
function requestOf(
  { method, path, operation }: Place,
  values: Record<string, string>,
  body: string | undefined,
  locale: string,
): Request {
  const given = (where: Parameter['in']) =>
    (operation.parameters ?? []).filter((one) => one.in === where && (values[one.name] ?? '') !== '');
  const filled = path.replace(/\{(\w+)\}/g, (whole, name) =>
    values[name] ? encodeURIComponent(values[name]) : whole,
  );
  const query = new URLSearchParams(given('query').map(({ name }) => [name, values[name] ?? '']));
  const headers: Record<string, string> = { 'Accept-Language': locale };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  for (const { name } of given('header')) headers[name] = values[name] ?? '';
  return { method, url: `${server}${filled}${query.size > 0 ? `?${query}` : ''}`, headers, body };
}

const withCredential = (request: Request, credential: Credential): Request => ({
  ...request,
  headers: { ...request.headers, ...headersOfCredential(credential) },
});

/** The key itself is not shown: it stands in the terminal's `$KEY`. */
function curlOf({ method, url, headers, body }: Request, credential: Credential | undefined): string {
  const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
  const parts = Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`);
  if (credential) parts.unshift('-H "Authorization: Bearer $KEY"');
  if (credential?.owner) parts.push(`-H ${quoted(`X-Owner: ${credential.owner}`)}`);
  if (body !== undefined) parts.push(`-d ${quoted(body.replace(/\n\s*/g, ' '))}`);
  return [`curl -sN -X ${method} ${quoted(url)}`, ...parts].join(' \\\n  ');
}

/** The answer's status, headers and text, each time that there is more of it. */
async function* answerTo({ url, ...init }: Request, signal: AbortSignal): AsyncGenerator<string> {
  const { body = null, ...rest } = init;
  const response = await fetch(url, { ...rest, body, signal });
  const head = `${response.status} ${response.statusText}\n${[...response.headers].map((pair) => pair.join(': ')).join('\n')}\n\n`;
  let text = '';
  yield head;
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    yield head + text;
  }
  if (/json/.test(response.headers.get('content-type') ?? '')) yield head + pretty(text);
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
