/** The listeners of a fleet: one file per kind. */
import type { Fleet } from '../../../model/fleet.ts';
import { http } from './http.ts';
import { https } from './https.ts';
import type { CompiledListener, Port } from './listener.ts';
import { probe } from './probe.ts';

export { type CompiledListener, listenerMessage, type OwnedChain } from './listener.ts';

/** The part of a fleet that its listeners are built from. */
export interface ListeningFleet {
  ports: Fleet['ports'];
  /** The address that ports are bound to; default `0.0.0.0`. */
  address?: string;
}

/** One entry per protocol: a protocol without one is a type error. */
const byProtocol: Record<Port['protocol'], (port: Port, address: string) => CompiledListener> = {
  HTTP: http,
  HTTPS: https,
};

/**
 * Builds one listener per port, and the probe's.
 *
 * @param options.probe the Unix socket of the probe's listener; without it the listener is left out
 * @returns the ports' listeners by port number, then the probe's
 */
export function listeners(
  { ports, address = '0.0.0.0' }: ListeningFleet,
  options: { probe?: string },
): CompiledListener[] {
  const open = [...ports].sort((a, b) => a.number - b.number).map((port) => byProtocol[port.protocol](port, address));
  return options.probe === undefined ? open : [...open, probe(options.probe)];
}
