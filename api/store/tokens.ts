import { and, asc, eq, gt, isNull, type SQL, sql } from 'drizzle-orm';
import type { TokenView } from '../tokens/schema.ts';
import type { Stored } from '../view.ts';
import { type Audit, audits } from './audit.ts';
import { stillHas } from './authors.ts';
import { type Room, roomFor, roomLock } from './countable.ts';
import { $, $text, all, first, guard, type Kit, locks, type Page, parameters, prepare } from './query.ts';
import { unlessChanged } from './unless-changed.ts';
import { brokenGuard, violation } from './violation.ts';

export interface Token extends Stored<TokenView> {
  /** The tenant of the token. Absent on platform tokens and agent tokens. */
  tenant?: string;
  /** The fleet of the agent. Present only on agent tokens. */
  fleet?: string;
  /** The person whose rights limit the token: its creator, or the person who limits the token that created it. */
  person?: string;
}

/** The owner of a token. */
export type TokenOwner = { tenant: string } | { fleet: string } | 'platform';

/** Access tokens. They are found by the SHA-256 of the whole token, in hex. */
export interface Tokens {
  /**
   * Stores a token. It never permits more than the token that creates it.
   *
   * @param limits the quota of the tenant that owns the token, and the caller who creates it, as the audit log names it
   * @returns `no room` when the tenant has as many valid tokens as it may have, and `revoked` when the caller may not
   *   create tokens any more
   * @throws the error of the database when the tenant or fleet that owns the token does not exist (`lacksReference`)
   */
  create(token: Token, hash: string, audit: Audit, limits?: Limits): Promise<'created' | 'no room' | 'revoked'>;
  findByHash(hash: string): Promise<Token | undefined>;
  list(owner: TokenOwner, page: Page): Promise<Token[]>;
  /**
   * Revokes a token, and the tokens of the same owner that were created by it.
   *
   * @returns false when the owner has no such token, or when it is already revoked
   */
  revoke(owner: TokenOwner, id: string, at: number, audit: Audit): Promise<boolean>;
  /** Stores the time of the last use of a token. If the machine loses power, the time may be lost. */
  used(id: string, at: number): Promise<void>;
}

/** What limits a new token. */
interface Limits {
  room?: Room | undefined;
  creator?: string | undefined;
}

/**
 * The lock on the tokens of a tenant or of the platform, which orders the creation of a token and the end of its
 * creator.
 */
export const tokensLock = (tenant = ''): string => `tokens/${tenant}`;

function statements(kit: Kit) {
  const { db, t } = kit;
  // The token, the tokens of the same owner that it has created, the tokens that those have created, and so on.
  const created = (owner: SQL) =>
    sql`(with recursive created (made) as (select ${t.token.id} from ${t.token} where ${eq(t.token.id, $('id'))} union select ${t.token.id} from ${t.token} join created on ${t.token.createdBy} = 'token:' || made where ${owner}) select made from created)`;
  const columns = {
    id: t.token.id,
    tenant: t.token.tenant,
    fleet: t.token.fleet,
    description: t.token.description,
    scopes: t.token.scopes,
    createdAt: t.token.createdAt,
    expiresAt: t.token.expiresAt,
    revokedAt: t.token.revokedAt,
    prefix: t.token.prefix,
    kinds: t.token.kinds,
    createdBy: t.token.createdBy,
    person: t.token.person,
    lastUsedAt: t.token.lastUsedAt,
  };
  const owned = (owner: SQL) => {
    const usable = and(owner, eq(t.token.id, $('id')), isNull(t.token.revokedAt));
    return {
      list: prepare(
        db
          .select(columns)
          .from(t.token)
          .where(and(owner, gt(t.token.id, $('after'))))
          .orderBy(asc(t.token.id))
          .limit($('limit')),
      ),
      usable: guard(kit, 'version', sql`exists (select 1 from ${t.token} where ${usable})`),
      revoke: prepare(
        db
          .update(t.token)
          .set({ revokedAt: sql`${$('at')}` })
          .where(and(owner, isNull(t.token.revokedAt), sql`${t.token.id} in ${created(owner)}`)),
      ),
    };
  };

  return {
    insert: prepare(
      db
        .insert(t.token)
        .values(
          parameters(
            'id',
            'hash',
            'tenant',
            'fleet',
            'description',
            'scopes',
            'createdAt',
            'expiresAt',
            'revokedAt',
            'prefix',
            'kinds',
            'createdBy',
            'person',
          ),
        ),
    ),
    byHash: prepare(
      db
        .select(columns)
        .from(t.token)
        .where(eq(t.token.hash, $('hash'))),
    ),
    mayCreate: guard(kit, 'version', stillHas(kit, $text('creator'), $text('tenant'), ['owner'])),
    used: prepare(
      db
        .update(t.token)
        .set({ lastUsedAt: sql`${$('at')}` })
        .where(eq(t.token.id, $('id'))),
    ),
    tenant: owned(eq(t.token.tenant, $('tenant'))),
    fleet: owned(eq(t.token.fleet, $('fleet'))),
    platform: owned(and(isNull(t.token.tenant), isNull(t.token.fleet))!),
  };
}

type TokenRow = { [K in keyof Token]-?: Exclude<Token[K], undefined> | (undefined extends Token[K] ? null : never) };

function read(row: Omit<TokenRow, 'scopes' | 'kinds'> & { scopes: string; kinds: string | null }): Token {
  const set = Object.entries(row).filter(([, value]) => value !== null);
  // A column that is null becomes an absent member.
  return {
    ...(Object.fromEntries(set) as unknown as Token),
    scopes: JSON.parse(row.scopes),
    ...(row.kinds !== null && { kinds: JSON.parse(row.kinds) }),
  };
}

export function tokens(kit: Kit): Tokens {
  const q = statements(kit);
  const audit = audits(kit);
  const hold = locks(kit);
  const inRoom = roomFor(kit, 'tokens');
  const of = (owner: TokenOwner) => {
    if (owner === 'platform') return { ...q.platform, values: {} };
    return 'tenant' in owner
      ? { ...q.tenant, values: { tenant: owner.tenant } }
      : { ...q.fleet, values: { fleet: owner.fleet } };
  };

  return {
    async create(token, hash, by, { room, creator } = {}) {
      const { tenant = null, fleet = null, expiresAt = null, revokedAt = null, scopes, kinds, ...rest } = token;
      const { createdBy = null, person = null } = token;
      const lists = { scopes: JSON.stringify(scopes), kinds: kinds ? JSON.stringify(kinds) : null };
      const row = { ...rest, tenant, fleet, expiresAt, revokedAt, hash, createdBy, person, ...lists };
      const guards = [
        ...hold({
          alone: room ? [roomLock('tokens', room.tenant)] : [],
          shared: creator === undefined ? [] : [tokensLock(token.tenant)],
        }),
        ...(creator === undefined ? [] : [q.mayCreate.with({ creator, tenant })]),
        ...(room ? [inRoom(room)] : []),
      ];
      try {
        await kit.driver.batch([...guards, q.insert.with(row), ...audit(by)]);
        return 'created';
      } catch (error) {
        const broken = brokenGuard(violation(error));
        if (broken === 'quota') return 'no room';
        if (broken === 'version') return 'revoked';
        throw error;
      }
    },

    async findByHash(hash) {
      const row = await first(kit, q.byHash, { hash });
      return row && read(row);
    },

    async list(owner, { limit, after = '' }) {
      const { list, values } = of(owner);
      return (await all(kit, list, { ...values, limit, after })).map(read);
    },

    async revoke(owner, id, at, by) {
      const { usable, revoke, values } = of(owner);
      const isOfFleet = owner !== 'platform' && 'fleet' in owner;
      return unlessChanged(kit.driver, [
        ...hold({ alone: [isOfFleet ? `token/${id}` : tokensLock(owner === 'platform' ? undefined : owner.tenant)] }),
        usable.with({ ...values, id }),
        revoke.with({ ...values, id, at }),
        ...audit(by),
      ]);
    },

    async used(id, at) {
      const write = (kit.driver.note ?? kit.driver.batch).bind(kit.driver);
      await write([q.used.with({ id, at })]);
    },
  };
}
