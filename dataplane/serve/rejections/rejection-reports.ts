import type { Configuration } from '../../../model/configuration.ts';
import type { Rejection } from '../../../wire/feed.ts';
import { isDamage } from '../../feed/damage.ts';
import type { Log } from '../../log.ts';
import { reasonOf } from '../failure.ts';
import type { TenantChange } from '../intake/tenant-events.ts';
import type { Entry, Transition } from '../sending/ledger.ts';
import type { Owners } from '../sending/owners.ts';
import type { Catalog } from '../state/catalog.ts';
import type { XdsType } from '../type.ts';
import { attribute, limited, superseded, type VersionIn } from './attribution.ts';
import { findFault } from './fault.ts';
import type { Rejections } from './rejections.ts';

export interface RejectionReportsOptions {
  catalog: Catalog;
  owners: Owners;
  rejections: Rejections;
  node: string;
  log: Log;
  /** Called for each resource that could not be built or sent. */
  fault: (type: XdsType) => void;
}

/** How often a resource is built to find the revisions that changed it, and the bytes of all these builds together. */
const MOST_BUILDS = 100;
const MOST_BUILT = 256 * 1024;

/** Replaces Envoy's message about a secret. It fits certificates, private keys and CA certificates. */
const WITHHELD = 'Envoy rejected the secret. Its message is withheld, because it may quote a private key';

const aboutOf = (type: XdsType, name: string): string => `${type.url} ${name}`;
const aboutEvents = (tenant: string): string => `events ${tenant}`;
const aboutChain = (listener: string, chain: string): string => `chain ${listener} ${chain}`;
const aboutSight = (name: string): string => `sight ${name}`;

/**
 * Reports to tenants which of their changes one client does not serve. A report has the resource, the revisions and the
 * reason.
 */
export class RejectionReports {
  readonly #options: RejectionReportsOptions;
  /** Changes that were reported as superseded. A route may have hundreds of hosts, and all would report the same. */
  readonly #superseded = new WeakSet<Transition>();

  constructor(options: RejectionReportsOptions) {
    this.#options = options;
  }

  /**
   * Reports a resource that the client rejected.
   *
   * @param held the version that the client keeps, if known
   * @returns the tenant to which the resource belongs, if any
   */
  rejected(type: XdsType, name: string, entries: readonly Entry[], message: string, held?: string): string | undefined {
    const { owners, log, node } = this.#options;
    // Envoy may quote the resource in its message, and a secret holds the private key.
    const words = type.isConfidential ? WITHHELD : message;
    log.warn({ node, type: type.url, resource: name, message: words }, 'Envoy rejected a resource');
    const tenant = owners.owner(type, name);
    if (tenant !== undefined) {
      const about = aboutOf(type, name);
      this.#add(about, type, name, tenant, entries, words, this.#options.rejections.has(about), held);
    }
    return tenant;
  }

  /**
   * Reports a resource that could not be built or sent.
   *
   * @throws the error itself when the replica file is damaged, because that concerns all resources
   */
  failed(type: XdsType, name: string, entries: readonly Entry[], error: unknown): void {
    if (isDamage(error)) throw error;
    const { catalog, owners, log, node, fault } = this.#options;
    const reason = reasonOf(error);
    const stack = type.isConfidential ? undefined : (error as Error).stack;
    log.error({ node, type: type.url, resource: name, reason, stack }, 'a resource could not be built or sent');
    fault(type);
    const tenant = owners.owner(type, name) ?? type.owner(catalog.state, name);
    if (tenant === undefined) return;
    // With the owner recorded, the tenant's next change marks the resource. That change may repair it.
    owners.own(type, name, tenant);
    this.#add(aboutOf(type, name), type, name, tenant, entries, `it could not be built: ${reason}`);
  }

  /** Reports a filter chain because of which the client rejected a listener. The listener is sent without the chain. */
  chainRejected(listener: string, chain: string, tenant: string, message: string): void {
    const { catalog, rejections, log, node } = this.#options;
    log.warn({ node, listener, chain, tenant, message }, 'the proxy rejected a filter chain, which is left out');
    const configuration = catalog.state.configuration(tenant);
    const revision = catalog.state.revision(tenant);
    rejections.add(aboutChain(listener, chain), [
      { tenant, revision, from: 0, ...findFault(configuration, message, undefined), message },
    ]);
  }

  /** Ends the rejection of a filter chain that the client accepted, or that no longer exists. */
  chainSettled(listener: string, chain: string): void {
    this.#options.rejections.end(aboutChain(listener, chain));
  }

  /** Reports routes that the client rejected because of a route of another tenant, which is held back from now on. */
  heldBack(name: string, tenant: string, rejection: Rejection): void {
    const { rejections, log, node } = this.#options;
    const { tenant: other, resource, message } = rejection;
    log.warn({ node, resource: name, tenant, other, route: resource, message }, 'a delegated route is held back');
    // The state of the fleet has the rejection as long as it lasts. It is reported even if it is over before that.
    rejections.pass([rejection]);
  }

  /** Reports that the client serves the last good routes in place of the tenant's current ones. */
  replaced(type: XdsType, name: string, tenant: string, entries: readonly Entry[]): void {
    const { catalog, rejections } = this.#options;
    const about = aboutOf(type, name);
    const known = catalog.state.lastGood.of(name)?.rejections ?? [];
    if (!rejections.has(about)) rejections.add(about, known);
    const words = known[0]?.message ?? 'Envoy rejected these routes before';
    this.#add(about, type, name, tenant, entries, words);
  }

  /** Reports routes whose send was cancelled. The client keeps the routes that it holds. */
  abandoned(type: XdsType, name: string, entries: readonly Entry[], message: string): void {
    const tenant = this.#options.owners.owner(type, name);
    if (tenant !== undefined) this.#add(aboutOf(type, name), type, name, tenant, entries, message, true);
  }

  /** Reports routes that the client acknowledged, but that no probe saw through the proxy in time. */
  unseen(type: XdsType, name: string, tenant: string, entries: readonly Entry[], key: string): void {
    const message = `acknowledged, but not seen through the proxy on ${key}`;
    this.#add(aboutSight(name), type, name, tenant, entries, message);
  }

  /** Ends a report by {@link unseen}. */
  seen(name: string): void {
    this.#options.rejections.end(aboutSight(name));
  }

  /**
   * Handles a version that the client accepted. If several events waited for this version, some of their changes may
   * never have been sent. These are reported as superseded.
   */
  superseded(type: XdsType, name: string, tenant: string, entries: readonly Entry[], version: string): void {
    if (entries.length < 2) return;
    const versionIn = this.#versionIn(type, name, tenant);
    this.#options.rejections.pass(superseded({ tenant, entries, versionIn, reported: this.#superseded }, version));
  }

  #versionIn(type: XdsType, name: string, tenant: string): VersionIn {
    const { catalog } = this.#options;
    const versionIn = (configuration: Configuration) => catalog.versionIn(configuration, type, name, tenant);
    return limited(versionIn, () => Math.min(MOST_BUILDS, Math.floor(MOST_BUILT / this.#sizeOf(type, name))));
  }

  /** Returns the size of the current resource; 1 when there is none, or when it cannot be built. */
  #sizeOf(type: XdsType, name: string): number {
    try {
      return this.#options.catalog.get(type, name)?.resource.body.length || 1;
    } catch (error) {
      if (isDamage(error)) throw error;
      return 1;
    }
  }

  /** Ends the rejection of a resource whose target state, this version, the client accepted. */
  acked(type: XdsType, name: string, entries: readonly Entry[], version: string | undefined): void {
    const tenant = this.#options.owners.owner(type, name);
    if (version !== undefined && tenant !== undefined) this.superseded(type, name, tenant, entries, version);
    this.settled(type, name);
  }

  /** Ends the rejection of a resource whose target state the client holds. */
  settled(type: XdsType, name: string): void {
    this.#options.rejections.end(aboutOf(type, name));
  }

  /** Reports the failure of a feed event and its skipped revisions, or ends an earlier failure of the tenant. */
  applied({ tenant, revision, failure, skipped }: TenantChange): void {
    const { rejections } = this.#options;
    if (skipped) rejections.pass([skipped]);
    const about = aboutEvents(tenant);
    if (failure === undefined) rejections.end(about);
    else rejections.add(about, [{ tenant, revision, resource: '', path: '', message: failure }]);
  }

  /** @param isKnown whether the resource was rejected before these events */
  #add(
    about: string,
    type: XdsType,
    name: string,
    tenant: string,
    entries: readonly Entry[],
    message: string,
    isKnown = this.#options.rejections.has(about),
    held?: string,
  ): void {
    const { catalog, rejections } = this.#options;
    const found = attribute({
      tenant,
      revision: catalog.state.revision(tenant),
      configuration: catalog.state.configuration(tenant),
      entries,
      versionIn: this.#versionIn(type, name, tenant),
      partsIn: (configuration) => catalog.partsIn(configuration, type, name, tenant),
      message,
      isKnown,
      held,
    });
    rejections.add(about, found);
  }

  /** Returns the current rejections of one resource. */
  current(type: XdsType, name: string) {
    return this.#options.rejections.of(aboutOf(type, name));
  }
}
