import { overlapping } from '../store/hosts.ts';
import type { Move } from './move.ts';

/** Gives hosts and ports to nobody that several tenants would claim at once: none of them has the better right. */
export function refuseContested(moves: readonly Move[]): void {
  refuseHosts(moves);
  refusePorts(moves);
}

function refuseHosts(moves: readonly Move[]): void {
  const claiming = moves.filter(({ claim }) => claim.add.length > 0);
  if (claiming.length < 2) return;
  const contested = claiming.map((move) => {
    const isRivalled = overlapping(claiming.flatMap((other) => (other === move ? [] : other.claim.add)));
    return move.claim.add.filter(isRivalled);
  });
  for (const [index, { claim, refused }] of claiming.entries()) {
    for (const host of contested[index]!) refused.set(host, 'taken');
    claim.add = claim.add.filter((host) => !refused.has(host));
  }
}

function refusePorts(moves: readonly Move[]): void {
  const byPort = Map.groupBy(
    moves.flatMap((move) => move.claim.ports.add.map(({ port }) => ({ port, move }))),
    ({ port }) => port,
  );
  for (const [contested, all] of byPort) {
    if (all.length < 2) continue;
    for (const { move } of all) {
      const { ports } = move.claim;
      move.claim.ports = { ...ports, add: ports.add.filter(({ port }) => port !== contested) };
      move.refusedPorts.add(contested);
    }
  }
}
