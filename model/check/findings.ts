import type { Configuration } from '../configuration.ts';
import type { Steps } from '../steps.ts';
import type { Violation } from '../violations.ts';

export interface Findings {
  /** The configuration cannot be accepted. */
  errors: Violation[];
  /** It can, but something in it has no effect or will surprise. */
  warnings: Violation[];
}

/**
 * One check. It reads the whole configuration but checks only the given routes, one resource per step, and adds its
 * findings.
 */
export type Check = (configuration: Configuration, found: Findings, routes: readonly string[]) => Steps<void>;
