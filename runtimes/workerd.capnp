# AgentChat on workerd, with its settings from the environment; every name of docs/configuration.md may stand here.
# After `bun runtimes/bundle.ts workerd` and `bun run init-db`:
#
#   workerd serve runtimes/workerd.capnp --directory-path=pages=build/…
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "agentchat", worker = .agentchat),
    # The database and the model server, also on this machine.
    (name = "network", network = (allow = ["public", "private"], tlsOptions = (trustBrowserCas = true))),
    # The folder below build/ that `bun run build` names.
    (name = "pages", disk = (writable = false)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:8001", http = (), service = "agentchat")],
);

const agentchat :Workerd.Worker = (
  modules = [(name = "agentchat", esModule = embed "../dist/workerd.js")],
  compatibilityDate = "2026-11-01",
  compatibilityFlags = ["enable_request_signal"],
  globalOutbound = "network",
  bindings = [
    # Who may come in: keys, or none for everybody.
    (name = "AUTH", fromEnvironment = "AUTH"),
    (name = "DATABASE_URL", fromEnvironment = "DATABASE_URL"),
    (name = "OPENAI_API_KEY", fromEnvironment = "OPENAI_API_KEY"),
    (name = "OPENAI_BASE_URL", fromEnvironment = "OPENAI_BASE_URL"),
    (name = "OPENAI_MODEL", fromEnvironment = "OPENAI_MODEL"),
    # Instead of these three, the model file's text: (name = "MODEL_CONFIG", text = embed "../model_config.yaml"),
    (name = "ALLOWED_HOSTS", fromEnvironment = "ALLOWED_HOSTS"),
    (name = "LOG_LEVEL", fromEnvironment = "LOG_LEVEL"),
    (name = "PAGES", service = "pages"),
  ],
);
