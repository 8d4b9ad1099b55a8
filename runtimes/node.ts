// AgentChat on Node. docs/runtimes.md says how to start it.
import { openHost } from './host.ts';
import { nodeServer } from './node-server.ts';

const { settings, fetch, stopOnSignals } = await openHost();
const server = nodeServer(fetch);
server.listen(settings.port, settings.host, () => console.log(`Listening on port ${settings.port}`));
stopOnSignals(() => new Promise((resolve) => server.close(resolve)));
