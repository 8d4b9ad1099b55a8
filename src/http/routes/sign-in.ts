// The page's way in: a key is exchanged for a cookie, which no script can read.
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { type Way, ways } from '../../words/access.ts';
import { json } from '../answers.ts';
import { addressOf } from '../identified.ts';
import { fromHereAlone } from '../origin.ts';
import { publicAddress } from '../public-address.ts';
import { type AppEnv, createRouter } from '../router.ts';
import { orNull } from '../schemas/answer-fields.ts';
import { text } from '../schemas/fields.ts';
import { byBody, problems } from '../schemas/problem-schemas.ts';
import { deleteSignInCookie, setSignInCookie, signInTokens } from '../sign-in-cookie.ts';
import { caller, callerOf } from './me.ts';

const offered = z
  .object({ ways: z.array(z.enum(ways)) })
  .openapi('SignInWays', { description: 'How somebody may come in', example: { ways: ['keys'] } });

const signedOut = z
  .object({
    success: z.literal(true),
    redirect: orNull(z.string()).openapi({
      description: 'Where the provider of the sign-in ends its own, for the browser to go on to',
    }),
  })
  .openapi('SignedOut', {
    description: 'That a sign-in has ended',
    example: { success: true, redirect: null },
  });

const waysRoute = createRoute({
  method: 'get',
  path: '/sign-in',
  operationId: 'listSignInWays',
  security: [],
  tags: ['access'],
  summary: 'How the page may sign in',
  responses: { 200: json(offered, 'The ways that this server has'), ...problems() },
});

const signInRoute = createRoute({
  method: 'post',
  path: '/sign-in',
  operationId: 'signIn',
  security: [],
  tags: ['access'],
  summary: 'Exchange a key for a cookie, as the page does',
  request: {
    body: { required: true, content: { 'application/json': { schema: z.object({ key: text(1, 1000) }) } } },
  },
  responses: { 200: json(caller, 'Who is signed in; the cookie is in `Set-Cookie`'), ...problems(...byBody) },
});

const signOutRoute = createRoute({
  method: 'post',
  path: '/sign-out',
  operationId: 'signOut',
  security: [],
  tags: ['access'],
  summary: 'End a sign-in',
  responses: {
    200: json(signedOut, 'The cookie is good no more'),
    ...problems(...byBody),
  },
});

export const signIn = createRouter()
  .openapi(waysRoute, (c) => {
    const { ways: all, page } = c.get('parts').access;
    // A provider's tokens may be taken without it knowing this page.
    return c.json({ ways: all.filter((way) => way !== 'oidc' || page !== undefined) }, 200);
  })
  .openapi(signInRoute, async (c) => {
    fromHereAlone(c);
    const { who, token } = await c.get('parts').access.signIn(c.req.valid('json').key.trim(), fromOf(c));
    setSignInCookie(c, token);
    return c.json(callerOf(who), 200);
  })
  .openapi(signOutRoute, async (c) => {
    fromHereAlone(c);
    const { access } = c.get('parts');
    let way: Way | undefined;
    for (const token of signInTokens(c)) way = (await access.signOut(token, fromOf(c))) ?? way;
    deleteSignInCookie(c);
    const { href } = publicAddress(c);
    const redirect =
      way === 'oidc' ? await access.page?.endAddress(href.endsWith('/') ? href : `${href}/`) : undefined;
    return c.json({ success: true as const, redirect: redirect ?? null }, 200);
  });

const fromOf = (c: Context<AppEnv>) => ({ address: addressOf(c), requestId: c.get('requestId') });
