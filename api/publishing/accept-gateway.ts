import { portZone } from '../../model/binding/ports.ts';
import { type Fleet, portIn, protocolOn } from '../../model/fleet.ts';
import type { Gateway } from '../../model/kinds/gateway.ts';
import type { InputOf } from '../../model/kinds/index.ts';
import { ServerProtocol, transportOf } from '../../model/values/protocol.ts';
import type { Context } from '../context.ts';
import { Problem } from '../problem.ts';
import { serves } from '../serving/serving.ts';
import type { Accepted } from './accept.ts';
import { Attempt } from './attempt.ts';
import type { Head } from './heads/head.ts';

type WrittenServer = InputOf<'gateway'>['servers'][number];

/** What one request has decided about ports, by their names such as `tcp/30001`. */
interface Decided {
  /** The ports that were assigned. */
  assigned: Set<string>;
  /** The ports that the request names. */
  written: Set<string>;
}

const decisions = new WeakMap<Context, Decided>();

function decidedIn(ctx: Context): Decided {
  const known = decisions.get(ctx) ?? { assigned: new Set(), written: new Set() };
  decisions.set(ctx, known);
  return known;
}

/** Returns the ports that {@link acceptGateway} assigned in this request. */
export const assignedIn = (ctx: Context): ReadonlySet<string> => decidedIn(ctx).assigned;

/**
 * Notes the ports that the gateways of a body name, so that none of them is assigned to another server of the body.
 *
 * @param specs gateways of any shape
 */
export function noteWrittenPorts(ctx: Context, specs: readonly unknown[]): void {
  for (const spec of specs)
    for (const server of ((spec as Partial<Gateway> | null)?.servers ?? []) as readonly unknown[]) {
      const { number, protocol } = (server as Partial<WrittenServer> | null)?.port ?? {};
      const known = ServerProtocol.safeParse(protocol).data;
      if (typeof number === 'number' && known) decidedIn(ctx).written.add(portZone({ number, protocol: known }));
    }
}

/**
 * Turns a written gateway into its stored form: a server without a port number gets a number. It is the number that the
 * server with the same port name already has, or the next free port of the ranges of the fleets that serve the gateway.
 *
 * Two requests at the same time may choose the same port. The batch of one of them then violates the key of the claims,
 * and the request is attempted again.
 *
 * @param head the configuration before the change
 * @throws Problem `invalid-configuration` when no fleet that serves the gateway has a range for the protocol
 * @throws Problem `port-taken` when every port of the ranges is taken
 */
export async function acceptGateway(
  ctx: Context,
  head: Head,
  name: string,
  input: InputOf<'gateway'>,
): Promise<Accepted> {
  const stored = (spec: unknown): Accepted => ({
    // Every server has a number now.
    change: { verb: 'put', kind: 'gateway', name, spec: spec as Gateway },
    keys: [],
  });
  if (input.servers.every(({ port }) => port.number !== undefined)) return stored(input);
  noteWrittenPorts(ctx, [input]);
  const ports = await Ports.of(ctx, head, name, input);
  const servers = input.servers.map((server, index) =>
    server.port.number === undefined
      ? { ...server, port: { ...server.port, number: ports.numberFor(server, index) } }
      : server,
  );
  return stored({ ...input, servers });
}

/** A fleet that serves the gateway, and the ports that tenants claim on it. */
interface ServingFleet {
  fleet: Fleet;
  claimed: ReadonlySet<string>;
}

/** The ports that one gateway may get. */
class Ports {
  readonly #decided: Decided;
  readonly #tries: number;
  readonly #before: Gateway | undefined;
  readonly #fleets: readonly ServingFleet[];
  /** The ports that the tenant uses. */
  readonly #own: ReadonlySet<string>;

  private constructor(ctx: Context, head: Head, name: string, fleets: readonly ServingFleet[]) {
    this.#decided = decidedIn(ctx);
    this.#tries = ctx instanceof Attempt ? ctx.tries : 0;
    this.#before = head.get('gateway', name)?.spec;
    this.#fleets = fleets;
    this.#own = new Set(head.gateways().flatMap(({ servers }) => servers.map(({ port }) => portZone(port))));
  }

  static async of(ctx: Context, head: Head, name: string, input: InputOf<'gateway'>): Promise<Ports> {
    const { all } = await ctx.services.fleets.of(head.tenant, ctx.now);
    // A fleet is chosen by the selector alone.
    const serving = all.filter((fleet) => serves(fleet, head.tenant, input as Gateway));
    const fleets: ServingFleet[] = [];
    for (const fleet of serving)
      fleets.push({
        fleet,
        claimed: fleet.tenant === undefined ? await ctx.store.commits.claimedPorts(fleet.name) : new Set<string>(),
      });
    return new Ports(ctx, head, name, fleets);
  }

  numberFor(server: WrittenServer, index: number): number {
    const { port } = server;
    const { assigned, written } = this.#decided;
    const kept = this.#before?.servers.find(
      (each) => each.port.name === port.name && transportOf(each.port.protocol) === transportOf(port.protocol),
    )?.port.number;
    if (kept !== undefined && this.#isOffered(server, kept) && !written.has(portZone({ ...port, number: kept })))
      return kept;
    const free = this.#free(server, index);
    // After a lost race, requests that race again should not choose the same port.
    const number = free[Math.floor(Math.random() * free.length)]!;
    assigned.add(portZone({ ...port, number }));
    return number;
  }

  #isOffered({ port }: WrittenServer, number: number): boolean {
    return this.#fleets.some(({ fleet }) => protocolOn(fleet, { port: { ...port, number } }) !== undefined);
  }

  /** Returns the next free port; after lost races, the first ones of which one is chosen at random. */
  #free({ port }: WrittenServer, index: number): number[] {
    const { assigned, written } = this.#decided;
    const offering = this.#fleets.flatMap(({ fleet, claimed }) => {
      const ranges = (fleet.portRanges ?? []).filter(({ protocol }) => protocol === port.protocol);
      return ranges.length > 0 ? [{ ranges, claimed }] : [];
    });
    const [first] = offering;
    if (!first) throw noRange(port.protocol, index, this.#fleets.length > 0);
    const found: number[] = [];
    for (const { from, to } of first.ranges)
      for (let number = from; number <= to; number++) {
        const zone = portZone({ ...port, number });
        if (this.#own.has(zone) || assigned.has(zone) || written.has(zone)) continue;
        const isFree = offering.every(
          ({ ranges, claimed }) => !claimed.has(zone) && ranges.some((range) => portIn(range, number)),
        );
        if (isFree && found.push(number) === (this.#tries === 0 ? 1 : 8 * 2 ** this.#tries)) return found;
      }
    if (found.length === 0)
      throw new Problem('port-taken', {
        violations: [
          {
            path: `/servers/${index}/port`,
            code: 'port-taken',
            message: `every port of the ranges for ${port.protocol} is taken`,
            hint: 'ask the operator for more ports',
          },
        ],
      });
    return found;
  }
}

function noRange(protocol: string, index: number, isServed: boolean): Problem {
  const message = isServed
    ? `no fleet that serves the gateway has a range of ports for ${protocol}, so the number is required`
    : 'no fleet serves the gateway, so no port can be assigned: the number is required';
  return new Problem('invalid-configuration', {
    violations: [{ path: `/servers/${index}/port/number`, code: 'no-port-range', message }],
  });
}
