import type { Log } from '../log.ts';
import type { TypeUrl, WireType, XdsResource } from './resource.ts';
import {
  encodeDelta,
  encodeSotw,
  type Framed,
  frameDelta,
  frameSotw,
  type Message,
  type Response,
  sizeOf,
} from './response.ts';
import {
  type DeltaRequest,
  DeltaSubscription,
  type SotwRequest,
  SotwSubscription,
  type Update,
} from './subscription.ts';

/** The identity of an xDS client, from the first request of its stream. */
export interface Node {
  readonly id: string;
  /** The fleet. */
  readonly cluster: string;
  readonly metadata: unknown;
  /** Such as `envoy/1.40.0`. */
  readonly userAgent: string;
}

/** One connected client. */
export interface Stream {
  readonly node: Node;
  readonly protocol: 'delta' | 'sotw';
  /**
   * Sends one response immediately: resources of one type, and names of resources that do not exist (any more).
   *
   * In SotW, a response of a type whose responses are the whole state also contains the resources that were sent before
   * and still exist. A SotW response of another type contains the resources alone, because it cannot express that a name
   * does not exist. After the stream has closed, nothing is sent.
   *
   * @returns the nonce, which `onAck` or `onNack` will name
   * @throws Error when one of the resources cannot be encoded; then nothing is sent, and the stream stays open
   */
  send(type: TypeUrl, resources: readonly XdsResource[], removed: readonly string[]): string;
  /** Whether the client subscribed to this name, individually or by a wildcard. */
  subscribed(type: TypeUrl, name: string): boolean;
  /** The names to which the client subscribed individually. */
  names(type: TypeUrl): ReadonlySet<string>;
  /** Whether the client subscribed to all resources of the type. */
  wildcard(type: TypeUrl): boolean;
  /**
   * Bytes of responses that the operating system has not accepted yet. The caller must stop sending above some limit.
   */
  readonly backlog: number;
  /**
   * Calls back once, when the backlog is next empty, or immediately if it is empty now. Does not call back if the stream
   * closes first.
   */
  onDrain(callback: () => void): void;
  close(): void;
}

/** Handles the subscriptions, ACKs and NACKs of one client. */
export interface Session {
  /**
   * @param names the names to which the server must respond with the resource or its absence, even if it did so before
   * @param wildcard whether the client now subscribes to all resources of the type
   * @param have the versions that the client kept from an earlier connection, by name
   */
  onSubscribe(type: TypeUrl, names: readonly string[], wildcard: boolean, have: ReadonlyMap<string, string>): void;
  onUnsubscribe(type: TypeUrl, names: readonly string[]): void;
  onAck(type: TypeUrl, nonce: string): void;
  onNack(type: TypeUrl, nonce: string, message: string): void;
  onClose(): void;
}

/** Opens the session of a client that has connected. */
export type Accept = (stream: Stream) => Session;

/** The destination of responses: the gRPC call of one client. */
export interface Transport {
  /** Writes one response. @param written called when the operating system has accepted the bytes */
  write(response: Response, written: () => void): void;
  end(): void;
}

type Said = Omit<Message, 'nonce' | 'version'>;

type Subscription = DeltaSubscription | SotwSubscription;

const NO_NAMES: ReadonlySet<string> = new Set();

/** The state of one client: a subscription per type, nonces, and the number of bytes that are not sent yet. */
abstract class XdsStream<Request> implements Stream {
  abstract readonly protocol: 'delta' | 'sotw';
  readonly node: Node;
  protected readonly log: Log;
  /** The types that are served, by URL. */
  protected readonly types: ReadonlyMap<TypeUrl, WireType>;
  readonly #transport: Transport;
  #session!: Session; // set by open(), before anything is received
  readonly #subscriptions = new Map<string, Subscription>();
  #nonce = 0;
  #backlog = 0;
  #closed = false;
  #drained: (() => void)[] = [];

  constructor(node: Node, transport: Transport, types: readonly WireType[], log: Log) {
    this.node = node;
    this.#transport = transport;
    this.types = new Map(types.map((type) => [type.url, type]));
    this.log = log;
  }

  open(accept: Accept): this {
    this.#session = accept(this);
    return this;
  }

  protected abstract subscribe(): Subscription;
  protected abstract update(subscription: Subscription, request: Request): Update;
  protected abstract frame(resource: XdsResource): Framed;
  protected abstract encode(message: Message): Response;
  protected abstract message(type: TypeUrl, resources: readonly Framed[], removed: readonly string[]): Said;

  /** Handles one request and calls the session with the changes of subscriptions and the ACK or NACK. */
  receive(type: string, request: Request): void {
    const update = this.update(this.#subscription(type), request);
    if (this.types.has(type)) this.#report(type, update);
    else this.#answerEmpty(type, update);
  }

  #report(type: TypeUrl, update: Update): void {
    if (update.ack !== undefined) this.#session.onAck(type, update.ack);
    if (update.nack) this.#session.onNack(type, update.nack.nonce, update.nack.message);
    if (update.unsubscribed.length > 0) {
      this.forget(type, update.unsubscribed);
      this.#session.onUnsubscribe(type, update.unsubscribed);
    }
    if (update.subscribed.length > 0 || update.wildcard) {
      this.#session.onSubscribe(type, update.subscribed, update.wildcard, update.have);
    }
  }

  send(type: TypeUrl, resources: readonly XdsResource[], removed: readonly string[]): string {
    // All resources are encoded before the state changes. So a resource that cannot be encoded affects no later response.
    const framed = resources.map((resource) => this.frame(resource));
    return this.#write(this.message(type, framed, removed));
  }

  subscribed(type: TypeUrl, name: string): boolean {
    return this.#subscriptions.get(type)?.has(name) ?? false;
  }

  names(type: TypeUrl): ReadonlySet<string> {
    return this.#subscriptions.get(type)?.names ?? NO_NAMES;
  }

  wildcard(type: TypeUrl): boolean {
    return this.#subscriptions.get(type)?.wildcard ?? false;
  }

  get backlog(): number {
    return this.#backlog;
  }

  onDrain(callback: () => void): void {
    if (this.#backlog === 0) callback();
    else this.#drained.push(callback);
  }

  close(): void {
    if (!this.#closed) this.#transport.end();
  }

  /** Handles the end of the stream. */
  closed(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#backlog = 0;
    this.#drained = [];
    this.#subscriptions.clear();
    this.#session.onClose();
  }

  /** Drops the state of names from which the client unsubscribed. */
  protected forget(_type: TypeUrl, _names: readonly string[]): void {}

  #subscription(type: string): Subscription {
    let subscription = this.#subscriptions.get(type);
    if (!subscription) this.#subscriptions.set(type, (subscription = this.subscribe()));
    return subscription;
  }

  // A client may delay its start until it has a response to each type that it requested.
  #answerEmpty(type: string, update: Update): void {
    if (update.nack) return;
    if (update.subscribed.length === 0 && !update.wildcard) return;
    this.log.warn({ node: this.node.id, type }, 'a client requests a type that is not served');
    this.#write({ type, resources: [], removed: this.protocol === 'delta' ? update.subscribed : [] });
  }

  #write(said: Said): string {
    const nonce = (++this.#nonce).toString(36);
    if (this.#closed) return nonce;
    const response = this.encode({ ...said, nonce, version: nonce });
    this.#subscription(said.type).sent(nonce);
    const size = sizeOf(response);
    this.#backlog += size;
    this.#transport.write(response, () => this.#written(size));
    return nonce;
  }

  #written(size: number): void {
    if (this.#closed) return;
    this.#backlog -= size;
    if (this.#backlog > 0 || this.#drained.length === 0) return;
    const callbacks = this.#drained;
    this.#drained = [];
    for (const callback of callbacks) callback();
  }
}

/** Incremental (delta) xDS. It does not keep the resources that were sent. */
export class DeltaStream extends XdsStream<DeltaRequest> {
  readonly protocol = 'delta';

  protected subscribe(): Subscription {
    return new DeltaSubscription();
  }

  protected update(subscription: Subscription, request: DeltaRequest): Update {
    return (subscription as DeltaSubscription).receive(request); // made by subscribe() above
  }

  protected frame(resource: XdsResource): Framed {
    return frameDelta(resource);
  }

  protected encode(message: Message): Response {
    return encodeDelta(message);
  }

  protected message(type: TypeUrl, resources: readonly Framed[], removed: readonly string[]): Said {
    return { type, resources, removed };
  }
}

/** State-of-the-world xDS (SotW). For types whose responses are the whole state, it keeps the resources sent last. */
export class SotwStream extends XdsStream<SotwRequest> {
  readonly protocol = 'sotw';
  readonly #current = new Map<TypeUrl, Map<string, Framed>>();

  protected subscribe(): Subscription {
    return new SotwSubscription();
  }

  protected update(subscription: Subscription, request: SotwRequest): Update {
    return (subscription as SotwSubscription).receive(request); // made by subscribe() above
  }

  protected frame(resource: XdsResource): Framed {
    return frameSotw(resource);
  }

  protected encode(message: Message): Response {
    return encodeSotw(message);
  }

  protected message(type: TypeUrl, resources: readonly Framed[], removed: readonly string[]): Said {
    if (!this.types.get(type)?.isWholeState) return { type, resources, removed: [] };
    const current = this.#of(type);
    for (const resource of resources) current.set(resource.name, resource);
    for (const name of removed) current.delete(name);
    return { type, resources: [...current.values()], removed: [] };
  }

  protected override forget(type: TypeUrl, names: readonly string[]): void {
    if (this.wildcard(type)) return;
    for (const name of names) this.#current.get(type)?.delete(name);
  }

  #of(type: TypeUrl): Map<string, Framed> {
    let current = this.#current.get(type);
    if (!current) this.#current.set(type, (current = new Map()));
    return current;
  }
}
