// Which AgentChat this page is of: several may stand below paths of one origin, and share what a browser keeps for it.

const { pathname } = new URL('.', document.baseURI);

/** Goes before the names of what is kept and of channels. */
export const installName = pathname === '/' ? 'agentchat' : `agentchat:${pathname}`;
