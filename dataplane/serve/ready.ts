import type { Client } from './client.ts';
import { cluster } from './types/cluster.ts';
import { endpoints } from './types/endpoints.ts';

/** Returns whether Envoy can send requests to a cluster once it has read the responses that are already sent. */
export function isReady(client: Client, name: string): boolean {
  const { answers, use } = client;
  if (use.failed(name) !== undefined) return true;
  if (!client.lane('cluster').sent.has(name)) return !answers.get(cluster, name);
  return answers.get(endpoints, name) === undefined || client.lane('endpoints').mayHold(name);
}
