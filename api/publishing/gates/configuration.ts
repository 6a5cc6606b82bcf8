import { checking } from '../../../model/check/index.ts';
import { inSlices } from '../../pace.ts';
import type { Gate } from './gate.ts';

/** The resources of a configuration fit together: references, hosts, destinations, certificates. */
export const configuration: Gate = {
  code: 'invalid-configuration',
  judge: ({ state, scope, pace }) => inSlices(checking(state.configuration, scope), pace),
};
