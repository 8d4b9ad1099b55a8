// Killing servers, and those of tools: at any time, all at once, or at a point of a turn.
import type { PostgresServer } from '../postgres-server.ts';
import type { TcpProxy } from '../tcp-proxy.ts';
import { toolPoints } from './chaos-tools.ts';
import type { Random } from './random.ts';
import type { ChaosRecord } from './record.ts';
import type { Fleet, Server } from './servers.ts';
import type { ToolHook } from './tool-hook.ts';
import type { Step, Triggers } from './triggers.ts';

export type FaultParts = {
  fleet: Fleet;
  database: PostgresServer;
  /** What the servers reach it through. */
  network: TcpProxy;
  triggers: Triggers;
  hook: ToolHook;
  record: ChaosRecord;
  random: Random;
  everyMs: number;
  going: () => boolean;
};

const aimWithinMs = 3000;
/** While one is frozen or starts, the others are spared for this long. */
const longestChoiceMs = 1500;

export function note({ record }: FaultParts, kind: string, server?: Server): void {
  const at = Date.now();
  record.faults.push({ kind, at, until: at, ...(server ? { server: server.name } : {}) });
}

/** One that may be hit: another one stays up. */
export async function victim({ fleet, random, going }: FaultParts): Promise<Server | undefined> {
  for (let waited = 0; waited < longestChoiceMs && going(); waited += 20) {
    const up = fleet.up();
    if (up.length > 1 || (up.length === 1 && fleet.servers.length === 1)) return random.pick(up);
    await Bun.sleep(20);
  }
  const [left] = fleet.up();
  return left;
}

export async function killAt(parts: FaultParts, step: Step): Promise<void> {
  const { fleet, triggers, random } = parts;
  await victim(parts);
  const fire = (name: string): boolean => {
    const server = fleet.up().find((one) => one.name === name);
    if (!server) return false;
    const kill = () => {
      if (server.name !== name || server.state !== 'up') return;
      note(parts, `kill -9: ${label[step]}`, server);
      fleet.kill(server);
    };
    // At once, or when the server has had the time to read what it was sent.
    if (random.chance(0.4)) kill();
    else setTimeout(kill, random.int(1, 30));
    return true;
  };
  await triggers.arm(step, fire, aimWithinMs);
}

const label: { [step in Step]: string } = {
  sent: 'a message was just sent',
  request: 'the model was just asked',
  'first piece': 'after the first piece',
  middle: 'in the middle of a reply',
  'last piece': 'after the last piece',
  end: 'after the model’s end',
  'call made': 'a tool was just called',
  effect: 'a call took effect',
  'call answered': 'after a tool’s answer',
  'decision sent': 'a decision was just sent',
  decided: 'after a decision',
};

export async function killAny(parts: FaultParts): Promise<void> {
  const server = await victim(parts);
  if (!server) return;
  note(parts, 'kill -9: any time', server);
  parts.fleet.kill(server);
}

export async function killAll(parts: FaultParts): Promise<void> {
  for (const server of parts.fleet.up()) {
    note(parts, 'kill -9: all at once', server);
    parts.fleet.kill(server);
  }
}

/** Whoever called it lives on. */
export async function killTools(parts: FaultParts): Promise<void> {
  const point = parts.random.pick(toolPoints);
  if (!(await parts.hook.killAt(point, aimWithinMs, parts.going))) return;
  const at = Date.now();
  parts.record.faults.push({ kind: `kill -9: tools, ${point}`, at, until: at, server: 'that of tools' });
}
