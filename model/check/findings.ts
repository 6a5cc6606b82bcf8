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

/**
 * The names of the resources to check, by kind. If a kind is absent from the map, all resources of that kind are
 * checked.
 */
export type NamesByKind = Partial<Record<Kind, readonly string[]>>;

/**
 * One check of a configuration. It adds its findings to `found`, and pauses at least once per resource.
 *
 * A check that looks at one resource at a time checks only the resources in `names`, but may read others. A check that
 * compares resources with each other ignores `names`.
 */
export type Check = (configuration: Configuration, found: Findings, names: NamesByKind) => Pausable<void>;
