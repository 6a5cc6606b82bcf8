/**
 * The steps by which a name gets its certificate. Each ends with a change of the row of the name, so that another process
 * resumes after a crash. Only the step of the row decides what happens next.
 */
import type { AcmeChallenge } from '../../model/kinds/certificate.ts';
import { CHALLENGE_LIST_AGE } from '../../wire/challenges.ts';
import type { Services } from '../context.ts';
import { isProven } from '../domains/proven.ts';
import { keyContext } from '../secrets/contexts.ts';
import type { NameRow } from '../store/automatic.ts';
import { KEEP_UNWANTED } from '../store/kept-names.ts';
import { UNPROVEN } from '../store/proven-names.ts';
import type { Account, Authority, Challenge, Order } from './authority.ts';
import { changeRecord, recordOf } from './dns-webhook.ts';
import { methodFor } from './method.ts';
import { Full, groupOf, withinLimits } from './order-limits.ts';
import { ended, failed, later, type Outcome, queued, SILENT, waiting } from './outcome.ts';
import { placeOf } from './place.ts';
import { AcmeError, AttemptFailed, wordsOf } from './problem.ts';
import { queueOf } from './queue.ts';
import { closedAmong, userOf } from './user.ts';

const SECOND = 1000;
/** How long the Envoys may take to know a challenge, in milliseconds. Later, the authority is asked to check anyway. */
const ANNOUNCING = 20 * SECOND;
/** How long an order may take, in milliseconds. */
const ORDERING = 10 * 60 * SECOND;
/** The objects that all steps use. */
export interface Desk {
  services: Services;
  authority: Authority;
  account(): Promise<Account>;
  /** The queues whose names were refused an order a short time ago. */
  full: Set<string>;
  now(): number;
}

type Step = (desk: Desk, row: NameRow) => Promise<Outcome>;

/** Begins an order for a name without a certificate, or whose certificate is due for renewal. */
const begin: Step = async (desk, row) => {
  const { services, authority } = desk;
  const { name } = row;
  const now = desk.now();
  if (row.chain !== null && row.renewAt !== null && row.renewAt > now) return reschedule(desk, row);
  const user = await userOf(services, row);
  // No certificate is requested for a name that nobody uses or has proven.
  if (user === undefined) return { change: { ...ended, wanted: 0, dueAt: now + KEEP_UNWANTED } };
  if (!(await isProven(services, user, name))) return waiting(row, now, unproven(row, user));
  const closed = await closedAmong(services, [user, row.tenant]);
  // The hosts of a suspended tenant answer that it is suspended, so their certificates are renewed.
  if (closed !== undefined && (row.chain === null || closed.deletedAt !== undefined))
    return waiting(
      row,
      now,
      `the tenant ${closed.name} is ${closed.deletedAt === undefined ? 'suspended' : 'deleted'}`,
    );
  const place = await placeOf(services, row, now);
  if (place.fleets.length === 0) return waiting(row, now, 'no fleet serves a gateway with this host');
  const method = methodFor(row, place);
  if (!method.isPossible) return waiting(row, now, method.reason);
  const queue = queueOf(groupOf(services.settings, user, name));
  if (authority.isAway) return queued(queue, SILENT);
  const replaced = row.chain === null ? undefined : await replacedId(row.chain);
  const isCounted = replaced === undefined || !(await authority.knowsRenewals());
  if (isCounted && desk.full.has(queue)) return queued(queue);
  const account = await desk.account();
  const order = isCounted
    ? await withinLimits(services, { tenant: user, name }, now, () => authority.order(account, name, undefined))
    : await renewal(authority, account, name, replaced);
  if (order instanceof Full) {
    desk.full.add(queue);
    return queued(queue);
  }
  const change = {
    ...{ ...ended, method: method.challenge, orderUrl: order.url, orderedAt: now, reason: row.reason },
  };
  if (order.status !== 'pending') return { change: { ...change, step: 'validating', dueAt: now } };
  const challenge = await pendingChallenge(desk, row, method.challenge, order);
  // The authority remembers that the name was proven.
  if (!challenge) return { change: { ...change, step: 'validating', dueAt: now } };
  const { token = '', url } = challenge;
  const answer = `${token}.${await account.key.thumbprint()}`;
  return {
    change: { ...change, step: 'answering', challengeUrl: url, token, answer, dueAt: now },
    isForAgents: method.challenge !== 'DNS-01',
  };
};

const unproven = ({ tenant, name }: NameRow, user: string): string =>
  `the tenant ${user === tenant ? '' : `${user} `}${UNPROVEN} ${name}: claim its domain at /v1/tenants/${user}/domains, and publish the record`;

async function replacedId(chain: string): Promise<string | undefined> {
  const { replacedBy } = await import('./renewal.ts');
  return replacedBy(chain);
}

/** Orders a certificate, as the renewal of another one if the authority accepts that (RFC 9773 §5). */
async function renewal(authority: Authority, account: Account, name: string, replaced: string) {
  try {
    return await authority.order(account, name, replaced);
  } catch (error) {
    if (!(error instanceof AcmeError) || error.type !== 'alreadyReplaced') throw error;
    return authority.order(account, name, undefined);
  }
}

/** @returns undefined when the authority asks for nothing */
async function pendingChallenge(
  { authority, account }: Desk,
  row: NameRow,
  method: AcmeChallenge,
  order: Order,
): Promise<Challenge | undefined> {
  for (const url of order.authorizations) {
    const { status, challenges } = await authority.readAuthorization(await account(), url);
    if (status === 'valid') continue;
    const challenge = challenges.find(({ type }) => type === method.toLowerCase());
    if (!challenge?.token || !/^[\w-]{1,256}$/.test(challenge.token))
      throw new AttemptFailed(`the authority offers no challenge ${method} for ${row.name}`);
    return challenge;
  }
  return undefined;
}

/** Lets the authority ask, because all Envoys answer now. */
const ask: Step = async (desk, row) => {
  await desk.authority.accept(await desk.account(), row.challengeUrl ?? '');
  return { change: { step: 'validating', dueAt: desk.now() + 500 } };
};

/** Waits until the agents of every connected Envoy of the fleets have the challenge. */
const answer: Step = async (desk, row) => {
  const { services } = desk;
  const now = desk.now();
  if (row.method === 'DNS-01') {
    await changeRecord(services.settings, 'add', await recordOf(row.name, row.answer ?? ''));
    return ask(desk, row);
  }
  // The process ended before it knew in which feed rows the challenge is.
  if (row.announced === null) return { change: { step: 'answering', dueAt: now }, isForAgents: true };
  const announced = Object.entries(JSON.parse(row.announced) as Record<string, number>);
  const isOver = now > (row.orderedAt ?? 0) + ANNOUNCING;
  const states = await Promise.all(
    announced.map(async ([fleet, seq]) => ({ fleet, seq, ...(await services.summaries.of(fleet)) })),
  );
  const unserved = states.filter(({ connected }) => connected === 0);
  const late = states.filter(({ acked, seq }) => acked < seq);
  if (!isOver && late.length > 0) return later(now, 200);
  if (isOver && unserved.length > 0)
    return waiting(row, now, `no Envoy of the fleet ${unserved.map(({ fleet }) => fleet).join(', ')} is connected`);
  // A worker of an Envoy may have read its list just before its agent got the challenge.
  return { change: { step: 'asking', dueAt: now + 2 * CHALLENGE_LIST_AGE } };
};

/** Waits for the authority's verdict, and then makes the key of the certificate. */
const validate: Step = async (desk, row) => {
  const { services, authority } = desk;
  const now = desk.now();
  const order = await authority.readOrder(await desk.account(), row.orderUrl ?? '');
  const isOpen = order.status === 'pending' || order.status === 'processing';
  // Another order may need the same record, so nothing depends on its removal.
  if (!isOpen && row.method === 'DNS-01' && row.answer !== null)
    await changeRecord(services.settings, 'remove', await recordOf(row.name, row.answer)).catch(() => {});
  if (order.status === 'invalid') return failed(row, now, await reasonOf(desk, row, order));
  if (order.status !== 'ready') return unfinished(row, now, 'the authority has not checked the name in time');
  const { newKey } = await import('./signing-request.ts');
  const { id, pem } = await newKey();
  const key = { id, ...(await services.sealer.seal(pem, keyContext(row.tenant, id))) };
  return { change: { step: 'issuing', nextKey: id, dueAt: now }, keys: [key] };
};

/** Requests the certificate, and downloads it. */
const issue: Step = async (desk, row) => {
  const { services, authority } = desk;
  const now = desk.now();
  const account = await desk.account();
  const order = await authority.readOrder(account, row.orderUrl ?? '');
  if (order.status === 'invalid') return failed(row, now, await reasonOf(desk, row, order));
  if (order.status === 'ready') {
    const [sealed] = await services.store.keys.find(row.tenant, [row.nextKey ?? '']);
    if (!sealed) return failed(row, now, 'the private key of the order was lost');
    const { signingRequest } = await import('./signing-request.ts');
    const pem = await services.sealer.open(sealed, keyContext(row.tenant, sealed.id));
    await authority.finalize(account, order.finalize, await signingRequest(row.name, pem));
    return later(now, 300);
  }
  if (order.status !== 'valid' || order.certificate === undefined)
    return unfinished(row, now, 'the authority has not issued the certificate in time');
  return received(row, now, await authority.download(account, order.certificate));
};

async function received(row: NameRow, now: number, downloaded: string): Promise<Outcome> {
  const { inspectChain } = await import('../certificates/inspect.ts');
  const { askAgain, renewalTime } = await import('./renewal.ts');
  const { info, pem } = await inspectChain(downloaded, now);
  if (info.publicKeySha256 !== row.nextKey || !info.dnsNames.includes(row.name))
    return failed(row, now, 'the authority sent a certificate for another key or name');
  const validity = { notBefore: Date.parse(info.notBefore), notAfter: Date.parse(info.notAfter) };
  const renewAt = renewalTime(validity, Math.random());
  return {
    change: {
      ...{ ...ended, ...validity, renewAt, chain: pem, key: row.nextKey, issuedAt: now },
      ...{ reason: '', failures: 0, dueAt: Math.min(renewAt, askAgain(now)) },
    },
    isForAgents: true,
    action: 'acme-issued',
  };
}

/** Asks the authority whether it wants the certificate to be renewed at another time. A time that has passed means now. */
async function reschedule({ services, authority, now }: Desk, row: NameRow): Promise<Outcome> {
  const { askAgain, timeIn } = await import('./renewal.ts');
  const id = await replacedId(row.chain ?? '');
  const unknown = (err: unknown) => {
    // The certificate is renewed in time anyway.
    const { tenant, name } = row;
    services.log.warn({ tenant, name, err }, 'the authority did not say when a certificate should be renewed');
    return undefined;
  };
  const info = id === undefined ? undefined : await authority.renewalInfo(id).catch(unknown);
  const window = info?.window;
  const isKept = !window || (row.renewAt! >= window.start && row.renewAt! <= window.end);
  const renewAt = isKept ? row.renewAt! : timeIn(window, Math.random());
  const dueAt = Math.min(renewAt, askAgain(now(), info?.retryAt));
  return { change: { renewAt, dueAt: Math.max(now(), dueAt) } };
}

const unfinished = (row: NameRow, now: number, reason: string): Outcome =>
  now > (row.orderedAt ?? 0) + ORDERING ? failed(row, now, reason) : later(now, SECOND);

/** Says why an order failed: the reason of its challenge, if there is one. */
async function reasonOf({ authority, account }: Desk, row: NameRow, order: Order): Promise<string> {
  for (const url of order.authorizations) {
    const { challenges } = await authority.readAuthorization(await account(), url);
    const error = challenges.find((each) => each.error)?.error;
    if (error) return `the authority could not check ${row.name}: ${wordsOf(error)}`;
  }
  return order.error ? wordsOf(order.error) : 'the authority rejected the order without a reason';
}

/** Sends agents the certificate of a name that has come back. */
const comeBack: Step = async (desk) => ({ change: { step: 'idle', dueAt: desk.now() }, isForAgents: true });

export const steps: Readonly<Record<string, Step>> = {
  idle: begin,
  returning: comeBack,
  answering: answer,
  asking: ask,
  validating: validate,
  issuing: issue,
};
