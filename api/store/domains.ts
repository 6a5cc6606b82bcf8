import { type Audit, audits } from './audit.ts';
import { claimLocks } from './claims.ts';
import { type Room, roomFor, roomLock } from './countable.ts';
import { domainStatements } from './domain-statements.ts';
import { atOrAbove, prefixBelow, reversed } from './hosts.ts';
import { mails, type QueuedMail } from './mail.ts';
import { parts } from './parts.ts';
import { provenNames } from './proven-names.ts';
import { all, first, type Kit, locks, type Page } from './query.ts';
import { unlessChanged } from './unless-changed.ts';
import { brokenGuard, lacksReference, violation } from './violation.ts';

/** A domain that a tenant has claimed. Times are milliseconds since 1970. */
export interface Domain {
  tenant: string;
  /** In A-labels, such as `xn--bcher-kva.example`. */
  name: string;
  token: string;
  /** Whether the tenant has proven the domain, and the claim was not released since. */
  isHeld: boolean;
  createdAt: number;
  provenAt: number | null;
  missingSince: number | null;
  checkedAt: number | null;
  nextCheckAt: number | null;
  failures: number;
  reason: string | null;
}

/** What identifies one claim: a later claim of the same tenant has another token. */
export type DomainKey = Pick<Domain, 'tenant' | 'name' | 'token'>;

/** The result of a check that did not find the proof. */
interface Missed extends DomainKey {
  at: number;
  nextCheckAt: number | null;
  reason: string;
  /** The messages about it. */
  mails?: readonly QueuedMail[];
}

/** The result of a check that found the proof. */
interface Proved extends DomainKey {
  at: number;
  nextCheckAt: number;
  /** The other tenant that held the domain when it was checked, and whose proof is gone. It loses the domain. */
  from?: { tenant: string; reason: string; audit: Audit; mails?: readonly QueuedMail[] } | undefined;
}

/** The domains of tenants. Any number of tenants may claim a domain; the first that proves it holds it. */
export interface Domains {
  /**
   * Stores a claim.
   *
   * @returns `taken` when other tenants hold domains below it, or have hosts below it that they have proven
   */
  claim(domain: Domain, room: Room, audit: Audit): Promise<'claimed' | 'exists' | 'too-many' | 'taken' | 'no-tenant'>;
  find(tenant: string, name: string): Promise<Domain | undefined>;
  /** Lists the domains of a tenant, sorted by name. */
  list(tenant: string, page: Page): Promise<Domain[]>;
  /**
   * Ends a claim. The tenant may have unproven hosts then, which are below domains that others hold, and unproven
   * wildcards, which cover such domains: these domains are listed as uncleared.
   *
   * @returns false when the tenant has not claimed the domain
   */
  remove(tenant: string, name: string, audit: Audit): Promise<boolean>;
  /** Returns those of some wildcards below which other tenants hold domains. */
  wildcardsAbove(tenant: string, wildcards: readonly string[]): Promise<string[]>;
  /** Returns which of these domains tenants hold. */
  holders(names: readonly string[]): Promise<{ name: string; tenant: string }[]>;
  /**
   * Notes that a check begins.
   *
   * @returns false when the claim is gone, or when another check began after `since`
   */
  begin(key: DomainKey, at: number, since: number): Promise<boolean>;
  /**
   * Gives the domain to the tenant. Its automatic names that waited for this proof become due.
   *
   * @returns `taken` as `claim`; `changed` when the claim or its holder has changed since the check
   */
  prove(proved: Proved, audit: Audit | undefined): Promise<'proven' | 'taken' | 'changed'>;
  /** Notes that a check did not find the proof. @returns false when the claim is gone */
  miss(missed: Missed, audit: Audit | undefined): Promise<boolean>;
  /** Releases a held domain whose proof is missing since `missingSince`, as `remove` does. @returns false when it is there again */
  release(missed: Missed & { missingSince: number }, audit: Audit): Promise<boolean>;
  /** Lists the domains whose next check is due, the longest due first. */
  due(now: number, limit: number): Promise<Domain[]>;
  /** Lists held domains of which other tenants may have unproven hosts. */
  uncleared(limit: number): Promise<DomainKey[]>;
  /** Lists the hosts of other tenants at and below a domain, and their wildcards above it. */
  rivals(tenant: string, name: string, limit: number): Promise<{ tenant: string; host: string }[]>;
  /** Notes that other tenants have no unproven hosts of the domain any more. */
  cleared(key: DomainKey): Promise<void>;
}

/** Returns the domains above a domain: `a.b.c` → `b.c`, `c`. */
const above = (name: string): string[] =>
  name.split('.').flatMap((_, at, labels) => labels.slice(at + 1).join('.') || []);

/** Returns the bounds of the reversed names below a domain. */
const bounds = (name: string) => ({ below: `${reversed(name)}.`, end: `${reversed(name)}.~` });

export function domains(kit: Kit): Domains {
  const q = domainStatements(kit);
  const { driver } = kit;
  const hold = locks(kit);
  const inRoom = roomFor(kit, 'domains');
  const audit = audits(kit);
  const queue = mails(kit);
  const wakeNames = provenNames(kit);
  const read = ({ held, ...row }: Omit<Domain, 'isHeld'> & { held: string | null }): Domain => ({
    ...row,
    isHeld: held !== null,
  });
  const key = ({ tenant, name, token }: DomainKey) => ({ tenant, name, token });
  const around = (tenant: string, name: string) => ({
    ...{ tenant, name, above: JSON.stringify(above(name)) },
    ...bounds(name),
  });

  return {
    async claim({ tenant, name, token, createdAt, nextCheckAt }, room, by) {
      const { alone = [], shared = [] } = claimLocks([name]);
      try {
        await driver.batch([
          ...hold({ alone: [roomLock('domains', tenant), ...alone], shared }),
          inRoom(room),
          q.isFree.with(around(tenant, name)),
          q.insert.with({ tenant, name, reversed: reversed(name), token, createdAt, nextCheckAt }),
          ...audit(by),
        ]);
        return 'claimed';
      } catch (error) {
        const found = violation(error);
        if (brokenGuard(found) === 'quota') return (await this.find(tenant, name)) ? 'exists' : 'too-many';
        if (brokenGuard(found) === 'host') return 'taken';
        if (found?.table === 'domain') return 'exists';
        if (lacksReference(error)) return 'no-tenant';
        throw error;
      }
    },

    async find(tenant, name) {
      const row = await first(kit, q.get, { tenant, name });
      return row && read(row);
    },

    list: async (tenant, { limit, after = '' }) => (await all(kit, q.list, { tenant, limit, after })).map(read),

    remove: (tenant, name, by) =>
      unlessChanged(driver, [
        ...hold({ alone: [roomLock('domains', tenant)] }),
        q.exists.with({ tenant, name }),
        q.remove.with({ tenant, name }),
        q.unclear.with(around(tenant, name)),
        ...audit(by),
      ]),

    async wildcardsAbove(tenant, wildcards) {
      const hosts = new Map(wildcards.map((host) => [prefixBelow(host) ?? host, host]));
      const found: string[] = [];
      for (const prefixes of parts([...hosts.keys()]))
        for (const { prefix } of await all(kit, q.prefixesAbove, { tenant, prefixes })) found.push(hosts.get(prefix)!);
      return found;
    },

    async holders(names) {
      const found: { name: string; tenant: string }[] = [];
      for (const each of parts([...new Set(names)])) found.push(...(await all(kit, q.holders, { names: each })));
      return found;
    },

    async begin(claim, at, since) {
      const [begun] = await driver.batch([q.begin.with({ ...key(claim), at, since })]);
      return begun!.length > 0;
    },

    async prove({ at, nextCheckAt, from, ...claim }, by) {
      const { tenant, name } = claim;
      const { alone = [], shared = [] } = claimLocks([name]);
      const loser = from?.tenant ?? tenant;
      try {
        await driver.batch([
          ...hold({ alone: [...alone], shared }),
          q.isSame.with(key(claim)),
          q.isHeldBy.with({ tenant, name, from: loser }),
          q.isFree.with(around(tenant, name)),
          ...(from
            ? [
                q.lose.with({ name, from: loser, nextCheckAt, reason: from.reason }),
                ...(from.mails ?? []).flatMap(queue),
                ...audit(from.audit),
              ]
            : []),
          ...wakeNames({ ...key(claim), at }),
          q.prove.with({ ...key(claim), at, nextCheckAt }),
          ...(by ? audit(by) : []),
        ]);
        return 'proven';
      } catch (error) {
        const found = violation(error);
        if (brokenGuard(found) === 'host') return 'taken';
        if (brokenGuard(found) === 'version' || found?.table === 'domain') return 'changed';
        throw error;
      }
    },

    miss: ({ at, nextCheckAt, reason, mails: messages = [], ...claim }, by) =>
      unlessChanged(driver, [
        q.isSame.with(key(claim)),
        q.miss.with({ ...key(claim), at, nextCheckAt, reason }),
        ...messages.flatMap(queue),
        ...(by ? audit(by) : []),
      ]),

    release: ({ at, nextCheckAt, reason, missingSince, mails: messages = [], ...claim }, by) =>
      unlessChanged(driver, [
        ...hold({ alone: claimLocks([claim.name]).alone ?? [] }),
        q.isMissing.with({ ...key(claim), missingSince }),
        q.release.with({ ...key(claim), at, nextCheckAt, reason }),
        q.unclear.with(around(claim.tenant, claim.name)),
        ...messages.flatMap(queue),
        ...audit(by),
      ]),

    due: async (now, limit) => (await all(kit, q.due, { now, limit })).map(read),
    uncleared: (limit) => all(kit, q.uncleared, { limit }),
    rivals: (tenant, name, limit) =>
      all(kit, q.rivals, { tenant, hosts: JSON.stringify(atOrAbove(name)), limit, ...bounds(name) }),
    async cleared(claim) {
      await driver.batch([q.cleared.with(key(claim))]);
    },
  };
}
