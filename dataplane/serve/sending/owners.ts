import type { XdsType } from '../type.ts';

const NONE: ReadonlySet<string> = new Set();

/** Records for one client to which tenant each name belongs, and which names each tenant has. */
export class Owners {
  readonly #tenants = new Map<string, Map<XdsType, Set<string>>>();
  readonly #owners = new Map<XdsType, Map<string, string>>();

  own(type: XdsType, name: string, tenant: string): void {
    const names = this.#owners.get(type) ?? new Map<string, string>();
    this.#owners.set(type, names);
    if (names.get(name) === tenant) return;
    this.forget(type, name);
    names.set(name, tenant);
    const types = this.#tenants.get(tenant) ?? new Map<XdsType, Set<string>>();
    this.#tenants.set(tenant, types);
    const ownNames = types.get(type) ?? new Set<string>();
    types.set(type, ownNames);
    ownNames.add(name);
  }

  forget(type: XdsType, name: string): void {
    const tenant = this.owner(type, name);
    if (tenant === undefined) return;
    this.#owners.get(type)!.delete(name);
    const types = this.#tenants.get(tenant)!;
    const ownNames = types.get(type)!;
    ownNames.delete(name);
    if (ownNames.size === 0) types.delete(type);
    if (types.size === 0) this.#tenants.delete(tenant);
  }

  owner(type: XdsType, name: string): string | undefined {
    return this.#owners.get(type)?.get(name);
  }

  /** Returns the names of a tenant of one type. */
  names(type: XdsType, tenant: string): ReadonlySet<string> {
    return this.#tenants.get(tenant)?.get(type) ?? NONE;
  }

  /** Returns the names of a tenant by type. The list is a copy, so the caller may change owners meanwhile. */
  of(tenant: string): [XdsType, string[]][] {
    return [...(this.#tenants.get(tenant) ?? [])].map(([type, names]) => [type, [...names]]);
  }
}
