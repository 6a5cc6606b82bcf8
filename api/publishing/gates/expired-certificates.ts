import type { Configuration } from '../../../model/configuration.ts';
import { resourceName, type Violation } from '../../../model/violations.ts';

/**
 * A warning for each certificate that has expired since it was written. A new one that has expired is rejected when it
 * is written.
 */
export function expiredCertificates(configuration: Configuration, now: number): Violation[] {
  return [...configuration.names('certificate')].flatMap((name) => {
    const notAfter = configuration.info('certificate', name)?.notAfter;
    if (notAfter === undefined || Date.parse(notAfter) > now) return [];
    return {
      resource: resourceName('certificate', name),
      path: '/certificateChain',
      code: 'expired',
      message: `it expired on ${notAfter}; clients reject it`,
    };
  });
}
