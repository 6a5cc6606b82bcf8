import type { Context } from '../context.ts';
import { Problem } from '../problem.ts';
import type { ReplyTo } from '../reply.ts';
import { type Created, type CreateInput, create } from './create.ts';
import { countChange } from './pace.ts';

/**
 * Creates a fleet that a tenant manages. Names of fleets are unique on the platform, so what is before the last hyphen
 * of the name is the name of the tenant. The tenant `acme` can thus use no name that `acme-eu` may want, such as
 * `acme-eu-edge`.
 *
 * @throws Problem `invalid-request` when the name has another form
 * @throws Problem `too-many` when the tenant manages as many fleets as its plan allows
 * @throws Problem of {@link create}
 */
export async function createOwn(
  ctx: Context,
  { tenant, ...input }: Omit<CreateInput, 'managedBy' | 'tenant'> & { tenant: string },
  reply: ReplyTo<Created>,
): Promise<Created> {
  if (input.name.slice(0, input.name.lastIndexOf('-')) !== tenant)
    throw new Problem('invalid-request', {
      violations: [
        {
          ...{ path: '/name', pointer: '/name', code: 'name-prefix' },
          message: `must be ${tenant}- and a name without hyphens, such as ${tenant}-edge`,
        },
      ],
    });
  countChange(ctx, tenant);
  return create(ctx, { ...input, tenant, managedBy: 'tenant' }, reply);
}
