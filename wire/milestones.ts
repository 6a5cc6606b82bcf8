/**
 * The moments of a change between PUT and live. Benchmarks measure the time between them. Those up to `sent` happen in
 * the control API, the others in an agent.
 */
export type Milestone =
  /** The API has the request line and the headers of the PUT. */
  | 'received'
  /** The API knows the caller, and the caller may use the operation. */
  | 'authenticated'
  /** The API has read the body and matched it with the schema. */
  | 'parsed'
  /** The new configuration is valid. */
  | 'checked'
  /** The database has stored the revision. */
  | 'committed'
  /** The API has encoded the event for the streams of one fleet's agents. */
  | 'sent'
  /** The agent has read the event from the feed. */
  | 'pulled'
  /** The agent's replica has stored the event. */
  | 'stored'
  /** The agent has built the RouteConfiguration that it will send to one Envoy. */
  | 'compiled'
  /** The agent has encoded the xDS response for one Envoy. */
  | 'encoded'
  /** The operating system of the agent has taken over the xDS response. */
  | 'pushed'
  /** A probe of every worker thread of one Envoy has received the new version. */
  | 'live';

type Observer = (milestone: Milestone, tenant: string) => void;

let observer: Observer | undefined;

/**
 * From now on, calls `callback` at every milestone in this process. Measurements use it. A process has one observer, so
 * a second call replaces the first callback.
 */
export function observe(callback: Observer): void {
  observer = callback;
}

export const isObserved = (): boolean => observer !== undefined;

/**
 * Reports to the observer that a change of a tenant has reached a milestone. Without an observer, this costs one
 * comparison.
 *
 * @param tenant undefined when the change concerns no tenant; the function then does nothing
 */
export function reportMilestone(milestone: Milestone, tenant: string | undefined): void {
  if (observer && tenant !== undefined) observer(milestone, tenant);
}
