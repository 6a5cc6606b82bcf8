import { FIRST_PORT } from '../../demo/bookinfo/ports.ts';
import { UsageError } from '../process/failure.ts';
import { type Chosen, portsOf, type Wanted } from '../process/ports.ts';
import { quote } from '../terminal/quote.ts';

/** The parsed options of `gatehouse up`. Each field is named after its option: `http` is the port of `--http`. */
export interface Options {
  data: string;
  http: number;
  https: number;
  apiPort: number;
  agentPort: number;
  demoPort: number;
  address: string;
}

/** The options of a start without any. */
const DEFAULTS: Options = {
  data: '.gatehouse',
  http: 10_080,
  https: 10_443,
  apiPort: 8480,
  agentPort: 8481,
  demoPort: FIRST_PORT,
  address: '127.0.0.1',
};

/** The number of demo services. Their ports are in a row. */
const SERVICES = 6;

/** Returns every port that `up` opens, with the flag that chooses another one. */
export const wantedPorts = ({ http, https, apiPort, agentPort, demoPort, address }: Options): Wanted[] => [
  { port: http, use: 'HTTP of Envoy', flag: '--http', host: address },
  { port: https, use: 'HTTPS of Envoy', flag: '--https', host: address },
  { port: apiPort, use: 'control API', flag: '--api-port' },
  { port: agentPort, use: "agent's health", flag: '--agent-port' },
  { port: demoPort, count: SERVICES, use: 'demo service', flag: '--demo-port', suggestion: demoPort + 100 },
];

/**
 * Returns the command that repeats a start with other values of some flags. It has every option that is not the default.
 */
export function commandOf(options: Options, chosen: Chosen): string {
  const flags = Object.entries(DEFAULTS).flatMap(([name, standard]) => {
    const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    const value = chosen.get(flag) ?? String(options[name as keyof Options]);
    return value === String(standard) ? [] : [flag, quote(value)];
  });
  return ['npx gatehouse up', ...flags].join(' ');
}

/**
 * Checks that all ports are different and valid.
 *
 * @throws UsageError when two ports are equal, or when a port is above 65535
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
      seen.set(port, want);
    }
}
