// Tells when the server cannot be had, what to do then, and when it is back.
import { sessionQuery } from '../state/route.ts';
import { useApp } from './app-context.ts';

export function Banner() {
  const { settings, connection, route } = useApp();
  const { t } = settings;
  const status = connection.status.value;
  return (
    <div class="banner-place" role="status">
      {status === 'away' && <p class="banner away">{t('away')}</p>}
      {status === 'signedOut' && (
        <p class="banner away">
          {t('signedOut')} <a href={sessionQuery(route.sessionId.value)}>{t('signIn')}</a>
        </p>
      )}
      {status === 'back' && <p class="banner back">{t('back')}</p>}
    </div>
  );
}
