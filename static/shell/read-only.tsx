// Where the message box would be, for who may only read.
import { useApp } from './app-context.ts';

export function ReadOnly() {
  const { t } = useApp().settings;
  return (
    <p class="read-only" id="read-only">
      {t('readOnly')}
    </p>
  );
}
