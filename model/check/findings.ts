import type { Configuration } from '../configuration.ts';
import type { Kind } from '../kinds/index.ts';
import type { Steps } from '../steps.ts';
import type { Violation } from '../violations.ts';

/** What checks found, in an order that does not depend on insertion. */
export interface Findings {
  /** The configuration cannot be accepted. */
  errors: Violation[];
  /** It can, but something in it has no effect or will surprise. */
  warnings: Violation[];
}

/** By kind, the names of the resources to look at. A kind that is absent is looked at as a whole. */
export type Named = Partial<Record<Kind, readonly string[]>>;

/**
 * One check. It reads the whole configuration but checks only the named resources, one per step, and adds its findings.
 */
export type Check = (configuration: Configuration, found: Findings, names: Named) => Steps<void>;
