import { type Quantiles, quantiles, round } from './statistics.ts';
import { revisionOf, routeSpec, tenantName } from './workload.ts';

export interface SimulateOptions {
  tenants: number;
  regions: number;
  /** Number of agents per region, each with one Envoy. */
  agents: number;
  /** Changes per second of all tenants together. */
  rate: number;
  figures: Figures;
}

/** The resources that one machine needed in measurements. */
export interface Figures {
  /** Publishes per second that are on disk when they are acknowledged. */
  publishes_per_s: number;
  /** CPU time of one process for sending one change on one stream. */
  send_us: number;
  /** Memory per 100,000 tenants. */
  agent_mb_per_100k: number;
  envoy_mb_per_100k: number;
}

export interface SimulateResult {
  tenants: number;
  regions: number;
  agents: number;
  rate: number;
  figures: Figures;
  direct: Fanout;
  relays: Fanout;
  /** When each region serves all tenants from one fleet. The replica is counted in bytes of its feed. */
  each_node: { agent_mb: number; envoy_mb: number; replica_mb: number };
}

interface Fanout {
  /**
   * From the arrival of a change in the API's queue until the last agent has it; `never` when the API cannot keep up.
   */
  last_receipt_ms: Quantiles | 'never';
  api_busy: number;
  relay_busy: number;
  api_mbit_per_s: number;
  /** The rate at which the API is busy for 70% of the time. */
  most_changes_per_s: number;
}

const SIMULATED_S = 60;
const USABLE = 0.7;
/** Latency one way, from the API's region to the nearest and to the farthest region. */
const NETWORK_MS = { nearest: 1, farthest: 140 };
const SEED = 1;
const TENANT = tenantName(0);

/**
 * Simulates a feed from one API to agents in many regions: directly, and through one relay per region that forwards the
 * feed.
 */
export function simulate(options: SimulateOptions): SimulateResult {
  const { tenants, regions, agents, rate, figures } = options;
  const scale = tenants / 100_000;
  return {
    tenants,
    regions,
    agents,
    rate,
    figures,
    direct: fanout(options, { atApi: regions * agents, atRelay: 0 }),
    relays: fanout(options, { atApi: regions, atRelay: agents }),
    each_node: {
      agent_mb: round(figures.agent_mb_per_100k * scale, 0),
      envoy_mb: round(figures.envoy_mb_per_100k * scale, 0),
      replica_mb: round((tenants * Buffer.byteLength(JSON.stringify(revisionOf(TENANT, 'v0', undefined)))) / 1e6, 0),
    },
  };
}

/** The number of streams to which the API, and each relay, sends. */
interface Shape {
  atApi: number;
  atRelay: number;
}

function fanout({ regions, rate, figures }: SimulateOptions, { atApi, atRelay }: Shape): Fanout {
  const send = figures.send_us / 1e6;
  const commit = 1 / figures.publishes_per_s;
  const apiWork = commit + atApi * send;
  const relayWork = atRelay > 0 ? (1 + atRelay) * send : 0;
  const bytes = Buffer.byteLength(JSON.stringify(routeSpec(TENANT, 'v1')));
  const stable = rate * Math.max(apiWork, relayWork) < 1;
  const receipts = () => lastReceipts({ rate, regions, apiWork, commit, relayWork });
  return {
    last_receipt_ms: stable ? quantiles(receipts()) : 'never',
    api_busy: round(rate * apiWork),
    relay_busy: round(rate * relayWork),
    api_mbit_per_s: round((rate * atApi * bytes * 8) / 1e6),
    most_changes_per_s: round(USABLE / apiWork, 0),
  };
}

interface Queues {
  rate: number;
  regions: number;
  /** Seconds of CPU time per change. */
  apiWork: number;
  commit: number;
  relayWork: number;
}

/**
 * Returns when the last agent receives each change, in milliseconds after its arrival. Changes arrive at random
 * (Poisson) and queue at the API, which sends them region by region. After the network latency, they queue at each
 * relay. All queues are first come, first served, so the times of one queue follow from those of the queue before it.
 */
function lastReceipts({ rate, regions, apiWork, commit, relayWork }: Queues): number[] {
  const random = generator(SEED);
  const ways = Array.from({ length: regions }, (_, region) => way(region, regions));
  const relayFree = new Float64Array(regions);
  const samples: number[] = [];
  let apiFree = 0;
  for (let now = 0; (now += -Math.log(1 - random()) / rate) < SIMULATED_S; ) {
    const start = Math.max(now, apiFree);
    apiFree = start + apiWork;
    let last = 0;
    for (let region = 0; region < regions; region++) {
      const sent = start + commit + ((apiWork - commit) * (region + 1)) / regions;
      const done = Math.max(sent + ways[region]!, relayFree[region]!) + relayWork;
      relayFree[region] = done;
      last = Math.max(last, done);
    }
    samples.push((last - now) * 1000);
  }
  return samples;
}

/** Latency in seconds. The regions are spaced evenly between the nearest and the farthest. */
function way(region: number, regions: number): number {
  const { nearest, farthest } = NETWORK_MS;
  return (nearest + ((farthest - nearest) * region) / Math.max(1, regions - 1)) / 1000;
}

/** mulberry32: the same numbers in every run. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
