import type { Configuration } from '../configuration.ts';
import type { Steps } from '../steps.ts';
import type { Violation } from '../violations.ts';

export interface Findings {
  /** The configuration cannot be accepted. */
  errors: Violation[];
  /** It can, but something in it has no effect or will surprise. */
  warnings: Violation[];
}

/** One concern: looks at the whole, but of the routes at these alone, and adds what it finds, a resource at a time. */
export type Check = (configuration: Configuration, found: Findings, routes: readonly string[]) => Steps<void>;
