import { Interrupted } from '../../cli/process/failure.ts';
import { inFolder, type RunOptions } from '../run.ts';
import { caddy } from './caddy.ts';
import { gatehouse } from './gatehouse.ts';
import { goControlPlanes } from './go-control-plane.ts';
import { haproxy } from './haproxy.ts';
import { type Budget, measure, type PeerResult } from './measure.ts';
import { nginx } from './nginx.ts';
import type { Peer } from './peer.ts';
import { install } from './programs.ts';

export interface PeersOptions extends RunOptions, Budget {
  binary: string;
  tenants: number[];
  /** Parts of the peers' names. Default: all peers. */
  only?: string[] | undefined;
  install?: boolean;
}

const say = (line: string) => console.error(line);

/** Runs the same workload on every installed peer, one after the other. */
export async function* peers(options: PeersOptions): AsyncGenerator<PeerResult> {
  if (options.install) await install(say);
  const { changes, seconds } = options;
  for (const { peer, version } of await available(chosen(options)))
    for (const tenants of options.tenants) {
      say(`${peer.name} ${version}, ${tenants} tenants …`);
      try {
        yield await inFolder(options, (processes) =>
          measure(peer, { version, tenants, budget: { changes, seconds } }, processes),
        );
      } catch (error) {
        // A failure of Gatehouse ends the run. If another peer fails, the results of the rest are still useful.
        if (peer.name === 'Gatehouse' || error instanceof Interrupted) throw error;
        say(`  left out: ${(error as Error).message.split('\n').slice(0, 3).join(' ')}`);
      }
    }
}

function chosen({ binary, only }: PeersOptions): Peer[] {
  const all = [gatehouse(binary), ...goControlPlanes(binary), haproxy, nginx, caddy];
  if (!only) return all;
  return all.filter(({ name }) => only.some((part) => name.toLowerCase().includes(part.toLowerCase())));
}

async function available(wanted: Peer[]): Promise<{ peer: Peer; version: string }[]> {
  const found = [];
  for (const peer of wanted) {
    const answer = await peer.version();
    if ('missing' in answer) say(`${peer.name}: left out: ${answer.missing}`);
    else found.push({ peer, version: answer.version });
  }
  return found;
}
