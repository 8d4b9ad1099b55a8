// Somebody who goes through the provider's own pages, as a browser does, in tests that need no browser.

/** One browser: it keeps what the provider at `issuer` gives it. */
export function identityVisitor(issuer: string) {
  const cookies = new Map<string, string>();

  /** Follows where it is led as long as that is at the provider: gives the page that is there, or the address beyond. */
  async function visit(
    address: string,
    form?: Record<string, string>,
  ): Promise<{ page: string; at: string }> {
    let [at, body] = [address, form && new URLSearchParams(form)];
    while (at.startsWith(issuer)) {
      const cookie = [...cookies].map((pair) => pair.join('=')).join('; ');
      const headers = { cookie };
      const answer = await fetch(at, {
        redirect: 'manual',
        headers,
        ...(body ? { method: 'POST', body } : {}),
      });
      for (const set of answer.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
        cookies.set(name, value);
      }
      const next = answer.headers.get('location');
      if (next === null) return { page: await answer.text(), at };
      [at, body] = [new URL(next, at).href, undefined];
    }
    return { page: '', at };
  }

  const send = ({ page, at }: { page: string; at: string }, form: Record<string, string>) => {
    const action = /<form[^>]* action="([^"]+)"/.exec(page)?.[1];
    if (action === undefined) throw new Error(`there is no form at ${at}: ${page}`);
    return visit(new URL(action.replaceAll('&amp;', '&'), at).href, form);
  };

  return {
    /** Signs in under this name, and lets the client know it. Resolves to where the provider leads back to. */
    signIn: async (address: string, login: string): Promise<string> => {
      const asked = await send(await visit(address), { prompt: 'login', login, password: 'any' });
      return (await send(asked, { prompt: 'consent' })).at;
    },

    /** Ends what is at the provider. Resolves to where it leads back to. */
    signOut: async (address: string): Promise<string> => {
      const asked = await visit(address);
      const xsrf = /name="xsrf" value="([^"]+)"/.exec(asked.page)?.[1] ?? '';
      return (await send(asked, { xsrf, logout: 'yes' })).at;
    },

    /** Whether the provider knows who this is, without asking. */
    isSignedIn: async (address: string): Promise<boolean> =>
      !(await visit(address)).page.includes('name="login"'),
  };
}
