import type { Processes } from '../processes.ts';
import type { PublicPort } from '../visitor.ts';

/** Something that serves the tenants of the workload. */
export interface Peer {
  name: string;
  /** @returns the version that would run, or why it cannot */
  version(): Promise<{ version: string } | { missing: string }>;
  /** Starts it with so many tenants at version v0. It need not be ready. */
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
