import type { Context } from '../context.ts';
import { Problem } from '../problem.ts';

/** Returns the person who sends the request. The matrix permits some operations to people only. */
export function personOf({ principal }: Context): { id: string; session: string } {
  if (principal.type === 'person') return principal;
  throw new Problem('forbidden', { detail: 'requires a person who is signed in' });
}
