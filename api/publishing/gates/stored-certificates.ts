import { LONGEST_RSA_KEY } from '../../../model/kinds/certificate.ts';
import type { CertificateInfo } from '../../../model/kinds/index.ts';
import { resourceName } from '../../../model/violations.ts';
import { warningDue } from '../../certificates/expiry.ts';
import { type Gate, nothing } from './gate.ts';

/**
 * Warns about each certificate that would be rejected if the tenant wrote it now: one that has expired since, or whose
 * key is longer than it may be now. A write of certificates is also warned of those that expire soon.
 */
export const storedCertificates: Gate = {
  code: 'invalid-configuration',
  judge({ state: { configuration }, scope, ctx }) {
    // If the change affects only the written resources, the gate reports no warnings about others.
    if (scope.names !== undefined) return nothing;
    const isAboutCertificates = scope.kinds === undefined || scope.kinds.includes('certificate');
    const warnings = [...configuration.names('certificate')].flatMap((name) => {
      const info = configuration.info('certificate', name);
      if (!info) return [];
      return [
        expired(info, ctx.now),
        longKey(info),
        isAboutCertificates ? expiresSoon(info, ctx.now) : undefined,
      ].flatMap((found) =>
        found ? { resource: resourceName('certificate', name), path: '/certificateChain', ...found } : [],
      );
    });
    return { errors: [], warnings };
  },
};

interface Found {
  code: string;
  message: string;
}

const expired = ({ notAfter }: CertificateInfo, now: number): Found | undefined =>
  Date.parse(notAfter) <= now
    ? { code: 'expired', message: `it expired on ${notAfter}; clients reject it` }
    : undefined;

const expiresSoon = (info: CertificateInfo, now: number): Found | undefined =>
  warningDue(info, now) === undefined
    ? undefined
    : { code: 'expires-soon', message: `it expires on ${info.notAfter}; upload its successor before that` };

function longKey({ keyType }: CertificateInfo): Found | undefined {
  const bits = Number(/^RSA (\d+)$/.exec(keyType)?.[1] ?? 0);
  if (bits <= LONGEST_RSA_KEY) return undefined;
  const message = `its RSA key of ${bits} bits delays all handshakes; renew it with ${LONGEST_RSA_KEY} bits or less, or with ECDSA`;
  return { code: 'slow-key', message };
}
