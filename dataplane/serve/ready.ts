import type { Client } from './client.ts';
import { cluster } from './types/cluster.ts';
import { endpoints } from './types/endpoints.ts';

/** Whether requests may be sent to a cluster once Envoy has read what is already on the stream. */
export function isReady(client: Client, name: string): boolean {
  const { answers, use } = client;
  if (use.failed(name) !== undefined) return true;
  if (!client.lane('cluster').sent.has(name)) return !answers.get(cluster, name);
  return answers.get(endpoints, name) === undefined || client.lane('endpoints').mayHold(name);
}
