// Above the message box: the files that are to come along, how far each is, and what is in the way.
import { useEffect } from 'preact/hooks';
import { isPicture } from '../api/files.ts';
import { useApp } from '../shell/app-context.ts';
import { focusIfLost, restingPlace } from '../shell/focus.ts';
import { Icon } from '../shell/icon.tsx';
import type { DraftFile, Place } from '../state/drafts.ts';
import { sizeText, typeText } from './file-words.ts';
import { DraftPicture } from './pictures.tsx';
import type { Trouble, Uploads } from './uploads.ts';
import { useWhoSees } from './who-sees.ts';
import { useWords } from './words.ts';

export type TrayProps = {
  place: Place;
  uploads: Uploads;
  why: (trouble: Trouble, size: number) => string;
};

export function Tray({ place, uploads, why }: TrayProps) {
  const { drafts } = useApp();
  const say = useWords();
  const files = drafts.files(place).value;
  const blind = useWhoSees(files.some(isPicture));
  if (files.length === 0) return null;
  return (
    <>
      <ul class="tray" aria-label={say('attached')}>
        {files.map((file) => (
          <TrayFile key={file.key} file={file} place={place} uploads={uploads} why={why} />
        ))}
      </ul>
      {blind && (
        <p class="attach-notice" role="status" dir="auto">
          {blind.others.length > 0
            ? say('othersSee', { model: blind.model, others: blind.others.join(', ') })
            : say('noneSees', { model: blind.model })}
        </p>
      )}
    </>
  );
}

function TrayFile({ file, place, uploads, why }: TrayProps & { file: DraftFile }) {
  const { announcer, settings } = useApp();
  const say = useWords();
  const locale = settings.locale.value;
  const upload = uploads.of(file.key);
  const isThere = file.id !== '';
  const trouble: Trouble | null = isThere ? null : upload ? upload.trouble.value : 'lost';
  const sent = upload?.sent.value ?? null;
  const { name } = file;
  const size = sizeText(file.size, locale);
  const mayRetry = trouble !== null && (typeof trouble === 'object' || trouble === 'tooLargeBefore');

  useEffect(() => {
    if (trouble) document.getElementById(`trouble-${file.key}`)?.scrollIntoView({ block: 'nearest' });
  }, [trouble]);

  return (
    <li class={trouble ? 'tray-file troubled' : 'tray-file'}>
      <DraftPicture file={file} blob={upload?.file} />
      <div class="tray-about">
        <p class="file-name" dir="auto" title={name}>
          {name}
        </p>
        {trouble ? (
          <p class="trouble" id={`trouble-${file.key}`} dir="auto">
            {why(trouble, file.size)}
          </p>
        ) : (
          <p class="about-file">{isThere ? `${typeText(file.mediaType, say)} · ${size}` : state()}</p>
        )}
        {file.cutTo !== null && (
          <p class="about-file">{say('cut', { count: new Intl.NumberFormat(locale).format(file.cutTo) })}</p>
        )}
        {!isThere && !trouble && (
          <progress
            aria-label={name}
            max={1}
            value={typeof sent === 'number' && sent < 1 ? sent : undefined}
          />
        )}
      </div>
      {mayRetry && (
        <button
          type="button"
          class="icon small"
          aria-label={say('retry', { name })}
          title={say('retry', { name })}
          onClick={() => {
            uploads.retry(file.key);
            focusIfLost('#input');
          }}
        >
          <Icon name="refresh" />
        </button>
      )}
      <button
        type="button"
        class="icon small"
        aria-label={say(isThere || trouble ? 'remove' : 'cancel', { name })}
        title={say(isThere || trouble ? 'remove' : 'cancel', { name })}
        onClick={({ currentTarget }) => {
          const next = currentTarget.closest('li')?.nextElementSibling?.querySelector('button:last-child');
          uploads.remove(place, file);
          announcer.say(say('isRemoved', { name }));
          focusIfLost(next, restingPlace());
        }}
      >
        <Icon name="close" />
      </button>
    </li>
  );

  function state(): string {
    if (sent === null) return `${size} · ${say('waits')}`;
    if (sent === 'again') return `${size} · ${say('again')}`;
    return `${size} · ${sent < 1 ? say('arriving', { percent: Math.floor(sent * 100) }) : say('reading')}`;
  }
}
