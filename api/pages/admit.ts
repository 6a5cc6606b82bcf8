import { authorize } from '../access/authorize.ts';
import { identify } from '../access/identify.ts';
import type { Access } from '../access/matrix.ts';
import { Context } from '../context.ts';

/**
 * Returns the context of the person who sends a form. The pipeline does not do this for pages, because it would reject a
 * form before it reads the fields, which the page shows again after the sign-in.
 *
 * @throws Problem `unauthorized` without a session, `forbidden` when the matrix does not permit the action
 */
export async function admit(ctx: Context, request: Request, access: Access): Promise<Context> {
  if (access === 'public') return ctx;
  const { services, requestId, remote, now } = ctx;
  const principal = await identify(services, request, now, () => {});
  services.rate.count(principal.id, now);
  authorize(principal, access, {});
  return new Context(services, principal, requestId, remote, {}, undefined, () => ctx.signal);
}
