// The message box: it grows, sends on Enter, and keeps an unsent draft for each session until the tab is closed.

/** `onSend(text, key)` gets what was typed and the key under which it is sent. */
export function createComposer({ form, input, send, stop }, { onSend, onStop }) {
  let place = 'new'; // the session the draft belongs to
  let busy = false;
  let returned = null; // a message that came back, and the key it was first sent with

  const draftKey = (where) => `agentchat.draft.${where}`;

  function fit() {
    input.style.height = 'auto';
    input.style.height = `${input.scrollHeight + 2}px`;
    send.disabled = busy || input.value.trim() === '';
  }

  function set(text) {
    input.value = text;
    fit();
  }

  function submit() {
    const text = input.value;
    if (busy || text.trim() === '') return;
    const key = (returned?.text === text && returned.key) || newKey();
    returned = null;
    set('');
    onSend(text, key);
  }

  input.addEventListener('input', () => {
    keep(draftKey(place), input.value);
    fit();
  });
  input.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    submit();
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    submit();
    input.focus();
  });
  stop.addEventListener('click', () => {
    onStop();
    input.focus();
  });
  addEventListener('resize', fit);

  return {
    focus: () => input.focus(),
    /** Shows the draft of another session. */
    moveTo(where) {
      place = where;
      set(recall(draftKey(where)) ?? '');
    },
    /** What was written for a session that had no id yet is now that session's. */
    rename(where) {
      keep(draftKey(where), recall(draftKey(place)) ?? '');
      keep(draftKey(place), '');
      place = where;
    },
    setBusy(value, canStop) {
      busy = value;
      stop.hidden = !canStop;
      send.hidden = canStop;
      fit();
    },
    /** Forgets the draft of a message that the server has stored. */
    forget(where, text) {
      if (recall(draftKey(where)) === text) keep(draftKey(where), '');
    },
    /** Forgets the draft of a session that is gone. */
    forgetAll: (where) => keep(draftKey(where), ''),
    /** Puts a message back that was not sent, with its key, or that is to be sent anew, without one. */
    putBack(text, key) {
      returned = { text, key };
      set(input.value.trim() === '' || input.value === text ? text : `${text}\n${input.value}`);
      keep(draftKey(place), input.value);
      input.focus();
    },
    /** Puts an example into the box and sends it. */
    sendText(text) {
      set(text);
      keep(draftKey(place), text);
      submit();
    },
  };
}

/** randomUUID is missing on pages served without TLS; this is as random. */
function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((n) => n.toString(16).padStart(2, '0')).join('');
}

function recall(key) {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null;
  }
}

function keep(key, text) {
  try {
    if (text === '') sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, text);
  } catch {
    // storage is forbidden or full: the draft lives as long as the page
  }
}
