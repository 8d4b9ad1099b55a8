// Short messages at the edge of the page; they stay while the reader is at them.
import { useApp } from './app-context.ts';
import { focusIfLost, restingPlace } from './focus.ts';
import { Icon } from './icon.tsx';

export function Toasts() {
  const { settings, toasts } = useApp();
  const { t } = settings;
  const andThen = (act: () => void) => () => {
    act();
    focusIfLost(restingPlace());
  };
  return (
    <section
      class="toasts"
      role="status"
      onMouseEnter={() => toasts.hold(true)}
      onMouseLeave={() => toasts.hold(false)}
      onFocusIn={() => toasts.hold(true)}
      onFocusOut={() => toasts.hold(false)}
    >
      {toasts.shown.value.map(({ key, text, values, detail, action }) => (
        <div class="toast" key={key}>
          <p dir="auto">
            {text && t(text, values)} {detail}
          </p>
          {action && (
            <button type="button" class="quiet" onClick={andThen(action.run)}>
              {t(action.text)}
            </button>
          )}
          <button
            type="button"
            class="icon"
            aria-label={t('close')}
            onClick={andThen(() => toasts.close(key))}
          >
            <Icon name="close" />
          </button>
        </div>
      ))}
    </section>
  );
}
