import { resourceName } from '../../../model/violations.ts';
import { type Gate, nothing } from './gate.ts';

/**
 * Warns of each certificate that has expired since it was written. A new one that has expired is rejected when it is
 * written.
 */
export const expiredCertificates: Gate = {
  code: 'invalid-configuration',
  judge({ state: { configuration }, scope, ctx }) {
    // A change that affects only the written resources reports warnings of these only.
    if (scope.names !== undefined) return nothing;
    const warnings = [...configuration.names('certificate')].flatMap((name) => {
      const notAfter = configuration.info('certificate', name)?.notAfter;
      if (notAfter === undefined || Date.parse(notAfter) > ctx.now) return [];
      return {
        resource: resourceName('certificate', name),
        path: '/certificateChain',
        code: 'expired',
        message: `it expired on ${notAfter}; clients reject it`,
      };
    });
    return { errors: [], warnings };
  },
};
