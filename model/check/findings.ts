import type { Configuration } from '../configuration.ts';
import type { Kind } from '../kinds/index.ts';
import type { Pausable } from '../pausable.ts';
import type { Violation } from '../violations.ts';

/** The errors and warnings of checks. Their order does not depend on the order in which resources were written. */
export interface Findings {
  /** Reasons why the configuration cannot be accepted. */
  errors: Violation[];
  /** Parts of an acceptable configuration that have no effect or may surprise. */
  warnings: Violation[];
}

/** By kind: the names of the resources to check. For an absent kind, a check covers all its resources. */
export type NamesByKind = Partial<Record<Kind, readonly string[]>>;

/**
 * One check. It adds its findings to `found`, and pauses at least once per resource. It may read all resources, but
 * checks only the named ones if its rule concerns one resource at a time.
 */
export type Check = (configuration: Configuration, found: Findings, names: NamesByKind) => Pausable<void>;
