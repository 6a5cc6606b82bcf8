import type { CertificateInfo } from '../../model/kinds/index.ts';

const DAY = 24 * 60 * 60 * 1000;
/** When to warn, in days before the certificate expires. */
const WARN_DAYS = [21, 7, 1];
/** The lifetime for which these days are meant. A shorter one shortens them, so that a certificate is not warned of at once. */
const USUAL_LIFETIME = 84 * DAY;

/**
 * Returns the time since when the current warning about a certificate is due, in milliseconds since 1970: 21 days, 7
 * days or 1 day before it expires. Earlier warnings are replaced by later ones.
 *
 * @returns undefined when no warning is due, or the certificate has expired
 */
export function warningDue({ notBefore, notAfter }: CertificateInfo, now: number): number | undefined {
  const end = Date.parse(notAfter);
  if (end <= now) return undefined;
  const share = Math.min(1, (end - Date.parse(notBefore)) / USUAL_LIFETIME);
  const times = WARN_DAYS.map((days) => Math.floor(end - days * DAY * share));
  return times.findLast((time) => time <= now);
}
