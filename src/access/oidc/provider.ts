// The provider: where its doors are, and with which keys it signs. Both are asked for once and remembered.
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey, type LocalJWKSet } from 'jose';
import {
  type AuthorizationServer,
  allowInsecureRequests,
  customFetch,
  discoveryRequest,
  processDiscoveryResponse,
} from 'oauth4webapi';
import { z } from 'zod';
import { Failure } from '../../chat/failure.ts';
import type { Log } from '../../log.ts';
import { createSeldom } from '../seldom.ts';
import { boundedFetch } from './bounded-fetch.ts';
import { Away, createRemembered, type Memory } from './remembered.ts';

/** What is known of a provider. A host whose requests have parts of their own passes one in, and they share it. */
export type ProviderMemory = { metadata: Memory<AuthorizationServer>; keys: Memory<JSONWebKeySet> };
export const newProviderMemory = (): ProviderMemory => ({ metadata: {}, keys: {} });

type Asking = {
  [customFetch]: typeof boundedFetch;
  [allowInsecureRequests]: boolean;
};

export type Provider = ReturnType<typeof createProvider>;

const hour = 3_600_000;
/** Whoever signs with a key that the provider has taken back is let in no longer than this. */
const keysFreshMs = 600_000;
/** A provider that is away is no reason to turn people away; after a day without it nobody knows any more. */
const goodMs = 24 * hour;
/** A key that is not known is looked for at most so often, whoever makes up how many. */
const restMs = 10_000;
const patienceMs = 500;
const awayRetrySeconds = 10;

export function createProvider(issuer: string, log: Log, memory: ProviderMemory = newProviderMemory()) {
  const seldom = createSeldom();
  /** How all its doors are asked. Only one on this machine may do without TLS. */
  const asking: Asking = {
    [customFetch]: boundedFetch,
    [allowInsecureRequests]: new URL(issuer).protocol === 'http:',
  };

  const metadata = createRemembered(
    async () => processDiscoveryResponse(new URL(issuer), await discoveryRequest(new URL(issuer), asking)),
    memory.metadata,
    { freshMs: hour, goodMs, restMs, patienceMs },
  );
  const keys = createRemembered(async () => readKeys(await metadata.get()), memory.keys, {
    freshMs: keysFreshMs,
    goodMs,
    restMs,
    patienceMs,
  });

  async function readKeys({ jwks_uri: uri }: AuthorizationServer): Promise<JSONWebKeySet> {
    if (uri === undefined) throw new Error('the provider names no jwks_uri');
    if (new URL(uri).protocol !== 'https:' && !asking[allowInsecureRequests])
      throw new Error('the provider’s jwks_uri is without TLS');
    const answer = await boundedFetch(uri, { headers: { accept: 'application/json' } });
    if (answer.status !== 200) throw new Error(`the provider’s jwks_uri answers ${answer.status}`);
    return keySet.parse(await answer.json());
  }

  /** Throws a Failure where the provider is away, and says in the log why. */
  async function orAway<T>(found: Promise<T>): Promise<T> {
    try {
      return await found;
    } catch (error) {
      if (!(error instanceof Away)) throw error;
      if (error.cause && seldom())
        log.error('the OpenID Connect provider is of no use now', { issuer, error });
      throw new Failure('provider_away', { retry_after: awayRetrySeconds });
    }
  }

  // A set keeps what it has made of its keys.
  const ready = new WeakMap<JSONWebKeySet, LocalJWKSet>();
  function readyKeys(set: JSONWebKeySet): LocalJWKSet {
    const made = ready.get(set) ?? createLocalJWKSet(set);
    ready.set(set, made);
    return made;
  }

  /** The key that a token says it is signed with. One that is not known is asked for again. */
  const keyOf: JWTVerifyGetKey = async (header, token) => {
    const known = await orAway(keys.get());
    try {
      return await readyKeys(known)(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      const newer = await orAway(keys.newer());
      if (newer === undefined) throw error;
      return readyKeys(newer)(header, token);
    }
  };

  return { asking, keyOf, metadata: () => orAway(metadata.get()) };
}

const keySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).max(100) });
