import type { XdsType } from './type.ts';

/** The tenant that each name held by one client belongs to, and the names of each tenant. */
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
    const held = types.get(type) ?? new Set<string>();
    types.set(type, held);
    held.add(name);
  }

  forget(type: XdsType, name: string): void {
    const tenant = this.owner(type, name);
    if (tenant === undefined) return;
    this.#owners.get(type)!.delete(name);
    const types = this.#tenants.get(tenant)!;
    const held = types.get(type)!;
    held.delete(name);
    if (held.size === 0) types.delete(type);
    if (types.size === 0) this.#tenants.delete(tenant);
  }

  owner(type: XdsType, name: string): string | undefined {
    return this.#owners.get(type)?.get(name);
  }

  /** A copy, so that marking a name may change what is owned. */
  of(tenant: string): [XdsType, string[]][] {
    return [...(this.#tenants.get(tenant) ?? [])].map(([type, names]) => [type, [...names]]);
  }
}
