import type { Context } from '../context.ts';
import { Problem } from '../problem.ts';
import type { ReplyTo } from '../reply.ts';
import { type Created, type CreateInput, create } from './create.ts';
import { countChange } from './pace.ts';

/**
 * Creates a fleet that a tenant manages. Names of fleets are unique on the platform, so the name begins with that of the
 * tenant.
 *
 * @throws Problem `invalid-request` when the name begins with anything else
 * @throws Problem `too-many` when the tenant manages as many fleets as its plan allows
 * @throws Problem of {@link create}
 */
export async function createOwn(
  ctx: Context,
  { tenant, ...input }: Omit<CreateInput, 'managedBy' | 'tenant'> & { tenant: string },
  reply: ReplyTo<Created>,
): Promise<Created> {
  if (!input.name.startsWith(`${tenant}-`))
    throw new Problem('invalid-request', {
      violations: [
        {
          ...{ path: '/name', pointer: '/name', code: 'name-prefix' },
          message: `must begin with ${tenant}-, such as ${tenant}-edge`,
        },
      ],
    });
  countChange(ctx, tenant);
  return create(ctx, { ...input, tenant, managedBy: 'tenant' }, reply);
}
