// Whose address it is that a provider has verified, where it tells of somebody at two places.
import { expect, test } from 'bun:test';
import { type Claims, joined, ownerOf } from './claims.ts';

test('an address is verified where the same is told by who says so', () => {
  const [own, other] = ['a@example.com', 'b@example.com'];
  const cases: [token: Claims, info: Claims, name: string | undefined][] = [
    [{ email: own, email_verified: true }, {}, own],
    [{}, { email: own, email_verified: true }, own],
    [{ email: own }, { email: own, email_verified: true }, own],
    [{ email: own, email_verified: true }, { email: other, email_verified: false }, own],
    [{ email: own }, { email: other, email_verified: true }, undefined],
    [{ email: own }, { email_verified: true }, undefined],
    [{ email_verified: true }, { email: other, email_verified: false }, undefined],
    [{ email: own, email_verified: false }, { email: own, email_verified: true }, undefined],
  ];
  for (const [token, info, name] of cases) {
    const said = ownerOf(joined({ sub: 's', ...token }, { sub: 's', ...info }), { ownerClaim: 'email' });
    expect('name' in said ? said.name : undefined).toBe(name);
  }
});
