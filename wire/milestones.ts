/** The stages of a change from PUT to live: up to `sent` in the control API, from `pulled` on in an agent. */
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

/** Calls `by` at every milestone in this process from now on, for measurements. */
export function observe(by: Observer): void {
  observer = by;
}

export const isObserved = (): boolean => observer !== undefined;

/** Reports that a change reached a milestone. Without an observer it costs the test of one variable. */
export function passed(milestone: Milestone, tenant: string | undefined): void {
  if (observer && tenant !== undefined) observer(milestone, tenant);
}
