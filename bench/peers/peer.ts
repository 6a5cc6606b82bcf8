import type { Processes } from '../processes.ts';
import type { PublicPort } from '../visitor.ts';

/** A program that serves the tenants of the workload: Gatehouse or one that it is compared with. */
export interface Peer {
  name: string;
  /** @returns the version that would run, or the reason why the peer cannot run */
  version(): Promise<{ version: string } | { missing: string }>;
  /** Starts the peer with the given number of tenants at version v0. The peer need not be ready when this returns. */
  open(tenants: number, processes: Processes): Promise<Running>;
}

export interface Running {
  publicPort: PublicPort;
  /** Process groups of all its parts. */
  groups(): number[];
  /** Changes the tenant's route, or creates the tenant. Settles when the peer accepted it, before or after it serves the change. */
  put(tenant: string, version: string): Promise<void>;
  create(tenant: string): Promise<void>;
  /** Stops all parts, whose state stays as it is. */
  stop(): Promise<void>;
  /** Starts all parts again; they need not be ready. */
  start(): Promise<void>;
}
