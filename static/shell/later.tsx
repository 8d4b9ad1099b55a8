// A part of the page that few need: it is loaded when it is first drawn, and says so where that does not work.
import { type Signal, signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import { useSettings } from './settings-context.ts';

export type Later<Props> = ComponentType<Props> & { load: () => void };

export function later<Props extends object>(load: () => Promise<ComponentType<Props>>): Later<Props> {
  const part: Signal<ComponentType<Props> | null> = signal(null);
  const hasFailed = signal(false);
  let loading = false;

  async function begin(): Promise<void> {
    if (loading || part.value) return;
    loading = true;
    hasFailed.value = false;
    try {
      const loaded = await load();
      part.value = loaded;
    } catch {
      // Away from the network, or a new build took the file away.
      hasFailed.value = true;
    }
    loading = false;
  }

  function Part(props: Props) {
    const { t } = useSettings();
    useEffect(() => void begin(), []);
    const Loaded = part.value;
    if (Loaded) return <Loaded {...props} />;
    if (!hasFailed.value) return null;
    return (
      <div class="failure" role="alert">
        <p>{t('cannotLoadPart')}</p>
        <button type="button" class="button plain small" onClick={() => void begin()}>
          {t('tryAgain')}
        </button>
      </div>
    );
  }
  return Object.assign(Part, { load: () => void begin() });
}
