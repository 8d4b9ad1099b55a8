// What an admin looks after, on the wire.
import { z } from '@hono/zod-openapi';
import { everyOwner, roles, ways } from '../../words/access.ts';
import { longestOwnerName, nameFault } from '../../words/owner-name.ts';
import { answeredObject, exampleId, exampleTime, id, orNull, time } from './answer-fields.ts';
import { broken, text, uuid, wholeNumber } from './fields.ts';

export const keyPath = z.object({ id: uuid });

const aKey = {
  id: exampleId,
  owner: 'alice',
  name: 'ci',
  role: 'member' as const,
  hint: 'ack_Yw3fJ0aB',
  agents: null,
  created_at: exampleTime,
  expires_at: null,
  revoked_at: null,
  last_used_at: exampleTime,
};

export const key = z
  .object({
    id,
    owner: z.string(),
    name: z.string(),
    role: z.enum(roles),
    hint: z.string().openapi({ description: 'How the key begins, so that people know which it is' }),
    agents: orNull(z.array(z.string())).openapi({ description: 'Those that may be asked; null for all' }),
    created_at: time,
    expires_at: orNull(time),
    revoked_at: orNull(time),
    last_used_at: orNull(time).openapi({ description: 'To a minute' }),
  })
  .openapi('Key', { description: 'A key, but for the key itself', example: aKey });

export const madeKey = key.extend({ key: z.string() }).openapi('MadeKey', {
  description: 'A key that was just made: it is told this once',
  example: { ...aKey, last_used_at: null, key: `ack_Yw3fJ0aB${'x'.repeat(35)}` },
});

/** A time to come, as ISO 8601 has it. */
const laterTime = z
  .string()
  .refine((value) => z.iso.datetime({ offset: true }).safeParse(value).success, broken({ rule: 'time' }))
  .transform((value) => new Date(value))
  .refine((value) => value.getTime() > Date.now(), broken({ rule: 'later' }))
  .openapi({ type: 'string', format: 'date-time' });

/** An owner's name, or `besides`. */
const named = (besides?: string) =>
  text(1, longestOwnerName)
    .superRefine((name, context) => {
      const fault = name === besides ? undefined : nameFault(name);
      if (fault) context.addIssue({ code: 'custom', ...broken({ rule: 'owner_name', fault }) });
    })
    .openapi({ type: 'string' });

/** What people read in a line. */
const label = text(1, 100).refine((name) => !/\p{Cc}/u.test(name), broken({ rule: 'label' }));
/** The agents that may be asked. Who may ask none needs no key. */
export const agentNames = z.array(label).min(1).max(100);

export const ownerName = named();
/** An owner’s name, or `*` for all who have no limits of their own. */
export const ownerOrEvery = named(everyOwner);

export const newKey = z
  .object({
    owner: ownerName,
    name: label.nullish(),
    role: z.enum(roles).nullish(),
    agents: agentNames.nullish(),
    expires_at: laterTime.nullish(),
  })
  .openapi('NewKey', {
    description: 'What a key is to be: of a member, for all agents and for ever, unless it says otherwise',
    example: { owner: 'alice', name: 'ci', role: 'member' },
  });

export const owner = z
  .object({ name: z.string(), created_at: time, session_count: z.number().int() })
  .openapi('Owner', {
    description: 'Somebody who has sessions, or a key',
    example: { name: 'alice', created_at: exampleTime, session_count: 3 },
  });

export const ownersQuery = z.object({
  limit: wholeNumber(1, 100, 20),
  cursor: text(1, 300).optional().openapi({ description: 'From the `Link` header of the page before' }),
  q: text(0, 200)
    .optional()
    .transform((value) => value || undefined)
    .openapi({ description: 'Keeps those whose name contains it' }),
});

export const audited = z
  .object({
    id: z.number().int(),
    at: time,
    owner: orNull(z.string()).openapi({ description: 'Whose request it was; null where nobody was let in' }),
    actor: orNull(z.string()),
    way: orNull(z.enum([...ways, 'command'])),
    key_id: orNull(id),
    action: z.string(),
    target: orNull(z.string()),
    details: answeredObject,
    address: orNull(z.string()),
    request_id: orNull(z.string()),
  })
  .openapi('AuditEntry', {
    description: 'Who did what, to what, when and from where',
    example: {
      id: 7,
      at: exampleTime,
      owner: 'alice',
      actor: 'alice',
      way: 'keys',
      key_id: exampleId,
      action: 'session.deleted',
      target: exampleId,
      details: {},
      address: '192.0.2.7',
      request_id: 'dd5a1168-b2e7-46d0-8aed-ef20a976ae83',
    },
  });

export const auditQuery = z.object({
  limit: wholeNumber(1, 1000, 100),
  cursor: text(1, 20).optional().openapi({ description: 'From the `Link` header of the page before' }),
  owner: text(1, longestOwnerName).optional(),
  action: text(1, 100).optional(),
});
