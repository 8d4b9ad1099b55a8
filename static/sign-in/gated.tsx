// What stands before a page until it is known for whom it is: a sign-in, or why nobody can be let in yet.
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Account } from '../api/access.ts';
import { isSignedOut } from '../api/problem.ts';
import { problemText } from '../shell/problem-text.ts';
import { useSettings } from '../shell/settings-context.ts';
import { SettingsMenu } from '../shell/settings-menu.tsx';
import type { Gate } from '../state/gate.ts';
import { SignIn } from './late-sign-in.ts';

export type GatedProps = { gate: Gate; children: (account: Account) => ComponentChildren };

export function Gated({ gate, children }: GatedProps) {
  const { t } = useSettings();
  const state = gate.state.value;
  const mayEnd = state.kind === 'in' && state.account.way !== 'none';
  useEffect(() => {
    // When it ends, the server may be away, or have a new page.
    if (mayEnd) SignIn.load();
  }, [mayEnd]);
  if (state.kind === 'in') return <>{children(state.account)}</>;
  if (state.kind === 'asking')
    return (
      <main class="gate">
        <p class="hint late">{t('loading')}</p>
      </main>
    );
  return (
    <main class="gate">
      <div class="gate-corner">
        <SettingsMenu />
      </div>
      {state.kind === 'signIn' ? (
        <SignIn heading="h1" onSignedIn={gate.enter} />
      ) : (
        <section class="gate-card" role="status">
          <h1>AgentChat</h1>
          <p dir="auto">{problemText(state.problem, t)}</p>
          {isSignedOut(state.problem) ? (
            <a class="button" href={location.pathname + location.search}>
              {t('signIn')}
            </a>
          ) : (
            <p class="soft">{t('goesOnByItself')}</p>
          )}
        </section>
      )}
    </main>
  );
}
