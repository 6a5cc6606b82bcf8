import type { AcmeChallenge } from '../../model/kinds/certificate.ts';
import type { Protocol } from '../../model/values/protocol.ts';
import type { NameRow } from '../store/automatic.ts';
import type { Place } from './place.ts';

/** The port to which the authority connects for a challenge; absent when it asks name servers. */
const ports: Readonly<Record<AcmeChallenge, { number: number; protocol: Protocol } | undefined>> = {
  'HTTP-01': { number: 80, protocol: 'HTTP' },
  'TLS-ALPN-01': { number: 443, protocol: 'HTTPS' },
  'DNS-01': undefined,
};

type Method = { isPossible: true; challenge: AcmeChallenge } | { isPossible: false; reason: string };

/**
 * Chooses the challenge with which a name is proven. If the certificate names none, it is the first one for which all
 * fleets have the port; after a failed attempt the next one, because a firewall may close a port.
 */
export function methodFor(
  { challenge, failures }: Pick<NameRow, 'challenge' | 'failures'>,
  { fleets }: Pick<Place, 'fleets'>,
): Method {
  const allowed: AcmeChallenge[] = challenge === 'any' ? ['HTTP-01', 'TLS-ALPN-01'] : [challenge as AcmeChallenge];
  const lacking = (each: AcmeChallenge) => {
    const port = ports[each];
    if (!port) return [];
    return fleets.filter(
      (fleet) => !fleet.ports.some((has) => has.number === port.number && has.protocol === port.protocol),
    );
  };
  const possible = allowed.filter((each) => lacking(each).length === 0);
  const chosen = possible[failures % possible.length];
  if (chosen) return { isPossible: true, challenge: chosen };
  const wanted = allowed.map((each) => `${ports[each]!.protocol} port ${ports[each]!.number}`).join(' or '); // DNS-01 needs no port
  const names = [...new Set(allowed.flatMap(lacking))].map(({ name }) => name).join(', ');
  return { isPossible: false, reason: `the fleet ${names} has no ${wanted}, on which the authority asks` };
}
