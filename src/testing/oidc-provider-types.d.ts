// As much of oidc-provider as the provider for tests uses; the package has no types of its own.
declare module 'oidc-provider' {
  import type { RequestListener } from 'node:http';

  type Configuration = Record<string, unknown> & {
    findAccount?: (context: unknown, accountId: string) => { accountId: string; claims(): Promise<object> };
    features?: Record<string, unknown> & {
      resourceIndicators?: {
        enabled: boolean;
        getResourceServerInfo(context: unknown, resource: string): object;
      };
    };
  };

  export default class Provider {
    constructor(issuer: string, configuration: Configuration);
    callback(): RequestListener;
  }
  export const errors: { InvalidTarget: new () => Error };
}
