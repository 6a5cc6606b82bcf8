import type { Configuration } from '../../model/configuration.ts';
import type { Kind } from '../../model/kinds/index.ts';
import type { FleetDescription } from '../../wire/feed.ts';
import type { WireType, XdsResource } from '../xds/resource.ts';
import type { Client } from './client.ts';
import type { FleetState } from './fleet-state.ts';
import type { Target } from './lane-options.ts';
import type { Entry } from './ledger.ts';
import type { Change } from './tenant-events.ts';
import type { Role } from './view.ts';

/** One tenant's configuration on one fleet: what the content of each of the tenant's resources follows from. */
export interface Source {
  configuration: Configuration;
  /** The tenant. */
  owner: string;
  fleet: FleetDescription;
}

/** Resources of one kind, by name. */
export interface Parts {
  kind: Kind;
  names: readonly string[];
}

/** A resource as it is now. */
export interface Answer {
  resource: XdsResource;
  /** The tenant that it belongs to; undefined = the fleet, or nobody. */
  tenant: string | undefined;
}

/** How much of a type may be on its way to one client at once. */
export interface Pace {
  /** Most resources in one response. With 1, a NACK names the resource at fault. */
  batch: number;
  /** Most responses that the client has not answered. */
  window: number;
  /** Most bytes that the client has not acknowledged, unless one response is larger. */
  bytes?: number;
  /** Versions are forgotten once acknowledged: for types whose every resource is sent and whose content follows from its name. */
  versionless?: true;
}

/**
 * One type of xDS resource: everything that differs between types. `types/index.ts` lists the types in the order in
 * which they are sent.
 */
export interface XdsType<A extends Answer = Answer> extends WireType {
  /** By which the code refers to the type. */
  readonly id: string;
  readonly servedTo: Readonly<Record<Role, boolean>>;
  readonly pace: Pace;
  /** Whether a resource holds secrets, which Envoy may quote in a NACK: then its message and our own stacks are dropped. */
  readonly isConfidential: boolean;
  /**
   * Finds the tenant that a name belongs to. It reads no configuration, so it answers even when the resource cannot be
   * built.
   */
  owner(fleet: FleetState, name: string): string | undefined;
  /**
   * Builds or finds the current resource of a name.
   *
   * @returns undefined when the fleet has no such resource
   * @throws Error when it cannot be built; then the client keeps what it has, and the tenant sees a rejection
   */
  answer(fleet: FleetState, name: string): A | undefined;
  /**
   * Identifies the content that a resource has in a configuration: equal content has equal versions. It need not be the
   * version on the stream.
   *
   * @returns undefined when the configuration has no such resource
   */
  versionIn(source: Source, name: string): string | undefined;
  /**
   * Finds what of a configuration is in a resource and may be at fault in it.
   *
   * @returns undefined when that may be anything
   */
  partsIn(source: Source, name: string): Parts | undefined;
  /** Whether a tenant's change may change the tenant's resources of this type. */
  isChangedBy(change: Change): boolean;
  /** Whether a resource compiled from one configuration is the same in the other; for types that keep what they compiled. */
  isSame?(before: Configuration, after: Configuration): boolean | ((name: string) => boolean);
  /** Called after a tenant's configuration has changed. */
  tenantChanged?(fleet: FleetState, tenant: string): void;
  /** @returns the part that is different for each client */
  open(client: Client): TypeHandlers;
}

/** What one client's stream does for one type. */
export interface TypeHandlers {
  /** The target state of a name: what the client should hold. */
  target(name: string): Target;
  /** Called once a name is acknowledged, before its events are reported. */
  acked(name: string, resource: XdsResource | undefined, entries: readonly Entry[]): void;
  /** Called when the client has rejected a resource that was alone in its response. */
  nacked(name: string, resource: XdsResource | undefined, entries: readonly Entry[], message: string): void;
  /**
   * Called when one name could not be built, sent or acknowledged.
   *
   * @returns the resource for a client that waits for the name; undefined = the name does not exist
   * @throws the error when it concerns more than this name
   */
  failed(name: string, entries: readonly Entry[], error: unknown): XdsResource | undefined;
  /** The tenant whose turn a name takes; by default the one that owns the name on this stream. */
  turnOf?(name: string): string;
  /** Sends one response, by default with {@link Client.send}. @returns the nonce */
  send?(resources: readonly XdsResource[], removed: readonly string[]): string;
  /** Called when a name is on the stream: what refers to it may follow. */
  sent?(name: string): void;
  /** The client held this version when it connected. */
  held?(name: string, version: string): void;
  subscribed?(name: string): void;
  unsubscribed?(name: string): void;
  /** @param have versions that the client held when it connected, by name */
  subscribedToAll?(have: ReadonlyMap<string, string>): void;
  /** Whether it is known what the client should hold, so that an empty response is right when nothing is sent. */
  isKnown?(): boolean;
  /** The client answered a response of this type. */
  answered?(): void;
  /** A tenant has changed: marks names beyond those that the tenant owns on this stream. */
  changed?(change: Change, entry: Entry): void;
  /** A name that the changed tenant owns is about to be compiled again. */
  retry?(name: string): void;
  /** @returns the names that a change of the fleet's description may affect */
  fleetChanged?(): Iterable<string>;
  closed?(): void;
}

/** The resource of an answer, or that there is none, or that this is not known yet. */
export function orAbsent(fleet: FleetState, resource: XdsResource | undefined): Target {
  if (resource) return resource;
  return fleet.complete ? 'absent' : 'later';
}

/** What most types do when a client answers: end or report the tenant's rejections. */
export function reporting(client: Client, type: XdsType): Pick<TypeHandlers, 'acked' | 'nacked' | 'failed'> {
  const { reports } = client;
  return {
    acked: (name, resource, entries) => reports.over(type, name, entries, resource?.version),
    nacked: (name, _resource, entries, message) => void reports.rejected(type, name, entries, message),
    failed: (name, entries, error) => {
      reports.failed(type, name, entries, error);
      return undefined;
    },
  };
}
