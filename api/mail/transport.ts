import type { Content } from './render.ts';

/** A message with its address and content, as a transport sends it. */
export interface Envelope extends Content {
  /** The id of the message in the queue. All attempts have the same one. */
  id: string;
  from: Sender;
  to: string;
  template: string;
  createdAt: number;
}

export interface Sender {
  name?: string;
  address: string;
}

/** Hands messages to a mail server, a folder, or a webhook. */
export interface Transport {
  /** Where messages are sent, for the log: a host with its port. Absent for a folder. */
  readonly server?: string;
  /**
   * @throws Refused when another attempt would fail too
   * @throws any other error when another attempt may succeed
   */
  send(envelope: Envelope): Promise<void>;
}

/** The receiver does not accept this message, and never will. */
export class Refused extends Error {}
