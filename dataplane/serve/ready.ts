import { SYSTEM_ROOTS } from '../compile/index.ts';
import type { Client } from './client.ts';
import { systemRoots } from './state/system-roots.ts';
import { cluster } from './types/cluster.ts';
import { endpoints } from './types/endpoints.ts';
import { secret } from './types/secret.ts';

/** Returns whether Envoy can send requests to a cluster once it has read the responses that are already sent. */
export function isReady(client: Client, name: string): boolean {
  const { catalog, use, secrets } = client;
  if (use.failed(name) !== undefined) return true;
  if (!client.lane('cluster').sent.has(name)) return !catalog.get(cluster, name);
  // The catalog is asked last: it may have to build the endpoints of a large upstream.
  const hasEndpoints = client.lane('endpoints').mayHold(name) || catalog.get(endpoints, name) === undefined;
  return hasEndpoints && secrets.of(name).every((each) => isSentOrMissing(client, each));
}

/** A missing secret delays nothing: the agent responds to Envoy that the secret does not exist. */
function isSentOrMissing(client: Client, name: string): boolean {
  if (client.lane('secret').sent.has(name)) return true;
  if (name === SYSTEM_ROOTS) return systemRoots() === undefined;
  const { state } = client.catalog;
  const owner = secret.owner(state, name);
  const found = owner === undefined ? undefined : state.source(owner);
  return !found || secret.versionIn(found.source, name) === undefined;
}
