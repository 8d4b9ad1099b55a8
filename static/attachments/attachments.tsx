// At the message box: files that are to come along, chosen, pasted, dropped or photographed.
import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { addStyle } from '../shell/add-style.ts';
import { useApp } from '../shell/app-context.ts';
import { focusComposer } from '../shell/focus.ts';
import { addIcons, Icon } from '../shell/icon.tsx';
import { Menu } from '../shell/menu.tsx';
import { problemText } from '../shell/problem-text.ts';
import type { DraftFile, Place } from '../state/drafts.ts';
import css from './attachments.css' with { type: 'text' };
import { type Brought, useBrought } from './brought.ts';
import { sizeText } from './file-words.ts';
import { Tray } from './tray.tsx';
import { createUploads, type Trouble, type Upload, type Uploads } from './uploads.ts';
import { useWords } from './words.ts';

addStyle(css);
addIcons({
  camera: 'M4 8h4l1.5-3h5L16 8h4v11H4zM12 16.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z',
  clip: 'M20 11l-8.5 8.5a5 5 0 0 1-7-7L13 4a3.5 3.5 0 0 1 5 5l-8.5 8.5a1.5 1.5 0 0 1-2.5-2L14.5 8',
});

/** As many as the server takes with one message. */
const mostFiles = 20;

export function Attachments({ place }: { place: Place }) {
  const app = useApp();
  const { announcer, drafts, settings } = app;
  const say = useWords();
  const notice = useSignal('');
  /** What is said later is in the language of then. */
  const ended = useRef((_upload: Upload, _file: DraftFile) => {});
  const uploads: Uploads = useMemo(() => createUploads(app, (...what) => ended.current(...what)), []);
  ended.current = ({ trouble }, { name, size }) => {
    const what = trouble.value;
    announcer.say(what ? say('notAttached', { name, why: why(what, size) }) : say('isAttached', { name }));
  };

  function why(trouble: Trouble, size: number): string {
    const { locale, t } = settings;
    if (typeof trouble === 'object') return problemText(trouble, t, locale.value);
    const most = sizeText(uploads.most.value, locale.value);
    return say(trouble, { size: sizeText(size, locale.value), most });
  }

  function take({ files, hasFolders }: Brought): void {
    const room = Math.max(0, mostFiles - drafts.files(place).value.length);
    const left = files.slice(room).map(({ name }) => name);
    const told = [
      ...(hasFolders ? [say('noFolders')] : []),
      ...(left.length > 0 ? [say('tooMany', { most: mostFiles, names: left.join(', ') })] : []),
    ];
    notice.value = told.join(' ');
    uploads.add(place, files.slice(0, room));
  }

  const isDragged = useBrought(take);
  useEffect(() => {
    notice.value = '';
    void uploads.check(drafts.files(place).value);
  }, [place]);

  return (
    <>
      <Tray place={place} uploads={uploads} why={why} />
      {notice.value !== '' && (
        <p class="attach-notice" role="alert" dir="auto">
          {notice.value}
        </p>
      )}
      <Chooser
        take={(files) => {
          take({ files, hasFolders: false });
          // A keyboard on the screen would come up with it.
          if (!touches.matches) focusComposer();
        }}
      />
      {isDragged && (
        <div class="drop-area">
          <p>
            <Icon name="clip" />
            {say('dropHere')}
          </p>
        </div>
      )}
    </>
  );
}

/** Whoever touches has a camera at hand mostly. */
const touches = matchMedia('(pointer: coarse)');

function Chooser({ take }: { take: (files: File[]) => void }) {
  const say = useWords();
  const chooser = useRef<HTMLInputElement>(null);
  const camera = useRef<HTMLInputElement>(null);
  const input = {
    type: 'file' as const,
    hidden: true,
    tabIndex: -1,
    onChange: ({ currentTarget }: { currentTarget: HTMLInputElement }) => {
      const files = [...(currentTarget.files ?? [])];
      // The same one may be chosen again.
      currentTarget.value = '';
      if (files.length > 0) take(files);
    },
  };
  const entries = [
    { icon: 'camera' as const, text: say('takePhoto'), run: () => camera.current?.click() },
    { icon: 'clip' as const, text: say('chooseFiles'), run: () => chooser.current?.click() },
  ];
  return (
    <div class="attach">
      <input ref={chooser} id="files" multiple {...input} />
      <input ref={camera} id="camera" accept="image/*" capture="environment" {...input} />
      {touches.matches ? (
        <Menu label={say('attach')} icon="clip" entries={entries} />
      ) : (
        <button
          type="button"
          class="icon"
          aria-label={say('attach')}
          title={say('attach')}
          onClick={() => chooser.current?.click()}
        >
          <Icon name="clip" />
        </button>
      )}
    </div>
  );
}
