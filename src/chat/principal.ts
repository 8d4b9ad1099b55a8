// Who calls, as far as that decides what there is for them and what they may do with it.
import type { AuditEntry } from '../db/access/audit.ts';
import type { Owner } from '../db/owner.ts';
import type { Json } from '../db/schema.ts';
import type { Role, Way } from '../words/access.ts';
import { Failure } from './failure.ts';

export type Principal = {
  owner: Owner;
  /** The owner's name, as people and programs outside know it. */
  name: string;
  role: Role;
  way: Way;
  /** The id of the key that let them in, also where it was exchanged for a cookie. */
  key?: string | undefined;
  /** The agents that may be asked; undefined for all. */
  agents?: readonly string[] | undefined;
};

/** A principal with what an audit says of a request: where it came from, and its id. */
export type Caller = Principal & { address: string | undefined; requestId: string };

/** Throws a Failure for who may only read. */
export function mayWrite({ role }: Principal): void {
  if (role === 'viewer')
    throw new Failure('not_allowed', {
      reason: { 'zh-CN': '只读角色不能更改任何内容', en: 'the role viewer only reads' },
    });
}

/** Throws a Failure for who may not ask this agent. */
export function mayAsk({ agents }: Principal, agent: string): void {
  if (agents !== undefined && !agents.includes(agent)) throw agentNotAllowed(agent);
}

export const agentNotAllowed = (agent: string): Failure =>
  new Failure('not_allowed', {
    reason: {
      'zh-CN': `此密钥或用户不能使用智能体 ${agent}`,
      en: `this key or owner may not use the agent ${agent}`,
    },
  });

/** What is written down of what a caller does. */
export const auditOf = (caller: Caller, action: string, target: string, details: Json = {}): AuditEntry => ({
  owner: caller.owner,
  actor: caller.name,
  way: caller.way,
  key: caller.key ?? null,
  action,
  target,
  details,
  address: caller.address ?? null,
  requestId: caller.requestId,
});
