// What was done for a reply: calls of tools, and what was thought and said beside them. Where there are many, those that
// are done with are folded into one line.
import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { Outcome, Round, ToolCall } from '../api/calls-wire.ts';
import { richText, TextHost } from '../conversation/text-host.tsx';
import { addStyle } from '../shell/add-style.ts';
import { useApp } from '../shell/app-context.ts';
import { Icon } from '../shell/icon.tsx';
import type { Reply } from '../state/reply.ts';
import { createTextFeed } from '../state/text-feed.ts';
import { CallLine, type CallLineProps, stateOf } from './call-line.tsx';
import { CallProgress } from './call-progress.tsx';
import css from './calls.css' with { type: 'text' };
import { WaitingCard } from './waiting-card.tsx';
import { useWords } from './words.ts';
import type { Word } from './words-en.ts';

addStyle(css);

type Part =
  | { kind: 'thought'; key: string; text: string }
  | { kind: 'text'; key: string; text: string }
  | ({ kind: 'call'; key: string } & CallLineProps);

/** So many are shown as they are. */
const few = 5;
/** Of more, these while they go on. */
const newest = 3;

export type CallsViewProps = { reply: Reply; sessionId: string };

export function CallsView({ reply, sessionId }: CallsViewProps) {
  const { waiting } = useApp();
  const host = useRef<HTMLDivElement>(null);
  const known = useRef(0);
  const hasEnded = reply.phase.value === 'ended';
  const parts = partsOf(reply.rounds.value, waiting.outcomes.value, hasEnded);
  const calls = parts.filter((part) => part.kind === 'call');
  const wanted = calls.length <= few ? 0 : hasEnded ? parts.length : parts.indexOf(nth(calls, -newest));
  // What is being read stays where it is.
  const isRead = host.current?.querySelector(':scope > details.call[open]') ?? null;
  if (!isRead || wanted < known.current) known.current = wanted;
  const cut = known.current;
  const asks = (part: Part) => part.kind === 'call' && stateOf(part) === 'waiting';
  const before = parts.filter((part, place) => place < cut && !asks(part));
  const after = parts.filter((part, place) => place >= cut || asks(part));
  return (
    <div class="calls" ref={host}>
      {before.length > 0 && <Fold parts={before} isAll={after.length === 0} sessionId={sessionId} />}
      {after.map((part) => (
        <PartView key={part.key} part={part} sessionId={sessionId} />
      ))}
    </div>
  );
}

const nth = (parts: readonly Part[], place: number): Part =>
  parts.at(place) ?? { kind: 'text', key: '', text: '' };

function partsOf(
  rounds: readonly Round[],
  outcomes: ReadonlyMap<string, Outcome>,
  hasEnded: boolean,
): Part[] {
  return rounds.flatMap(({ key, thought, text, calls }): Part[] => [
    ...(thought ? [{ kind: 'thought' as const, key: `${key} thought`, text: thought }] : []),
    ...(text ? [{ kind: 'text' as const, key: `${key} text`, text }] : []),
    ...calls.map((call, place) => ({
      kind: 'call' as const,
      key: `${key} ${place}`,
      call,
      outcome: call.outcome ?? outcomeOf(call, outcomes),
      hasEnded,
    })),
  ]);
}

const outcomeOf = ({ approval }: ToolCall, outcomes: ReadonlyMap<string, Outcome>): Outcome | null =>
  approval ? (outcomes.get(approval.id) ?? null) : null;

/** Those before, as one line that opens. */
function Fold({ parts, isAll, sessionId }: { parts: Part[]; isAll: boolean; sessionId: string }) {
  const say = useWords();
  const isOpen = useSignal(false);
  const states = parts.flatMap((part) => (part.kind === 'call' ? [stateOf(part)] : []));
  const count = (word: Word, ...which: Word[]) => {
    const found = states.filter((state) => which.includes(state)).length;
    return found > 0 ? [say(word, { count: found })] : [];
  };
  const told = [
    say(isAll ? 'callsMade' : 'callsBefore', { count: states.length }),
    ...count('nowRunning', 'running', 'approved'),
    ...count('nowFailed', 'failed', 'unknown', 'unfinished'),
    ...count('nowDenied', 'denied', 'expired'),
  ];
  return (
    <details
      class="calls-fold"
      onToggle={({ currentTarget }) => {
        isOpen.value = currentTarget.open;
      }}
    >
      <summary>
        <Icon name="chevron" />
        {told.join(' · ')}
      </summary>
      {isOpen.value && (
        <div class="calls-folded">
          {parts.map((part) => (
            <PartView key={part.key} part={part} sessionId={sessionId} />
          ))}
        </div>
      )}
    </details>
  );
}

function PartView({ part, sessionId }: { part: Part; sessionId: string }) {
  if (part.kind === 'text') return <Said text={part.text} />;
  if (part.kind === 'thought') return <Thought text={part.text} />;
  const { call } = part;
  if (call.approval && !part.hasEnded && call.result === null)
    return <Asked part={part} sessionId={sessionId} approval={call.approval} />;
  return (
    <>
      <CallLine {...part} />
      {call.result === null && !part.hasEnded && call.progress && <CallProgress progress={call.progress} />}
    </>
  );
}

/** One that a person was asked about: a card, until it is decided. */
function Asked({ part, sessionId, approval }: AskedProps) {
  const { waiting } = useApp();
  useEffect(() => waiting.watch(sessionId, approval), [approval.id]);
  if (stateOf(part) === 'waiting')
    return <WaitingCard call={part.call} approval={approval} sessionId={sessionId} />;
  return <CallLine {...part} />;
}
type AskedProps = {
  part: Extract<Part, { kind: 'call' }>;
  sessionId: string;
  approval: NonNullable<ToolCall['approval']>;
};

function Said({ text }: { text: string }) {
  const feed = useMemo(() => createTextFeed(text, true), [text]);
  return <TextHost feed={feed} class="rich" draw={(host) => richText(host)} />;
}

function Thought({ text }: { text: string }) {
  const say = useWords();
  const isOpen = useSignal(false);
  const feed = useMemo(() => createTextFeed(text, true), [text]);
  return (
    <details
      class="thought"
      onToggle={({ currentTarget }) => {
        isOpen.value = currentTarget.open;
      }}
    >
      <summary>
        <Icon name="chevron" />
        {say('thought')}
      </summary>
      {isOpen.value && <TextHost feed={feed} class="thought-text" draw={(host) => richText(host)} />}
    </details>
  );
}
