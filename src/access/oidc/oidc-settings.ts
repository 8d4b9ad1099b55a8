// What must be known of an OpenID Connect provider.

export type OidcSettings = {
  /** As the provider calls itself. */
  issuer: string;
  /** What this server is to the provider; undefined where only programs come, with tokens. */
  clientId: string | undefined;
  clientSecret: string | undefined;
  /** For one of whom a token must be. */
  audiences: readonly string[];
  /** What the page's sign-in asks for. */
  scopes: string;
  ownerClaim: string;
  rolesClaim: string | undefined;
  adminRoles: readonly string[];
  viewerRoles: readonly string[];
};
