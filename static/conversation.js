// One session's conversation: its history, and the turn that runs in it. It owns its part of the page,
// so a turn goes on undisturbed while the reader looks at another session.
import { cancelTurn, followTurn, getSession, latestTurns, retryTurn, sendMessage } from './api.js';
import { element, textButton } from './element.js';
import { createHistory } from './history-view.js';
import { say } from './locale.js';
import { Problem, problemFromBody } from './problem.js';
import { createReply } from './reply-view.js';
import { runTurn } from './turn-run.js';
import { userMessage } from './user-message.js';

/**
 * `hooks`: `changed()` when `busy` changes, `accepted(text)` once a message is stored, `putBack(text, key)` for
 * one that was not, `updated(session)`, `announce(name)` for readers who do not see the page.
 */
export function createConversation(id, hooks) {
  const history = createHistory(id);
  const hint = element('div', 'hint');
  const root = element('section', 'conversation', hint, history.root);
  const life = new AbortController();
  let loading = false;
  let running = null; // { turnId, reply, stopping } of the turn that is being followed
  let unsent = 0; // failed messages whose text is only here

  hint.hidden = true;

  function setLoading(value) {
    loading = value;
    hooks.changed();
  }

  async function refreshSession() {
    const session = await getSession(id).catch(() => null);
    if (session && !life.signal.aborted) hooks.updated(session);
  }

  /** Shows the stored messages, then joins the turn that runs, if one does. */
  async function load() {
    hint.hidden = false;
    hint.replaceChildren(say(element('p', ''), 'loading'));
    setLoading(true);
    try {
      const { session, newest } = await history.load();
      unsent = 0;
      hint.hidden = newest !== null;
      hint.replaceChildren(say(element('p', ''), 'emptySession'));
      hooks.updated(session);
      await joinTurns(newest);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      const detail = element('p', '', error.sentence());
      hint.replaceChildren(
        say(element('strong', ''), 'cannotOpen'),
        detail,
        textButton('reload', 'button plain', load),
      );
    } finally {
      setLoading(false);
    }
  }

  async function joinTurns(newest) {
    const turns = await latestTurns(id).catch(() => []);
    if (life.signal.aborted) return;
    const active = turns.filter(({ status }) => status === 'running' || status === 'queued').at(-1);
    if (active) return void join(active);
    if (newest === null || newest.source === 'assistant') return;
    const reply = createReply();
    history.log.append(reply.root);
    const last = turns.find(({ user_message }) => user_message?.id === newest.id);
    if (last?.status === 'failed') {
      showFailure(reply, { turnId: last.id, asked: newest.content, problem: problemFromBody(last.error) });
    } else if (last?.status === 'cancelled') {
      reply.end();
      reply.notice('cancelledEmpty');
    } else reply.fail({ title: 'noReply', text: 'noReplyText', action: 'reload', onAction: load });
  }

  async function join(turn) {
    const reply = createReply();
    const asked = history.find(turn.user_message?.id);
    if (asked) asked.after(reply.root);
    else history.log.append(reply.root);
    let refused = false;
    await run(reply, {
      turnId: turn.id,
      text: turn.user_message?.content ?? '',
      start: (signal) => followTurn(id, turn.id, null, signal),
      onRefused() {
        refused = true;
        reply.root.remove();
      },
    });
    // messages that were sent while it ran may be waiting in line
    if (!refused && running === null) await joinTurns(null);
  }

  /** Whether a message whose fate is unknown did arrive. */
  async function isStored(text) {
    const messages = await history.newest(2);
    const isIt = ({ id, source, content }) => source !== 'assistant' && content === text && !history.find(id);
    const stored = messages.some(isIt);
    if (stored) hooks.accepted(text);
    return stored;
  }

  async function send(text, key) {
    hint.hidden = true;
    const asked = userMessage(text);
    const reply = createReply();
    history.log.append(asked, reply.root);
    let sent = false;
    await run(reply, {
      text,
      async start(signal) {
        if (sent && (await isStored(text))) return null;
        sent = true;
        return sendMessage(id, text, key, signal);
      },
      onTurn(turn) {
        history.remember(turn.message?.id, asked);
        hooks.accepted(text);
        refreshSession();
      },
      onRefused(problem) {
        unsent += 1;
        const onAction = () => {
          unsent -= 1;
          asked.remove();
          reply.root.remove();
          hooks.putBack(text, key);
        };
        reply.fail({ title: 'notSent', problem, action: 'putBack', onAction });
      },
    });
  }

  /** A turn that failed can be run again; where the server cannot, its message `asked` can be sent anew. */
  function showFailure(reply, { turnId, cursor = null, asked, problem }) {
    const again = () => {
      reply.clear();
      run(reply, {
        turnId,
        cursor,
        text: asked,
        start: (signal) => startRetry(id, turnId, cursor, signal),
        onRefused: (refusal) => showFailure(reply, { turnId, cursor, asked, problem: refusal }),
      });
    };
    const canRetry = ![404, 405, 501].includes(problem?.status);
    reply.fail({
      title: 'replyFailed',
      problem,
      action: canRetry ? 'tryAgain' : 'putBack',
      onAction: canRetry ? again : () => hooks.putBack(asked),
    });
  }

  /** Follows one turn into `reply`; what becomes of a turn that never began is the caller's to show. */
  async function run(reply, { start, text, turnId = null, cursor = null, onTurn, onRefused }) {
    running = { turnId, reply, stopping: false };
    const mine = running;
    let problem = null;
    let stored = false;
    hooks.changed();
    hooks.announce('replying');

    function onEvent(event, data) {
      if (event === 'turn') {
        mine.turnId = data.turn_id;
        onTurn?.(data);
        hooks.changed();
      } else if (event === 'ThoughtStreamingChunkEvent') reply.pushThought(String(data.content ?? ''));
      else if (event === 'ModelClientStreamingChunkEvent') reply.pushText(String(data.content ?? ''));
      else if (event === 'ThoughtEvent') reply.setThought(String(data.content ?? ''));
      else if (event === 'ToolCallRequestEvent') reply.wait('usingTool', { name: toolNames(data) });
      else if (event === 'ToolCallExecutionEvent') reply.wait('waiting');
      else if (event === 'restart') {
        reply.clear();
        reply.wait('restarted');
      } else if (event === 'error') problem = problemFromBody(data);
      else if (event === 'TextMessage') {
        stored = true;
        reply.settle(data);
        history.remember(data.id, reply.root);
        history.keepOneDemoNotice();
      }
    }

    try {
      const onLost = () => reply.wait('connectionLost');
      const ended = await runTurn({
        sessionId: id,
        turnId,
        cursor,
        start,
        onEvent,
        onLost,
        signal: life.signal,
      });
      running = null;
      reply.end();
      if (ended.status === 'unknown') return await load();
      if (ended.status === 'failed')
        showFailure(reply, { turnId: mine.turnId, cursor: ended.cursor, asked: text, problem });
      else if (ended.status === 'cancelled' && !stored) reply.notice('cancelledEmpty');
      else if (!stored) await load();
      hooks.announce(ended.status === 'failed' ? 'replyFailed' : 'replied');
      refreshSession();
    } catch (error) {
      running = null;
      if (life.signal.aborted) return;
      if (!(error instanceof Problem)) throw error;
      onRefused(error);
      hooks.announce('notSent');
    } finally {
      hooks.changed();
    }
  }

  return {
    id,
    root,
    load,
    send,
    get busy() {
      return loading || running !== null;
    },
    get canStop() {
      return Boolean(running?.turnId) && !running.stopping;
    },
    /** Whether it holds what the server does not: leaving it must not throw it away. */
    get mustStay() {
      return running !== null || unsent > 0;
    },
    stop() {
      if (!running?.turnId) return;
      running.stopping = true;
      hooks.changed();
      const { turnId, reply } = running;
      cancelTurn(id, turnId).catch(() => reply.notice('cannotStop'));
    },
    dispose: () => life.abort(),
  };
}

/** The retry answers with the turn's events, or with the turn alone, whose events are then fetched. */
async function startRetry(id, turnId, cursor, signal) {
  const response = await retryTurn(id, turnId, signal);
  if (response.headers.get('Content-Type')?.startsWith('text/event-stream')) return response;
  return followTurn(id, turnId, cursor, signal);
}

const toolNames = ({ content }) =>
  Array.isArray(content) ? content.map((call) => call?.name ?? '').join(', ') : '';
