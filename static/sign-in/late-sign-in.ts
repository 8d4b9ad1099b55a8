// The sign-in as most pages have it: loaded when somebody has to sign in, and ahead of that where a sign-in may end.
import { later } from '../shell/later.tsx';

export const SignIn = later(async () => (await import('./sign-in.tsx')).SignIn);
