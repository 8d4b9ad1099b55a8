// Which AgentChat this page is of: several may stand below paths of one origin, and share what a browser keeps for it.

// Its scripts are in `static/`. Opened without the slash at the end of its path, the page's own addresses would lead
// beside that.
const { pathname } = new URL('..', import.meta.url);
if (`${location.pathname}/` === pathname)
  history.replaceState(history.state, '', pathname + location.search + location.hash);

/** Where the chat page is, with a slash at its end. */
export const chatPath = pathname;

/** Goes before the names of what is kept and of channels. */
export const installName = pathname === '/' ? 'agentchat' : `agentchat:${pathname}`;
