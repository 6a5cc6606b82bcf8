import type { Client } from './client.ts';
import { cluster } from './types/cluster.ts';
import { endpoints } from './types/endpoints.ts';
import { secret } from './types/secret.ts';

/** Returns whether Envoy can send requests to a cluster once it has read the responses that are already sent. */
export function isReady(client: Client, name: string): boolean {
  const { answers, use, secrets } = client;
  if (use.failed(name) !== undefined) return true;
  if (!client.lane('cluster').sent.has(name)) return !answers.get(cluster, name);
  const hasEndpoints = answers.get(endpoints, name) === undefined || client.lane('endpoints').mayHold(name);
  return hasEndpoints && secrets.of(name).every((each) => isSentOrMissing(client, each));
}

/** A secret that does not exist holds nothing back: Envoy is answered that it does not exist. */
function isSentOrMissing(client: Client, name: string): boolean {
  if (client.lane('secret').sent.has(name)) return true;
  const { fleet } = client.answers;
  const owner = secret.owner(fleet, name);
  const found = owner === undefined ? undefined : fleet.source(owner);
  return !found || secret.versionIn(found.source, name) === undefined;
}
