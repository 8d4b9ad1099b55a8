// The chat page: puts its parts together.
import { createSession, deleteSession, renameSession } from './api.js';
import { ask } from './ask.js';
import { createComposer } from './composer.js';
import { createConversation } from './conversation.js';
import { createDrawer } from './drawer.js';
import { element } from './element.js';
import { locale, otherLocale, say, setLocale, t, translate } from './locale.js';
import { Problem } from './problem.js';
import { createReply } from './reply-view.js';
import { routedSession, sessionHash } from './route.js';
import { createSessionList } from './sessions.js';
import { stickToBottom } from './stick-to-bottom.js';
import { userMessage } from './user-message.js';
import { welcome } from './welcome.js';

const byId = (id) => document.getElementById(id);
const stage = byId('stage');
const conversations = new Map();
let current = null; // the conversation in view; null is a new one
let creating = false;
let route; // what the address named when it was last looked at

const drawer = createDrawer({
  drawer: byId('drawer'),
  backdrop: byId('backdrop'),
  main: byId('main'),
  open: byId('open-drawer'),
  close: byId('close-drawer'),
});
const bottom = stickToBottom(byId('scroller'), stage, byId('to-latest'));
const composer = createComposer(
  { form: byId('composer'), input: byId('input'), send: byId('send'), stop: byId('stop') },
  { onSend: send, onStop: () => current?.stop() },
);
const list = createSessionList(
  { list: byId('session-list'), hint: byId('session-hint'), more: byId('more-sessions') },
  { onRename: rename, onDelete: remove },
);

function conversation(id) {
  const made = createConversation(id, {
    changed: () => current?.id === id && showBusy(),
    accepted: (text) => composer.forget(id, text),
    putBack: (text, key) => composer.putBack(text, key),
    updated(session) {
      list.update(session);
      if (current?.id === id) showTitle();
    },
    announce: (name) => current?.id === id && announce(name),
  });
  conversations.set(id, made);
  return made;
}

function show(next) {
  if (current && current !== next && !current.mustStay) {
    current.dispose();
    conversations.delete(current.id);
  }
  current = next;
  stage.replaceChildren(current?.root ?? welcome((text) => composer.sendText(text)));
  list.setCurrent(current?.id ?? null);
  showTitle();
  showBusy();
  bottom.follow();
}

function showTitle() {
  const name = current ? list.nameOf(current.id) : t('newSession');
  byId('title').textContent = name ?? 'AgentChat';
  document.title = current && name ? `${name} — AgentChat` : 'AgentChat';
}

function showBusy() {
  composer.setBusy(current ? current.busy : creating, current?.canStop ?? false);
}

function announce(name, values) {
  say(byId('status'), name, values);
}

/** Shows what the address names. */
function openRoute() {
  const id = routedSession();
  drawer.close();
  if (route === id) return;
  route = id;
  composer.moveTo(id ?? 'new');
  const kept = id === null ? null : conversations.get(id);
  show(id === null ? null : (kept ?? conversation(id)));
  if (current && !kept) current.load();
  if (matchMedia('(hover: hover)').matches) composer.focus();
}

async function send(text, key) {
  bottom.follow();
  if (current) return current.send(text, key);
  const asked = userMessage(text);
  const reply = createReply();
  stage.replaceChildren(element('section', 'conversation', asked, reply.root));
  creating = true;
  showBusy();
  try {
    const session = await createSession();
    list.update(session);
    const made = conversation(session.id);
    if (routedSession() === null) {
      composer.rename(session.id);
      show(made);
      history.pushState(null, '', sessionHash(session.id));
      route = session.id;
    }
    made.send(text, key);
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    const onAction = () => {
      if (current === null) show(null);
      composer.putBack(text, key);
    };
    reply.fail({ title: 'notSent', problem, action: 'putBack', onAction });
  } finally {
    creating = false;
    showBusy();
  }
}

async function rename(session) {
  const name = await ask({ title: 'renameTitle', yes: 'save', value: session.name });
  if (!name || name === session.name) return;
  await attempt(async () => {
    list.update(await renameSession(session.id, name));
    showTitle();
  });
}

async function remove(session) {
  const textValues = { name: session.name };
  if (!(await ask({ title: 'deleteTitle', text: 'deleteText', textValues, yes: 'delete', danger: true })))
    return;
  await attempt(async () => {
    await deleteSession(session.id).catch((error) => {
      if (error.status !== 404) throw error; // gone already is as good
    });
    list.remove(session.id);
    conversations.get(session.id)?.dispose();
    conversations.delete(session.id);
    composer.forgetAll(session.id);
    announce('deleted');
    if (current?.id !== session.id) return;
    history.replaceState(null, '', '#/');
    openRoute();
  });
}

/** Does what the reader asked for; says so when it fails. */
async function attempt(action) {
  try {
    await action();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    await ask({ title: 'failedTitle', plainText: error.sentence(), yes: 'ok', tellOnly: true });
  }
}

function showLocale() {
  document.documentElement.lang = locale();
  const other = otherLocale();
  const button = byId('language');
  button.textContent = other.name;
  button.lang = other.tag;
  translate(document);
  for (const { root } of conversations.values()) translate(root);
  list.draw();
  showTitle();
}

byId('language').addEventListener('click', () => {
  setLocale(otherLocale().tag);
  showLocale();
  if (stage.querySelector('.welcome')) show(null);
});
byId('new-session').addEventListener('click', (event) => {
  if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
  // At once, and not when the browser tells of the new address: what is typed next belongs to the new session.
  event.preventDefault();
  if (routedSession() !== null) history.pushState(null, '', '#/');
  openRoute();
  drawer.close();
  composer.focus();
});
addEventListener('hashchange', openRoute);
addEventListener('popstate', openRoute);

showLocale();
openRoute();
list.load();
