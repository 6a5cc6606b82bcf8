/** The stages of a change from PUT to live. Stages up to `sent` are in the control API, the others in an agent. */
export type Milestone =
  | 'received'
  | 'authenticated'
  | 'parsed'
  | 'checked'
  | 'committed'
  | 'sent'
  | 'pulled'
  | 'stored'
  | 'compiled'
  | 'encoded'
  | 'pushed'
  | 'live';

type Observer = (milestone: Milestone, tenant: string) => void;

let observer: Observer | undefined;

/**
 * Calls `by` at every milestone in this process from now on, for measurements. There is one observer per process: a
 * second call replaces the first.
 */
export function observe(by: Observer): void {
  observer = by;
}

export const isObserved = (): boolean => observer !== undefined;

/**
 * Reports that a change of a tenant reached a milestone. Without an observer, it costs a comparison.
 *
 * @param tenant does nothing when undefined
 */
export function passed(milestone: Milestone, tenant: string | undefined): void {
  if (observer && tenant !== undefined) observer(milestone, tenant);
}
