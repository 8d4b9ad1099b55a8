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
    # Who may come in: keys or oidc (or both), or none for everybody.
    (name = "AUTH", fromEnvironment = "AUTH"),
    # On Cloudflare CF-Connecting-IP, which it alone sets there; elsewhere anybody sends it.
    (name = "ADDRESS_HEADER", fromEnvironment = "ADDRESS_HEADER"),
    (name = "DATABASE_URL", fromEnvironment = "DATABASE_URL"),
    (name = "OPENAI_API_KEY", fromEnvironment = "OPENAI_API_KEY"),
    (name = "OPENAI_BASE_URL", fromEnvironment = "OPENAI_BASE_URL"),
    (name = "OPENAI_MODEL", fromEnvironment = "OPENAI_MODEL"),
    # Instead of these three, the model file's text: (name = "MODEL_CONFIG", text = embed "../model_config.yaml"),
    (name = "ALLOWED_HOSTS", fromEnvironment = "ALLOWED_HOSTS"),
    (name = "LOG_LEVEL", fromEnvironment = "LOG_LEVEL"),
    # With AUTH=oidc; what is not set in the environment is not set here.
    (name = "AUTH_ADMINS", fromEnvironment = "AUTH_ADMINS"),
    (name = "PUBLIC_URL", fromEnvironment = "PUBLIC_URL"),
    (name = "OIDC_ISSUER", fromEnvironment = "OIDC_ISSUER"),
    (name = "OIDC_CLIENT_ID", fromEnvironment = "OIDC_CLIENT_ID"),
    (name = "OIDC_CLIENT_SECRET", fromEnvironment = "OIDC_CLIENT_SECRET"),
    (name = "OIDC_AUDIENCE", fromEnvironment = "OIDC_AUDIENCE"),
    (name = "OIDC_SCOPES", fromEnvironment = "OIDC_SCOPES"),
    (name = "OIDC_OWNER_CLAIM", fromEnvironment = "OIDC_OWNER_CLAIM"),
    (name = "OIDC_ROLES_CLAIM", fromEnvironment = "OIDC_ROLES_CLAIM"),
    (name = "OIDC_ADMIN_ROLES", fromEnvironment = "OIDC_ADMIN_ROLES"),
    (name = "OIDC_VIEWER_ROLES", fromEnvironment = "OIDC_VIEWER_ROLES"),
    (name = "PAGES", service = "pages"),
  ],
);
