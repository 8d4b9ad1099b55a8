// Which agents may be asked, by their names; none given is all.
import { useAdmin } from './admin-context.ts';

/** `agents`: those that may be asked so far; null for all. */
export function AgentsField({ agents = null }: { agents?: string[] | null }) {
  const { say } = useAdmin();
  return (
    <>
      <label class="wide">
        {say('agents')}
        <input
          name="agents"
          autocomplete="off"
          dir="auto"
          placeholder={say('all')}
          defaultValue={textOf(agents)}
          aria-describedby="agents-hint"
        />
      </label>
      <p class="form-hint" id="agents-hint">
        {say('agentsHint')}
      </p>
    </>
  );
}

/** Null for all. What nobody touched stays as it was, a name with a comma in it too. */
export function agentsOf(form: FormData, before: string[] | null = null): string[] | null {
  const text = String(form.get('agents') ?? '');
  if (text === textOf(before)) return before;
  const names = text.split(/[,，、]/).map((name) => name.trim());
  const given = names.filter((name) => name !== '');
  return given.length === 0 ? null : given;
}

const textOf = (agents: string[] | null): string => (agents ?? []).join(', ');
