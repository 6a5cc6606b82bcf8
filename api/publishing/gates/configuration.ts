import { checking } from '../../../model/check/index.ts';
import { inSlices } from '../../pace.ts';
import { withoutForeign } from './foreign.ts';
import type { Gate } from './gate.ts';

/**
 * Checks that the resources of a configuration agree with each other: references, hosts, destinations and
 * certificates.
 */
export const configuration: Gate = {
  code: 'invalid-configuration',
  judge: async ({ combined, scope, pace }) => withoutForeign(await inSlices(checking(combined, scope), pace)),
};
