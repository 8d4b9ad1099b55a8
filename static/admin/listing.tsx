// What every list of the page has around it: that it is being read, could not be read, or is empty, and its next page.
import type { ComponentChildren } from 'preact';
import { problemText } from '../shell/problem-text.ts';
import { useAdmin } from './admin-context.ts';
import type { Loaded, More } from './use-loaded.ts';

export type ListingProps = {
  of: Loaded<unknown> & Partial<More>;
  /** What it says when there is nothing in it. */
  empty: string | null;
  children: ComponentChildren;
};

export function Listing({ of, empty, children }: ListingProps) {
  const { say, settings } = useAdmin();
  const { value, problem, isBusy, hasMore, isMoreBusy, moreProblem, loadMore, reload } = of;
  return (
    <div class="listing" aria-busy={isBusy}>
      {problem && (
        <div class="failure" role="alert">
          <strong>{say('cannotRead')}</strong>
          <p dir="auto">{problemText(problem, settings.t, settings.locale.value)}</p>
          <button type="button" class="button plain small" onClick={() => void reload()}>
            {say('reload')}
          </button>
        </div>
      )}
      {value === null && !problem && <p class="hint late">{say('loading')}</p>}
      {value !== null && (empty === null ? children : <p class="empty">{empty}</p>)}
      {moreProblem && (
        <p class="form-error" role="alert" dir="auto">
          {problemText(moreProblem, settings.t, settings.locale.value)}
        </p>
      )}
      {value !== null && hasMore && (
        <button type="button" class="quiet more" aria-disabled={isMoreBusy} onClick={() => void loadMore?.()}>
          {say(isMoreBusy ? 'loading' : 'loadMore')}
        </button>
      )}
    </div>
  );
}
