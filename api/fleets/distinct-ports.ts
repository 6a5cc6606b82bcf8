import { transportOf } from '../../model/values/protocol.ts';
import { Problem, type ProblemViolation } from '../problem.ts';
import type { Fleet } from '../store/fleets.ts';

/**
 * Checks that no port of a fleet is in two ranges, or in a range and in the list of ports. This applies to the numbers
 * that tenants write and to the ports that Envoy opens.
 *
 * @throws Problem `invalid-request` with a violation per range that overlaps
 */
export function requireDistinctPorts({ ports, portRanges = [] }: Pick<Fleet, 'ports' | 'portRanges'>): void {
  const listed = ports.flatMap((port) =>
    // HTTP/3 uses the UDP port with the same number.
    port.protocol === 'HTTPS' ? [port, { ...port, protocol: 'UDP' as const }] : [port],
  );
  const all = [
    ...listed.map(({ number, bind, protocol }) => ({ from: number, to: number, bind, protocol })),
    ...portRanges.map(({ from, to, bind = from, protocol }) => ({ from, to, bind, protocol })),
  ].map(({ from, to, bind, protocol }) => ({
    transport: transportOf(protocol),
    numbers: [from, to] as const,
    binds: [bind, bind + to - from] as const,
  }));
  const violations = portRanges.flatMap((_, index): ProblemViolation[] => {
    const at = listed.length + index;
    const { transport, numbers, binds } = all[at]!;
    const rival = all.find(
      (other, place) =>
        place < at && other.transport === transport && (overlap(other.numbers, numbers) || overlap(other.binds, binds)),
    );
    if (!rival) return [];
    const [first, last] = rival.numbers;
    const path = `/portRanges/${index}`;
    const message = `overlaps ${first === last ? `port ${first}` : `the range ${first}-${last}`}, or the ports that Envoy opens for it`;
    return [{ path, pointer: path, code: 'duplicate-port', message }];
  });
  if (violations.length > 0) throw new Problem('invalid-request', { violations });
}

const overlap = ([from, to]: readonly [number, number], [first, last]: readonly [number, number]): boolean =>
  from <= last && first <= to;
