// A session for keeping and for others: saved as a file, and links that show it: making one, copying it, taking it back.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { Problem } from '../api/problem.ts';
import { createShare, deleteShare, listShares, type Share } from '../api/shares.ts';
import { addStyle } from '../shell/add-style.ts';
import { useApp } from '../shell/app-context.ts';
import { copyText } from '../shell/copy-text.ts';
import { Dialog } from '../shell/dialog.tsx';
import { focusIfLost } from '../shell/focus.ts';
import { fullTime } from '../shell/time.ts';
import { type ExportFormat, exportSession } from './export-session.ts';
import css from './shares.css' with { type: 'text' };
import { useWords } from './words.ts';

addStyle(css);

const formats: readonly ExportFormat[] = ['md', 'html', 'json'];

export function SharesSheet({ id }: { id: string }) {
  const say = useWords();
  const app = useApp();
  const { locale } = app.settings;
  const shares = useSignal<Share[] | null>(null);
  const wrong = useSignal('');
  const copied = useSignal('');

  async function trying(act: () => Promise<void>): Promise<void> {
    wrong.value = '';
    try {
      await act();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      wrong.value = error.detail;
    }
  }

  useEffect(() => {
    if (!app.canWrite.value) return;
    void trying(async () => {
      shares.value = await listShares(id);
    });
  }, [id]);

  const close = () => {
    app.sharing.value = null;
  };
  const copy = async (share: Share) => {
    if (await copyText(share.url)) copied.value = share.id;
  };
  const create = () =>
    trying(async () => {
      const share = await createShare(id);
      shares.value = [share, ...(shares.value ?? [])];
      await copy(share);
    });
  const take = (share: Share) =>
    trying(async () => {
      await deleteShare(id, share.id);
      shares.value = (shares.value ?? []).filter((other) => other !== share);
      focusIfLost('#make-share');
    });

  return (
    <Dialog title={say('title', { name: app.list.find(id)?.name ?? '' })} onClose={close}>
      <h3>{say('saveAs')}</h3>
      <p class="save-as">
        {formats.map((format) => (
          <button
            type="button"
            class="button plain small"
            key={format}
            onClick={() => void trying(() => exportSession(id, format))}
          >
            {say(format)}
          </button>
        ))}
      </p>
      {wrong.value !== '' && (
        <p class="failure" role="alert">
          {wrong.value}
        </p>
      )}
      {app.canWrite.value && (
        <>
          <h3>{say('links')}</h3>
          <p>{say('about')}</p>
          <button type="button" class="button" id="make-share" onClick={() => void create()}>
            {say('create')}
          </button>
          {shares.value?.length === 0 && <p>{say('none')}</p>}
          <ul class="shares">
            {shares.value?.map((share) => (
              <li key={share.id}>
                <a href={share.url} target="_blank" rel="noreferrer">
                  {share.url}
                </a>
                <button type="button" class="button plain small" onClick={() => void copy(share)}>
                  {say(copied.value === share.id ? 'copied' : 'copy')}
                </button>
                <button type="button" class="button plain small" onClick={() => void take(share)}>
                  {say('take')}
                </button>
                <time dateTime={share.createdAt}>
                  {say('madeAt', { time: fullTime(share.createdAt, locale.value) })}
                </time>
              </li>
            ))}
          </ul>
        </>
      )}
      <p class="unseen" role="status">
        {copied.value !== '' && say('copied')}
      </p>
    </Dialog>
  );
}
