import { mailContext } from '../secrets/contexts.ts';
import type { Sealer } from '../secrets/seal.ts';
import type { Settings } from '../settings.ts';
import type { MailQueue, QueuedMail } from '../store/mail.ts';
import { MailAddress } from './address.ts';
import { type Message, templateOf } from './templates/index.ts';
import { HOUR } from './templates/template.ts';
import type { Transport } from './transport.ts';

/** Queues e-mail messages. A job sends them. */
export class Outbox {
  /** Absent when no mail is configured. Messages then wait in the queue until they expire. */
  readonly transport: Transport | undefined;
  readonly #queue: MailQueue;
  readonly #sealer: Sealer;
  readonly #limit: number;
  readonly #clock: () => number;

  constructor(
    {
      store,
      sealer,
      settings,
      clock,
    }: {
      store: { mail: MailQueue };
      sealer: Sealer;
      settings: Settings;
      clock: () => number;
    },
    transport: Transport | undefined,
  ) {
    this.transport = transport;
    this.#queue = store.mail;
    this.#sealer = sealer;
    this.#limit = settings.mailLimit;
    this.#clock = clock;
  }

  /**
   * Prepares a message for the batch of the change that causes it. The store adds it to the batch with `mails(kit)`.
   *
   * @param expiresAt when the link in the message stops working; default: a time that depends on the template
   * @throws ZodError when the address or a value is invalid; callers check what comes from users first
   * @example
   * const mail = await ctx.services.mail.prepare({ to, template: 'invitation', values: { tenant, role, inviter, link } });
   * await ctx.store.invitations.create(invitation, mail, ctx.audit('create', target));
   */
  async prepare(message: Message, expiresAt?: number): Promise<QueuedMail> {
    const template = templateOf(message.template)!;
    const now = this.#clock();
    const id = newId(now);
    return {
      id,
      recipient: MailAddress.parse(message.to),
      template: message.template,
      sealed: await this.#sealer.sealText(JSON.stringify(template.values.parse(message.values)), mailContext(id)),
      createdAt: now,
      expiresAt: expiresAt ?? now + template.expiresIn,
      limit: { most: this.#limit, since: now - HOUR },
    };
  }

  /** Queues a message in a batch of its own, for callers without a batch. */
  async queue(message: Message, expiresAt?: number): Promise<void> {
    await this.#queue.add(await this.prepare(message, expiresAt));
  }
}

/** Makes an id that sorts by time and that nobody can guess: the time in 12 hex digits, and 20 random ones. */
function newId(now: number): string {
  return `${now.toString(16).padStart(12, '0')}${crypto.getRandomValues(new Uint8Array(10)).toHex()}`;
}
