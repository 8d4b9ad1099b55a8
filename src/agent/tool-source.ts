// Where an agent's tools come from, as its file says it. Times are in milliseconds.

/** AutoGen's HttpTool: one request. What is no part of the path goes into the query, or the body as JSON. */
export type HttpToolSource = {
  kind: 'http';
  name: string;
  description: string;
  scheme: 'http' | 'https';
  host: string;
  port: number;
  /** `{name}` stands for an argument. */
  path: string;
  method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH';
  /** May be secrets. */
  headers: Record<string, string>;
  /** JSON schema of the arguments, an object's. */
  parameters: Record<string, unknown>;
  returnType: 'text' | 'json';
  timeoutMs: number;
};

/** A server's tools; which these are, it says when it is asked. */
export type McpSource = {
  kind: 'mcp';
  /** What people call the server; undefined where the file has no word for it. */
  label?: string | undefined;
  server: McpServer;
  /** By the name that the server has for a tool. */
  overrides: Record<string, ToolOverride>;
};

export type ToolOverride = { name?: string | undefined; description?: string | undefined };

/** `env` and `headers` may be secrets; so is what `oauth` has of one. */
export type McpServer =
  | {
      type: 'stdio';
      command: string;
      args: string[];
      env: Record<string, string>;
      cwd?: string | undefined;
      readTimeoutMs: number;
    }
  | {
      type: 'http';
      url: string;
      headers: Record<string, string>;
      oauth?: OAuthClient | undefined;
      timeoutMs: number;
      readTimeoutMs: number;
      terminateOnClose: boolean;
    }
  | {
      type: 'sse';
      url: string;
      headers: Record<string, string>;
      oauth?: OAuthClient | undefined;
      timeoutMs: number;
      readTimeoutMs: number;
    };

/** Who asks an authorization server for tokens, and for what: `resource` may be empty. */
export type OAuthClient = {
  issuer: string;
  clientId: string;
  clientSecret: string;
  scope?: string | undefined;
  resource: string;
};

/** A tool without arguments that ends the turn and names who goes on; its result is `message`. */
export type HandoffSource = {
  kind: 'handoff';
  name: string;
  description: string;
  target: string;
  message: string;
};
