/** What a change passes on its way from PUT to live: up to `told` in the control API, from `pulled` on in an agent. */
export type Milestone =
  | 'received'
  | 'authenticated'
  | 'parsed'
  | 'checked'
  | 'committed'
  | 'told'
  | 'pulled'
  | 'stored'
  | 'compiled'
  | 'encoded'
  | 'pushed'
  | 'live';

type Observer = (milestone: Milestone, tenant: string) => void;

let observer: Observer | undefined;

/** From now on told of every milestone in this process: for measuring. */
export function observe(by: Observer): void {
  observer = by;
}

export const isObserved = (): boolean => observer !== undefined;

/** Costs a test of a variable as long as nobody observes. */
export function passed(milestone: Milestone, tenant: string | undefined): void {
  if (observer && tenant !== undefined) observer(milestone, tenant);
}
