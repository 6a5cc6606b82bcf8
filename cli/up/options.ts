import { portsFrom } from '../../demo/bookinfo/ports.ts';
import { Usage } from '../process/failure.ts';
import type { Wanted } from '../process/ports.ts';

/** The parsed options of the command line. */
export interface Options {
  data: string;
  http: number;
  https: number;
  apiPort: number;
  agentPort: number;
  demoPort: number;
  address: string;
}

/** Returns every port that `up` opens, with the flag that chooses another one. */
export function wantedPorts({ http, https, apiPort, agentPort, demoPort, address }: Options): Wanted[] {
  const demo = portsFrom(demoPort);
  const services: [string, number][] = [
    ['productpage', demo.productpage],
    ['details', demo.details],
    ['ratings', demo.ratings],
    ['reviews v1', demo.reviews.v1],
    ['reviews v2', demo.reviews.v2],
    ['reviews v3', demo.reviews.v3],
  ];
  return [
    { port: http, use: 'HTTP of the gateway', flag: '--http', host: address },
    { port: https, use: 'HTTPS of the gateway', flag: '--https', host: address },
    { port: apiPort, use: 'control API', flag: '--api-port' },
    { port: agentPort, use: "agent's health", flag: '--agent-port' },
    ...services.map(([name, port]) => ({
      port,
      use: `demo service ${name}`,
      flag: '--demo-port',
      offer: demoPort + 100,
    })),
  ];
}

/**
 * Checks the ports.
 *
 * @throws Usage when two ports are equal, or when a port is above 65535
 */
export function requireDistinct(wanted: Wanted[]): void {
  const seen = new Map<number, Wanted>();
  for (const want of wanted) {
    const other = seen.get(want.port);
    if (other) {
      throw new Usage(`Port ${want.port} is used twice: ${other.use} (${other.flag}) and ${want.use} (${want.flag}).`);
    }
    if (want.port > 65_535) throw new Usage(`${want.flag}: there is no port ${want.port} for ${want.use}.`);
    seen.set(want.port, want);
  }
}
