// The sign-in: with a key, at a provider, or either. A key goes to the server once, and is kept nowhere here.
import type { Account } from '../api/access.ts';
import { useSettings } from '../shell/settings-context.ts';
import { KeyForm } from './key-form.tsx';
import { providerAddress, takeSignInError } from './provider.ts';
import { useWays } from './use-ways.ts';
import { useWords } from './words.ts';

export type SignInProps = {
  heading: 'h1' | 'h2';
  /** Who was signed in here until it ended. */
  again?: string;
  onSignedIn: (account: Account) => void;
};

// Read once, and taken out of the address.
const failed = takeSignInError();

export function SignIn({ heading: Heading, again, onSignedIn }: SignInProps) {
  const { t } = useSettings();
  const say = useWords();
  const { ways, isAway } = useWays();
  return (
    <section class="gate-card" aria-labelledby="sign-in-title">
      <img src="static/favicon.svg" alt="" width="44" height="44" />
      <Heading id="sign-in-title">{say('signInTitle')}</Heading>
      {again === undefined ? (
        <p class="soft">{say('signInText')}</p>
      ) : (
        <p class="soft" dir="auto">
          {say('signInAgainText', { owner: again })}
        </p>
      )}
      {failed !== null && again === undefined && (
        <p class="gate-error" role="alert">
          {say(failed)}
        </p>
      )}
      {ways === null && <p class="hint late">{t(isAway ? 'unreachable' : 'loading')}</p>}
      {ways?.oidc && (
        <a class="button wide" id="sign-in-provider" href={providerAddress()}>
          {say('signInProvider')}
        </a>
      )}
      {ways?.oidc && ways.keys && <p class="or">{say('or')}</p>}
      {ways?.keys && <KeyForm again={again} onSignedIn={onSignedIn} isPlain={ways.oidc} />}
      {ways && !ways.keys && !ways.oidc && (
        <p class="gate-error" role="alert">
          {say(ways.proxy ? 'signInByProxy' : 'signInNoWay')}
        </p>
      )}
    </section>
  );
}
