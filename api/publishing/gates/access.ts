import { oneOf } from '../../../model/kinds/index.ts';
import { resourceName } from '../../../model/violations.ts';
import { isAllowed, needed } from '../../access/authorize.ts';
import { writeOf } from '../../access/matrix.ts';
import { type Gate, nothing } from './gate.ts';

/**
 * Rejects a write of a resource whose kind the caller may not write. The HTTP layer has already checked that the caller
 * has access to the tenant.
 */
export const access: Gate = {
  code: 'forbidden',
  isAboutCaller: true,
  judge({ ctx, state, head, changes }) {
    // `publish` also asks the gates about the head, to find errors that existed before the change. This gate has no
    // findings there, because it judges the caller's change and not a configuration.
    if (state === head) return nothing;
    const target = { tenant: head.tenant };
    const denied = changes.filter(({ kind }) => !isAllowed(ctx.principal, writeOf(kind), target));
    const errors = denied.map(({ kind, name }) => ({
      resource: resourceName(kind, name),
      path: '',
      code: 'forbidden',
      message: `writing ${oneOf(kind)} requires ${needed(writeOf(kind))}`,
    }));
    return { errors, warnings: [] };
  },
};
