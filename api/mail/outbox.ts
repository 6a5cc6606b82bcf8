import { MailAddress } from '../../model/values/mail-address.ts';
import { mailContext } from '../secrets/contexts.ts';
import type { Sealer } from '../secrets/seal.ts';
import type { Settings } from '../settings.ts';
import type { MailQueue, QueuedMail } from '../store/mail.ts';
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
  #hasNew = false;

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
   * Whoever lets strangers cause messages limits their requests (`countAttempt`): a message that is dropped would keep
   * away one that somebody else waits for.
   *
   * @param expiresAt when the link in the message stops working; default: a time that depends on the template
   * @throws ZodError when the address or a value is invalid; callers check what comes from users first
   * @example
   * const mail = await ctx.services.mail.prepare({ to, template: 'invitation', values: { tenant, role, inviter, link } });
   * await ctx.store.invitations.create(invitation, mail, ctx.audit('create', target));
   */
  async prepare(message: Message, expiresAt?: number): Promise<QueuedMail> {
    return this.#make(message, newId(this.#clock()), expiresAt);
  }

  /** Prepares a notice that nobody has requested. It is dropped when the recipient gets too many of its kind. */
  async prepareNotice(message: Message): Promise<QueuedMail> {
    return this.#limited(await this.prepare(message));
  }

  /** Queues a message in a batch of its own, for callers without a batch. */
  async queue(message: Message, expiresAt?: number): Promise<void> {
    await this.#queue.add(await this.prepare(message, expiresAt));
  }

  /**
   * Queues a notice unless it was queued before. It is remembered for as long as the list of messages is kept.
   *
   * @param key what the message is about; the recipient and the template are added to it
   * @param since the time since when the message is due, which is the same at each call with this key
   */
  async queueOnce(message: Message, key: string, since: number): Promise<void> {
    const digest = await crypto.subtle.digest(
      'SHA-256',
      new TextEncoder().encode(JSON.stringify([message.template, message.to, key])),
    );
    const id = idOf(since, new Uint8Array(digest, 0, RANDOM_BYTES));
    await this.#queue.add(this.#limited(await this.#make(message, id)));
  }

  /**
   * Whether this process has prepared a message since the last call. A platform whose job runs rarely then sends what is
   * due as soon as the request is answered.
   */
  takeNew(): boolean {
    const hasNew = this.#hasNew;
    this.#hasNew = false;
    return hasNew;
  }

  async #make(message: Message, id: string, expiresAt?: number): Promise<QueuedMail> {
    const template = templateOf(message.template)!;
    const now = this.#clock();
    this.#hasNew = true;
    return {
      id,
      recipient: MailAddress.parse(message.to),
      template: message.template,
      sealed: await this.#sealer.sealText(JSON.stringify(template.values.parse(message.values)), mailContext(id)),
      createdAt: now,
      expiresAt: expiresAt ?? now + template.expiresIn,
      limit: { most: UNLIMITED, since: now },
    };
  }

  #limited(mail: QueuedMail): QueuedMail {
    return { ...mail, limit: { most: this.#limit, since: mail.createdAt - HOUR } };
  }
}

const RANDOM_BYTES = 10;
/** More messages than one recipient ever gets. */
const UNLIMITED = 2 ** 31 - 1;

/** Makes an id that sorts by time: the time in 12 hex digits, and 20 further ones. */
const idOf = (time: number, rest: Uint8Array): string => `${time.toString(16).padStart(12, '0')}${rest.toHex()}`;

/** Makes an id that nobody can guess. */
const newId = (now: number): string => idOf(now, crypto.getRandomValues(new Uint8Array(RANDOM_BYTES)));
