import { BLOCKED_BY_BROWSERS } from '../process/blocked-ports.ts';
import { UsageError } from '../process/failure.ts';
import { type Chosen, portsOf, type Wanted } from '../process/ports.ts';
import { quote } from '../terminal/quote.ts';
import type { UpPorts } from './default-ports.ts';

interface Place {
  data: string;
  address: string;
}

/** The options of `gatehouse up` as they are given. A port may be absent. */
export type GivenOptions = Place & Partial<UpPorts>;

/** The options of `gatehouse up` with all ports. */
export type Options = Place & UpPorts;

/** The number of demo services. Their ports are in a row. */
const SERVICES = 6;

/** Returns every port that `up` opens, with the flag that chooses another one. */
export const wantedPorts = ({ http, https, apiPort, agentPort, demoPort, address }: Options): Wanted[] => [
  { port: http, use: 'HTTP of Envoy', flag: '--http', host: address },
  { port: https, use: 'HTTPS of Envoy', flag: '--https', host: address },
  { port: apiPort, use: 'control API', flag: '--api-port', isFetched: true },
  { port: agentPort, use: "agent's health", flag: '--agent-port', isFetched: true },
  {
    port: demoPort,
    count: SERVICES,
    use: 'demo service',
    flag: '--demo-port',
    suggestion: demoPort + 100,
    isFetched: true,
  },
];

/**
 * Returns the command that repeats a start with other values of some flags. It has every option that differs from those
 * of a start without options.
 *
 * @param kept the ports of a start without options
 */
export function commandOf(options: Options, kept: UpPorts, chosen: Chosen): string {
  const defaults: Options = { data: '.gatehouse', ...kept, address: '127.0.0.1' };
  const flags = Object.entries(defaults).flatMap(([name, standard]) => {
    const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    const value = chosen.get(flag) ?? String(options[name as keyof Options]);
    return value === String(standard) ? [] : [flag, quote(value)];
  });
  return ['npx gatehouse up', ...flags].join(' ');
}

/**
 * Checks that all ports are different and valid.
 *
 * @throws UsageError when two ports are equal, when a port is above 65535, or when `fetch` refuses one that it opens
 */
export function checkPorts(wanted: Wanted[]): void {
  const seen = new Map<number, Wanted>();
  for (const want of wanted)
    for (const port of portsOf(want)) {
      const other = seen.get(port);
      if (other)
        throw new UsageError(
          `Port ${port} is used twice: ${other.use} (${other.flag}) and ${want.use} (${want.flag}).`,
        );
      if (port > 65_535)
        throw new UsageError(`${want.flag} makes ${port} the port for ${want.use}, but the highest port is 65535.`);
      if (want.isFetched && BLOCKED_BY_BROWSERS.has(port))
        throw new UsageError(
          `Port ${port} (${want.use}) is one that browsers and Node refuse to open. Choose another with ${want.flag}.`,
        );
      seen.set(port, want);
    }
}
