// What came with a message: pictures to be seen, which open large, and other files to be saved.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { filePath, isPicture, isThere } from '../api/files.ts';
import type { FileRef } from '../api/wire.ts';
import { addStyle } from '../shell/add-style.ts';
import { useApp } from '../shell/app-context.ts';
import { Icon } from '../shell/icon.tsx';
import css from './attachments.css' with { type: 'text' };
import { sizeText, typeText } from './file-words.ts';
import { PictureDialog } from './picture-dialog.tsx';
import { FileSign } from './pictures.tsx';
import { useWords } from './words.ts';

addStyle(css);

export function SaidFiles({ files }: { files: readonly FileRef[] }) {
  const say = useWords();
  const shown = useSignal<number | null>(null);
  const pictures = files.filter(isPicture);
  const others = files.filter((file) => !isPicture(file));
  return (
    <>
      {pictures.length > 0 && (
        <ul class="said-files" aria-label={say('pictures')}>
          {pictures.map((file, number) => (
            <Picture
              key={file.id}
              file={file}
              open={() => {
                shown.value = number;
              }}
            />
          ))}
        </ul>
      )}
      {others.length > 0 && (
        <ul class="said-files" aria-label={say('files')}>
          {others.map((file) => (
            <li key={file.id}>
              <FileChip file={file} />
            </li>
          ))}
        </ul>
      )}
      {shown.value !== null && (
        <PictureDialog
          pictures={pictures}
          first={shown.value}
          onClose={() => {
            shown.value = null;
          }}
        />
      )}
    </>
  );
}

function Picture({ file, open }: { file: FileRef; open: () => void }) {
  const { connection } = useApp();
  const say = useWords();
  /** How often the server had come back when it could not be shown. */
  const failedAt = useSignal<number | null>(null);
  const returns = connection.returns.value;
  if (failedAt.value === returns)
    return (
      <li>
        <FileChip file={file} note={say('notShown')} />
      </li>
    );
  return (
    <li>
      <button
        type="button"
        class="picture"
        aria-label={say('openPicture', { name: file.name })}
        title={file.name}
        onClick={open}
      >
        <img
          key={returns}
          src={filePath(file.id)}
          alt=""
          loading="lazy"
          decoding="async"
          onError={() => {
            failedAt.value = returns;
          }}
        />
      </button>
    </li>
  );
}

function FileChip({ file, note }: { file: FileRef; note?: string }) {
  const { settings, connection } = useApp();
  const say = useWords();
  const locale = settings.locale.value;
  const trouble = useSignal('');
  const { id, name, mediaType, size, cutTo } = file;
  useEffect(() => {
    trouble.value = '';
  }, [connection.returns.value]);

  async function download(event: MouseEvent): Promise<void> {
    event.preventDefault();
    trouble.value = await whyNot();
    if (trouble.value !== '') return;
    const link = document.createElement('a');
    link.href = filePath(id);
    link.download = name;
    link.click();
  }

  async function whyNot(): Promise<string> {
    try {
      return (await isThere(id)) ? '' : say('notThere', { name });
    } catch {
      return say('cannotDownload', { name });
    }
  }

  return (
    <a class="file-chip" href={filePath(id)} download={name} onClick={(event) => void download(event)}>
      <span class="file-sign">
        <FileSign />
      </span>
      <span class="chip-about">
        <span class="file-name" dir="auto" title={name}>
          {name}
        </span>
        <span class="about-file">
          {typeText(mediaType, say)} · {sizeText(size, locale)}
          {note && ` · ${note}`}
        </span>
        {cutTo !== null && (
          <span class="about-file">{say('cut', { count: new Intl.NumberFormat(locale).format(cutTo) })}</span>
        )}
        <span class="trouble" role="alert" dir="auto">
          {trouble.value}
        </span>
      </span>
      <Icon name="download" />
      <span class="unseen">{say('download')}</span>
    </a>
  );
}
