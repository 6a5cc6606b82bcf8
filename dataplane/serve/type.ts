import type { Configuration } from '../../model/configuration.ts';
import type { Kind } from '../../model/kinds/index.ts';
import type { FleetDescription } from '../../wire/feed.ts';
import type { Destinations, Needs, Resolve } from '../compile/index.ts';
import type { Issued } from '../feed/issued.ts';
import type { Registered } from '../feed/registered.ts';
import type { WireType, XdsResource } from '../xds/resource.ts';
import type { Client } from './client.ts';
import type { TenantChange } from './intake/tenant-events.ts';
import type { Target } from './sending/lane-options.ts';
import type { Entry } from './sending/ledger.ts';
import type { FleetState } from './state/fleet-state.ts';
import type { Role } from './view.ts';

/** Everything of a tenant from which resources are compiled. */
export interface Content {
  configuration: Configuration;
  /** The endpoints that are registered now. They belong to no revision. */
  registered: Registered;
  /** The certificates that the platform obtained. They belong to no revision. */
  issued: Issued;
  /** The highest limit of one cluster of the tenant, so that the tenant leaves room for others in each Envoy. */
  mostPerCluster: number;
}

/** The input from which a tenant's resources are compiled: its content and the fleet. */
export interface Source extends Content {
  /** The tenant. */
  owner: string;
  fleet: FleetDescription & Destinations;
  /** Returns the addresses of a DNS name in its last good answer; none before the first. */
  resolve: Resolve;
}

/** Resources of one kind, by name. */
export interface Parts {
  kind: Kind;
  names: readonly string[];
}

/** The current resource of a name. */
export interface OwnedResource {
  resource: XdsResource;
  /** The tenant to which the resource belongs; undefined for resources of the fleet, or of no tenant. */
  tenant: string | undefined;
  /**
   * The form of a cluster that Envoy can use at once. With health checks, Envoy uses a new cluster only after the first
   * check of every endpoint, and requests would get 503 until then. So a client gets this form first, and the resource
   * once it has the endpoints: Envoy then uses the first form until the checks are done.
   */
  first?: XdsResource;
  /** The addresses in the resource that come from DNS names, by name; absent when there are none. */
  resolved?: ReadonlyMap<string, readonly string[]>;
  /** The resources that a client must have before this one works; absent when it needs none. */
  needs?: Needs;
}

/** Limits on the responses of one type that one client has not acknowledged or rejected. */
export interface Pace {
  /** The largest number of resources per response. With 1, a NACK identifies the resource at fault. */
  batch: number;
  /** The largest number of responses under way. */
  window: number;
  /** The largest number of bytes in responses under way, unless a single response is larger. */
  bytes?: number;
  /**
   * The bytes from which a resource is large: it is sent alone, does not count for `bytes`, and its tenant's next
   * change of a large one waits. By default, none is large.
   */
  large?: number;
  /**
   * Set when the lane keeps no versions of sent resources. This saves memory for types of which a client gets all
   * resources and whose content follows from the name.
   */
  versionless?: true;
}

/**
 * One type of xDS resource: everything that differs between types. `types/index.ts` lists the types in the order in
 * which they are sent.
 */
export interface XdsType<A extends OwnedResource = OwnedResource> extends WireType {
  /** The name of the type in the code. */
  readonly id: string;
  readonly servedTo: Readonly<Record<Role, boolean>>;
  readonly pace: Pace;
  /** Whether a resource contains secrets. Envoy may quote them in a NACK, so they are kept out of logs. */
  readonly isConfidential: boolean;
  /**
   * Finds the tenant to which a name belongs. It reads no configuration, so it also works when the resource cannot be
   * built.
   */
  owner(state: FleetState, name: string): string | undefined;
  /**
   * Builds or finds the current resource of a name.
   *
   * @returns undefined when the fleet has no such resource
   * @throws Error when it cannot be built; the client then keeps its version, and the tenant sees a rejection
   */
  find(state: FleetState, name: string): A | undefined;
  /**
   * Returns a text that identifies the content that a resource has in a configuration. Equal content has equal text.
   * The text may differ from the version on the stream.
   *
   * @returns undefined when the configuration has no such resource
   */
  versionIn(source: Source, name: string): string | undefined;
  /**
   * Finds the parts of a configuration from which a resource is built. One of them is at fault if Envoy rejects it.
   *
   * @returns undefined when any part may be at fault
   */
  partsIn(source: Source, name: string): Parts | undefined;
  /** Whether a tenant's change may change the tenant's resources of this type. */
  isChangedBy(change: TenantChange): boolean;
  /** Whether such a change leaves the resource with this name as it is. Absent: it may change all of them. */
  isUnaffectedBy?(change: TenantChange, name: string): boolean;
  /**
   * Compares the resources of this type before and after a change of a tenant, so that compiled ones can be reused.
   *
   * @returns true or false for all resources, or a function that compares the resource with a given name
   */
  isSame?(before: Content, after: Content): boolean | ((name: string) => boolean);
  /** Called after a tenant's configuration has changed. */
  tenantChanged?(state: FleetState, tenant: string): void;
  /** Creates the handlers for one client. */
  open(client: Client): TypeHandlers;
}

/** The handlers of one resource type for one client. */
export interface TypeHandlers {
  /** Returns the target state of a name: the resource that the client should hold. */
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
  /** Returns the tenant in whose turn a name is sent; by default the tenant that owns the name on this stream. */
  turnOf?(name: string): string;
  /** Sends one response, by default with {@link Client.send}. @returns the nonce */
  send?(resources: readonly XdsResource[], removed: readonly string[]): string;
  /** Called when a name was sent. Resources that refer to it may be sent next. */
  sent?(name: string): void;
  /** Called for each version that the client held when it connected. */
  brought?(name: string, version: string): void;
  subscribed?(name: string): void;
  unsubscribed?(name: string): void;
  /** Called for a wildcard subscription. @param have versions that the client held when it connected, by name */
  subscribedToAll?(have: ReadonlyMap<string, string>): void;
  /** Whether the target state of the client is known. If it is empty, the agent then sends an empty response. */
  isKnown?(): boolean;
  /** Called when the client has acknowledged a response of this type, before {@link acked}. */
  answered?(): void;
  /** Called when a tenant has changed. Marks affected names that the tenant does not own on this stream. */
  changed?(change: TenantChange, entry: Entry): void;
  /** Called before a name of a changed tenant is compiled again. */
  retry?(name: string): void;
  /** @returns the names that a change of the fleet's description may affect */
  fleetChanged?(): Iterable<string>;
  closed?(): void;
}

/** Returns the resource. Without one, returns `absent`, or `later` while the first snapshot is incomplete. */
export function orAbsent(state: FleetState, resource: XdsResource | undefined): Target {
  if (resource) return resource;
  return state.complete ? 'absent' : 'later';
}

/** The handlers that most types share: an ACK ends the tenant's rejection, a NACK or a failure reports one. */
export function reporting(client: Client, type: XdsType): Pick<TypeHandlers, 'acked' | 'nacked' | 'failed'> {
  const { reports } = client;
  return {
    acked: (name, resource, entries) => reports.acked(type, name, entries, resource?.version),
    nacked: (name, _resource, entries, message) => void reports.rejected(type, name, entries, message),
    failed: (name, entries, error) => {
      reports.failed(type, name, entries, error);
      return undefined;
    },
  };
}
