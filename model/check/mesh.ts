import { MESH } from '../values/reference.ts';
import { resourceName } from '../violations.ts';
import type { Check } from './findings.ts';

/** Reports a gateway with the name that routes use for the mesh. */
export const meshName: Check = function* (configuration, { errors }) {
  yield;
  if (!configuration.has('gateway', MESH)) return;
  errors.push({
    resource: resourceName('gateway', MESH),
    path: '',
    code: 'reserved-name',
    message: '`mesh` is no name for a gateway: a route that is bound to `mesh` is served by sidecars',
    hint: 'choose another name',
  });
};
