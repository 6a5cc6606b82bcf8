import type { Context } from '../context.ts';
import { Problem } from '../problem.ts';
import type { AttemptKey } from '../store/sign-in-attempts.ts';

/**
 * The attempts per day without a delay. One client gets few attempts for one address. All clients together get more for
 * it, so that a stranger cannot easily keep a person out or a mail away, and one client gets more for all addresses,
 * because many people may use the same network. The larger networks of an IPv6 client get a multiple of one client.
 */
const FREE = { pair: 5, email: 50, remote: 100, userCode: 10, challenges: 1000, company: 200 } as const;

/** Makes one key per network of the client. */
function perNetwork(
  { networks, services: { sha256 } }: Context,
  text: (network: string) => string,
  limit: Omit<AttemptKey, 'key'>,
): Promise<AttemptKey[]> {
  return Promise.all(
    networks.map(async ({ name, share }) => ({ ...limit, key: await sha256(text(name)), free: share * limit.free })),
  );
}

/**
 * Returns what an attempt to sign in has in common with others. The address need not belong to a person.
 *
 * @param browser the hash of a browser in which the person of the address has signed in before. Its attempts count by
 *   themselves, so nobody else delays them.
 */
export async function signInKeys(ctx: Context, email: string, browser?: string): Promise<AttemptKey[]> {
  if (browser !== undefined) return [{ key: await ctx.services.sha256(`browser ${browser}`), free: FREE.pair }];
  return [
    ...(await perNetwork(ctx, (network) => `pair ${network} ${email}`, { free: FREE.pair })),
    { key: await ctx.services.sha256(`email ${email}`), free: FREE.email },
    ...(await perNetwork(ctx, (network) => `remote ${network}`, { free: FREE.remote, isShared: true })),
  ];
}

/**
 * Returns what an attempt to prove who sends a request has in common with others. Only requests with a session of the
 * person count, so strangers cannot delay a change of the account.
 */
export async function proofKeys(
  { services: { sha256 } }: Context,
  { id, session }: { id: string; session: string },
): Promise<AttemptKey[]> {
  return [
    { key: await sha256(`proof ${id} ${session}`), free: FREE.pair },
    { key: await sha256(`proof ${id}`), free: FREE.email },
  ];
}

/** Returns what a request of a person for a code by mail has in common with others. Mails to strangers do not count. */
export async function proofMailKeys({ services }: Context, person: string): Promise<AttemptKey[]> {
  return [{ key: await services.sha256(`proof-mail ${person}`), free: services.settings.mailLimit }];
}

/** Returns what a sign-in with a passkey has in common with others. The passkey need not exist. */
export async function passkeyKeys(ctx: Context, credential: string): Promise<AttemptKey[]> {
  return [
    ...(await perNetwork(ctx, (network) => `pair ${network} passkey ${credential}`, { free: FREE.pair })),
    { key: await ctx.services.sha256(`passkey ${credential}`), free: FREE.email },
    ...(await perNetwork(ctx, (network) => `remote ${network}`, { free: FREE.remote, isShared: true })),
  ];
}

/** Returns what a sign-in with the account of a company has in common with others. */
export function companyKeys(ctx: Context): Promise<AttemptKey[]> {
  return perNetwork(ctx, (network) => `oidc ${network}`, { free: FREE.company, isShared: true });
}

/** Returns what a request for a challenge has in common with others. */
export function challengeKeys(ctx: Context): Promise<AttemptKey[]> {
  return perNetwork(ctx, (network) => `challenges ${network}`, { free: FREE.challenges, isShared: true });
}

/** Returns what a request for a mail has in common with others. */
export async function mailKeys(ctx: Context, email: string): Promise<AttemptKey[]> {
  const { sha256, settings } = ctx.services;
  return [
    ...(await perNetwork(ctx, (network) => `mail ${network} ${email}`, { free: settings.mailLimit })),
    { key: await sha256(`mail ${email}`), free: FREE.email },
    ...(await perNetwork(ctx, (network) => `mails ${network}`, { free: FREE.remote })),
  ];
}

/** Returns what an invitation has in common with others: of the tenant, of the person who invites, and of all. */
export async function invitationKeys(
  { services, principal }: Context,
  tenant: string,
  email: string,
): Promise<AttemptKey[]> {
  const { sha256, settings } = services;
  const free = settings.mailLimit;
  const person = principal.type === 'person' ? principal.id : 'creator' in principal && principal.creator?.person;
  return [
    { key: await sha256(`invitation ${tenant} ${email}`), free },
    ...(person ? [{ key: await sha256(`invitation by ${person} ${email}`), free }] : []),
    { key: await sha256(`invitation ${email}`), free: FREE.email },
  ];
}

/** Returns what a request to sign in on a command line has in common with others. */
export function deviceKeys(ctx: Context): Promise<AttemptKey[]> {
  return perNetwork(ctx, (network) => `devices ${network}`, { free: FREE.remote, isShared: true });
}

/** Returns what an attempt of a person to enter the code of a command has in common with others. */
export async function userCodeKeys(ctx: Context, person: string): Promise<AttemptKey[]> {
  return [
    { key: await ctx.services.sha256(`user-code ${person}`), free: FREE.userCode },
    ...(await perNetwork(ctx, (network) => `user-codes ${network}`, { free: FREE.remote, isShared: true })),
  ];
}

/**
 * Counts an attempt, before the secret is compared.
 *
 * @throws Problem `too-many-requests` with Retry-After, whether or not the address belongs to a person
 */
export async function countAttempt(ctx: Context, keys: readonly AttemptKey[]): Promise<void> {
  const until = await ctx.store.signInAttempts.count(keys, ctx.now);
  if (until === undefined) return;
  const seconds = Math.max(1, Math.ceil((until - ctx.now) / 1000));
  throw new Problem('too-many-requests', {
    detail: `too many attempts; the next one is permitted in ${seconds} s`,
    headers: { 'retry-after': String(seconds) },
  });
}
