import type { Services } from '../context.ts';
import { mailContext } from '../secrets/contexts.ts';
import type { ClaimedMail } from '../store/mail.ts';
import { render } from './render.ts';
import { senderOf } from './sender.ts';
import { HOUR } from './templates/template.ts';
import { Refused, type Sender, type Transport } from './transport.ts';

/** The number of messages that are sent at once. */
const AT_ONCE = 8;
/** The time after which a message whose sender was killed is sent again. A transport gives up earlier. */
const CLAIM_MS = 120_000;
const FIRST_RETRY_MS = 15_000;
/** The longest error that is kept, in characters. */
const LONGEST_ERROR = 300;

/** Sends all messages that are due. Several are sent at once, so that a slow mail server delays no other message. */
export async function deliver(services: Services, transport: Transport, signal: AbortSignal): Promise<void> {
  const { store, clock, settings } = services;
  const from = senderOf(settings.mailFrom);
  await store.mail.expire(clock());
  while (!signal.aborted) {
    const now = clock();
    const due = await store.mail.claim({ now, until: now + CLAIM_MS, limit: AT_ONCE });
    await Promise.all(due.map((claim) => attempt(services, transport, from, claim)));
    if (due.length < AT_ONCE) return;
  }
}

async function attempt(services: Services, transport: Transport, from: Sender, claim: ClaimedMail): Promise<void> {
  const { store, sealer, clock, log, metrics } = services;
  const { id, recipient, template, attempts } = claim;
  const record = (outcome: 'sent' | 'retried' | 'failed') => metrics.record('mails', [outcome], 1);
  try {
    const values: unknown = JSON.parse(await sealer.openText(claim.sealed, mailContext(id)));
    const content = render(template, values);
    await transport.send({ id, from, to: recipient, template, createdAt: claim.createdAt, ...content });
  } catch (error) {
    const isLast = error instanceof Refused;
    const at = isLast ? clock() : clock() + pause(attempts);
    const { server } = transport;
    log.warn(
      { mail: id, template, attempts, server, code: codeOf(error) },
      isLast ? 'a message failed' : 'a message waits',
    );
    await store.mail.end(claim, { state: isLast ? 'failed' : 'queued', at, error: reasonOf(error) });
    record(isLast ? 'failed' : 'retried');
    return;
  }
  await store.mail.end(claim, { state: 'sent', at: clock() });
  log.debug({ mail: id, template, attempts }, 'a message was sent');
  record('sent');
}

/** The time until the next attempt in milliseconds: twice as long each time, at most an hour, with jitter. */
function pause(attempts: number): number {
  const longest = Math.min(HOUR, FIRST_RETRY_MS * 2 ** Math.min(attempts - 1, 10));
  return Math.round(longest * (0.5 + Math.random() / 2));
}

/** Words for the operator. The answer of a mail server may quote the message, so links and codes are removed. */
function reasonOf(error: unknown): string {
  const words = error instanceof Error ? error.message || error.name : String(error);
  return words
    .replace(/https?:\/\/\S+/gi, '(link)')
    .replace(/gh_[a-z]+_[\w-]+/g, '(code)')
    .replace(/\p{Cc}+/gu, ' ')
    .slice(0, LONGEST_ERROR)
    .toWellFormed();
}

const codeOf = (error: unknown): unknown =>
  (error as { responseCode?: unknown }).responseCode ?? (error as { code?: unknown }).code ?? (error as Error).name;
