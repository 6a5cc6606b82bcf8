/** How many hosts a tenant names, weighted by the cost of comparing them. */

import type { Kind, SpecOf } from '../kinds/index.ts';
import type { HostPattern } from '../values/host.ts';

/** Kinds whose resources name hosts. */
export type Hosted = 'gateway' | 'route';

/** A host counts once for each so many labels, because every wildcard above it is looked up. */
const LABELS = 5;

export function weight(host: HostPattern): number {
  let labels = 1;
  for (let dot = host.indexOf('.'); dot !== -1; dot = host.indexOf('.', dot + 1)) labels++;
  return Math.ceil(labels / LABELS);
}

/** Each host of a resource, with its place. */
export function* hostsIn(spec: SpecOf<Kind>): Generator<[host: HostPattern, path: string]> {
  const { hosts = [], servers = [] } = hosting(spec);
  for (const [index, host] of hosts.entries()) yield [host, `/hosts/${index}`];
  for (const [server, { hosts }] of servers.entries())
    for (const [index, host] of hosts.entries()) yield [host, `/servers/${server}/hosts/${index}`];
}

/** Of one resource; 0 of a kind that names none. */
export function hostCount(spec: SpecOf<Kind>): number {
  const { hosts = [], servers = [] } = hosting(spec);
  let count = 0;
  for (const host of hosts) count += weight(host);
  for (const server of servers) for (const host of server.hosts) count += weight(host);
  return count;
}

// A kind without one of these members has undefined there.
const hosting = (spec: SpecOf<Kind>) => spec as Partial<SpecOf<'route'> & SpecOf<'gateway'>>;
