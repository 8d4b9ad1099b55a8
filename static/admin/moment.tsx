// A time, short where it is read and whole where it is pointed at.
import { fullTime, shortTime } from '../shell/time.ts';
import { useAdmin } from './admin-context.ts';

export function Moment({ at, exact = false }: { at: string; exact?: boolean }) {
  const locale = useAdmin().settings.locale.value;
  return (
    <time dateTime={at} title={fullTime(at, locale)}>
      {shortTime(at, locale, exact)}
    </time>
  );
}
