// When a message was written, by which model, and how many tokens it took: for who asks.
import type { Message } from '../api/wire.ts';
import { useApp } from '../shell/app-context.ts';
import { Popover } from '../shell/popover.tsx';
import { fullTime } from '../shell/time.ts';

export function DetailsButton({ message }: { message: Message }) {
  const { t, locale } = useApp().settings;
  const { createdAt, model, tokens, role } = message;
  const number = (value: number) => new Intl.NumberFormat(locale.value).format(value);
  return (
    <Popover label={t('details')} icon="info" class="details">
      {() => (
        <dl>
          <div class="detail">
            <dt>{t('detailTime')}</dt>
            <dd>
              <time dateTime={createdAt}>{fullTime(createdAt, locale.value)}</time>
            </dd>
          </div>
          {role === 'assistant' && (
            <>
              <div class="detail">
                <dt>{t('detailModel')}</dt>
                <dd>{model || t('detailUnknown')}</dd>
              </div>
              <div class="detail">
                <dt>{t('detailTokens')}</dt>
                <dd>
                  {tokens
                    ? t('detailTokensOf', {
                        prompt: number(tokens.prompt),
                        completion: number(tokens.completion),
                      })
                    : t('detailUnknown')}
                </dd>
              </div>
            </>
          )}
        </dl>
      )}
    </Popover>
  );
}
