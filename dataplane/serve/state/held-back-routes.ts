import type { Configuration } from '../../../model/configuration.ts';
import type { Route } from '../../../model/kinds/route.ts';
import { destinationsOf } from '../../../model/route/destinations.ts';
import { isForeign, parseReference } from '../../../model/values/reference.ts';
import type { Rejection } from '../../../wire/feed.ts';
import type { HeldBack } from '../../feed/held-back.ts';
import type { Replica } from '../../feed/replica.ts';
import { quotedIn } from '../quoted.ts';
import type { Tenants } from './tenants.ts';

export interface HeldBackRoutesOptions {
  replica: () => Replica;
  tenants: Tenants;
}

/** Replaces a message that quotes the routes of another tenant. */
const WITHHELD = 'Envoy rejected the rule. Its message is withheld, because it quotes the routes of another tenant';

/**
 * The routes of other tenants, to which the rules of a tenant delegate, that are held back because Envoy rejects them.
 * The last version that a client accepted is served in their place, or none of their rules. So the tenant that
 * delegates can change its routes meanwhile.
 */
export class HeldBackRoutes {
  readonly #options: HeldBackRoutesOptions;
  /** The routes in the version that a client accepted last, by tenant that delegates, then by name. */
  readonly #accepted = new Map<string, Map<string, Route>>();

  constructor(options: HeldBackRoutesOptions) {
    this.#options = options;
  }

  /** Replaces or leaves out the routes that are held back in a combined configuration of a tenant. */
  without(tenant: string, combined: Configuration): Configuration {
    let result = combined;
    for (const held of this.#table.of(tenant)) {
      const { route, spec, good } = held;
      const current = combined.get('route', route);
      if (!current || JSON.stringify(current) !== spec) continue;
      result =
        good && this.#hasUpstreams(good)
          ? result.change({ puts: [{ kind: 'route', name: route, spec: { ...good, parents: current.parents } }] })
          : result.without('route', route);
    }
    return result;
  }

  /**
   * Notes that a client accepted the current routes of a host.
   *
   * @param combined the configuration from which they were compiled
   * @param names the routes in them
   */
  accepted(tenant: string, combined: Configuration, names: readonly string[]): void {
    const foreign = names.filter(isForeign);
    if (foreign.length === 0) return;
    const routes = this.#accepted.get(tenant) ?? new Map<string, Route>();
    this.#accepted.set(tenant, routes);
    for (const name of foreign) {
      const spec = combined.get('route', name);
      if (spec) routes.set(name, spec);
    }
  }

  /**
   * Holds a route of another tenant back, if Envoy rejected the routes of a host because of it.
   *
   * @param whole the combined configuration of the tenant with all routes
   * @param names the routes in the routes of the host
   * @param message Envoy's message
   * @param isCurrent whether the rejected version is the current one; if not, it may have been sent before the route was
   *   held back
   * @returns undefined when no route of another tenant is at fault; otherwise the rejection for the tenant of the route,
   *   if it still has the rejected version
   */
  blame(tenant: string, { whole, names, message, isCurrent }: Rejected): { rejection?: Rejection } | undefined {
    if (!names.some(isForeign)) return undefined;
    const { tenants } = this.#options;
    const quoted = (name: string, spec: unknown) => ({ name, spec, ...quotedIn(message, spec) });
    const own = longest(names.filter((name) => !isForeign(name)).map((name) => quoted(name, whole.get('route', name))));
    const held = new Map(this.#table.of(tenant).map((each) => [each.route, each]));
    const fault = longest(
      names.filter(isForeign).flatMap((name) => {
        const good = held.get(name)?.good;
        return [quoted(name, whole.get('route', name)), ...(good ? [quoted(name, good)] : [])];
      }),
    );
    // A version of a route that has changed since is not quoted from the current one.
    if (!fault && !own) return isCurrent ? undefined : {};
    if (!fault || fault.text.length <= (own?.text.length ?? 0)) return undefined;
    const { name: route, path } = fault;
    const spec = JSON.stringify(whole.get('route', route));
    const before = held.get(route);
    if (before?.spec === spec) {
      if (!isCurrent) return before;
      if (!before.good) return undefined;
      // Envoy rejects the replacement too.
      this.#hold({ ...before, good: undefined });
      return before;
    }
    const { tenant: owner, name } = parseReference(route);
    const accepted = this.#accepted.get(tenant)?.get(route);
    const isQuoted = own !== undefined && !spec.includes(JSON.stringify(own.text).slice(1, -1));
    const rejection = {
      tenant: owner!, // it is foreign
      revision: tenants.get(owner!)?.revision ?? 0,
      from: 0,
      resource: `routes/${name}`,
      path,
      message: isQuoted ? WITHHELD : message.slice(0, LONGEST),
    };
    const good = accepted && JSON.stringify(accepted) !== spec ? accepted : undefined;
    this.#hold({ tenant, route, spec, good, rejection });
    return { rejection };
  }

  /**
   * Releases the routes that changed, or to which no rule delegates any more.
   *
   * @param whole the combined configuration of the tenant with all routes; undefined when there is none
   */
  reconsider(tenant: string, whole: () => Configuration | undefined): void {
    const all = this.#table.of(tenant);
    const accepted = this.#accepted.get(tenant);
    if (all.length === 0 && !accepted) return;
    const now = whole();
    // A route that returns later does not return in an old version.
    for (const name of accepted?.keys() ?? []) if (!now?.has('route', name)) accepted!.delete(name);
    if (accepted?.size === 0) this.#accepted.delete(tenant);
    for (const held of all) {
      if (now && JSON.stringify(now.get('route', held.route)) === held.spec) continue;
      this.#table.remove(held);
      // After a restart, no client may have accepted another version yet.
      if (held.good && now?.has('route', held.route))
        this.#accepted.set(tenant, (this.#accepted.get(tenant) ?? new Map()).set(held.route, held.good));
    }
  }

  #hold(held: HeldBack): void {
    this.#table.put(held);
    this.#options.tenants.forget(held.tenant);
  }

  #hasUpstreams(route: Route): boolean {
    return destinationsOf(route).every(({ destination }) => {
      const { tenant, name } = parseReference(destination.upstream);
      return tenant === undefined || this.#options.tenants.get(tenant)?.configuration.has('upstream', name);
    });
  }

  get #table() {
    return this.#options.replica().heldBack;
  }
}

/** What a client rejected. See {@link HeldBackRoutes.blame}. */
interface Rejected {
  whole: Configuration;
  names: readonly string[];
  message: string;
  isCurrent: boolean;
}

/** The largest length of a message in a report. */
const LONGEST = 2000;

const longest = <T extends { text: string }>(all: readonly T[]): T | undefined =>
  all.reduce<T | undefined>((best, each) => (each.text.length > (best?.text.length ?? 0) ? each : best), undefined);
