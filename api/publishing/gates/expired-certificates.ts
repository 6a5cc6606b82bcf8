import { resourceName } from '../../../model/violations.ts';
import { type Gate, nothing } from './gate.ts';

/**
 * Warns about each certificate that has expired since the tenant wrote it. A certificate that is expired when the
 * tenant writes it is rejected elsewhere.
 */
export const expiredCertificates: Gate = {
  code: 'invalid-configuration',
  judge({ state: { configuration }, scope, ctx }) {
    // If the change affects only the written resources, the gate reports no warnings about others.
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
