// Tells when the server is away, and when it is back.
import { useApp } from './app-context.ts';

export function Banner() {
  const { settings, connection } = useApp();
  const status = connection.status.value;
  return (
    <div class="banner-place" role="status">
      {status === 'away' && <p class="banner away">{settings.t('away')}</p>}
      {status === 'back' && <p class="banner back">{settings.t('back')}</p>}
    </div>
  );
}
