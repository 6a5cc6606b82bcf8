import type { Processes } from '../processes.ts';
import type { Door } from '../visitor.ts';

/** Something that serves the tenants of the workload. */
export interface Peer {
  name: string;
  /** @returns the version that would run, or why it cannot */
  version(): Promise<{ version: string } | { missing: string }>;
  /** Starts it with so many tenants at version v0. It need not be ready. */
  open(tenants: number, processes: Processes): Promise<Running>;
}

export interface Running {
  door: Door;
  /** Process groups of all its parts. */
  groups(): number[];
  /** Changes the tenant's route, or makes the tenant; settles when it was told, which may be before or after it serves that. */
  put(tenant: string, version: string): Promise<void>;
  create(tenant: string): Promise<void>;
  /** Stops all parts, whose state stays as it is. */
  stop(): Promise<void>;
  /** Starts all parts again; they need not be ready. */
  start(): Promise<void>;
}
