import type { Configuration } from '../configuration.ts';
import type { Kind } from '../kinds/index.ts';
import type { Pausable } from '../pausable.ts';
import type { Violation } from '../violations.ts';

/** The findings of checks. Their order does not depend on the order of insertion. */
export interface Findings {
  /** Reasons why the configuration cannot be accepted. */
  errors: Violation[];
  /** Parts of an acceptable configuration that have no effect or may surprise. */
  warnings: Violation[];
}

/** By kind, the names of the resources to look at. A kind that is absent is looked at as a whole. */
export type NamesByKind = Partial<Record<Kind, readonly string[]>>;

/**
 * One check. It reads the whole configuration but checks only the named resources, one per step, and adds its findings.
 */
export type Check = (configuration: Configuration, found: Findings, names: NamesByKind) => Pausable<void>;
