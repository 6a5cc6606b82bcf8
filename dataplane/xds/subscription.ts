/**
 * The changes that a request made. The session must handle them in this order: the ACK or NACK, then unsubscribed
 * names, then subscribed names.
 */
export interface Update {
  readonly ack?: string;
  readonly nack?: { readonly nonce: string; readonly message: string };
  readonly unsubscribed: readonly string[];
  /** Names that must be answered, with the resource or its absence. */
  readonly subscribed: readonly string[];
  /** The client asks for everything of the type. */
  readonly wildcard: boolean;
  /** Versions the client already holds; first request of a delta stream only. */
  readonly have: ReadonlyMap<string, string>;
}

export interface DeltaRequest {
  readonly subscribe: readonly string[];
  readonly unsubscribe: readonly string[];
  readonly initialVersions: Readonly<Record<string, string>>;
  readonly nonce: string;
  readonly error: string | undefined;
}

export interface SotwRequest {
  readonly names: readonly string[];
  readonly nonce: string;
  readonly error: string | undefined;
}

const WILDCARD = '*';
const NOTHING: readonly string[] = [];
const NONE: ReadonlyMap<string, string> = new Map();

/** One client's subscription to one type, and the responses of the type that it has not answered. */
abstract class Subscription {
  readonly names = new Set<string>();
  wildcard = false;
  protected readonly unanswered = new Set<string>();

  has(name: string): boolean {
    return this.wildcard || this.names.has(name);
  }

  sent(nonce: string): void {
    this.unanswered.add(nonce);
  }

  // Presence of error_detail, not the version, distinguishes a NACK from an ACK. A nonce that no response under way
  // carries answers nothing: it is a first request's, a repetition, or an invention.
  // https://www.envoyproxy.io/docs/envoy/v1.40.0/api-docs/xds_protocol#ack-and-nack-semantics-summary
  protected answer(nonce: string, error: string | undefined): Pick<Update, 'ack' | 'nack'> {
    if (!this.unanswered.delete(nonce)) return {};
    return error === undefined ? { ack: nonce } : { nack: { nonce, message: error } };
  }
}

/** A subscription in incremental (delta) xDS, where each request contains only changes. */
export class DeltaSubscription extends Subscription {
  #first = true;

  receive({ subscribe, unsubscribe, initialVersions, nonce, error }: DeltaRequest): Update {
    const answer = this.answer(nonce, error);
    const first = this.#first;
    this.#first = false;
    const unsubscribed: string[] = [];
    const subscribed: string[] = [];

    for (const name of unsubscribe) {
      if (name === WILDCARD) this.wildcard = false;
      else if (this.names.delete(name)) {
        unsubscribed.push(name);
        // Under a wildcard the client drops a name it unsubscribes from and cannot tell whether the wildcard still
        // covers it: the server must say so, with the resource or its removal.
        // https://www.envoyproxy.io/docs/envoy/v1.40.0/api-docs/xds_protocol#unsubscribing-from-resources
        if (this.wildcard && !unsubscribe.includes(WILDCARD)) subscribed.push(name);
      }
    }

    // A name asked for again must be answered again, even if nothing changed: the client may have dropped it.
    // https://www.envoyproxy.io/docs/envoy/v1.40.0/api-docs/xds_protocol#how-the-client-specifies-what-resources-to-return
    let wildcard = false;
    for (const name of subscribe) {
      if (name === WILDCARD) wildcard = true;
      else {
        this.names.add(name);
        subscribed.push(name);
      }
    }

    // A first request without names is a wildcard, and stays one when names are added, until "*" is unsubscribed from.
    // https://www.envoyproxy.io/docs/envoy/v1.40.0/api-docs/xds_protocol#how-the-client-specifies-what-resources-to-return
    if (first && subscribe.length === 0) wildcard = true;
    if (wildcard) this.wildcard = true;

    // What a reconnecting client kept; valid in the first request of a type only.
    // https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/service/discovery/v3/discovery.proto#envoy-v3-api-field-service-discovery-v3-deltadiscoveryrequest-initial-resource-versions
    const have = first ? new Map(Object.entries(initialVersions)) : NONE;
    return { ...answer, unsubscribed, subscribed, wildcard, have };
  }
}

/** State of the world: each request lists every name, and answers the response whose nonce it carries. */
export class SotwSubscription extends Subscription {
  #lastNonce = '';
  /** Whether any request of this subscription contained a name. */
  #explicit = false;

  override sent(nonce: string): void {
    super.sent(nonce);
    this.#lastNonce = nonce;
  }

  receive({ names, nonce, error }: SotwRequest): Update {
    const answer = this.answer(nonce, error);
    // A request made before the client read the latest response is stale. Its names are not used: the answer to that
    // response lists them again.
    // https://www.envoyproxy.io/docs/envoy/v1.40.0/api-docs/xds_protocol#ack-nack-and-resource-type-instance-version
    if (nonce !== this.#lastNonce)
      return { ...answer, unsubscribed: NOTHING, subscribed: NOTHING, wildcard: false, have: NONE };

    // An empty list means a wildcard until a request contains a name. After that, it means no resources.
    // https://www.envoyproxy.io/docs/envoy/v1.40.0/api-docs/xds_protocol#how-the-client-specifies-what-resources-to-return
    if (names.length > 0) this.#explicit = true;
    const asked = new Set(names);
    const wildcard = asked.delete(WILDCARD) || !this.#explicit;
    const unsubscribed = [...this.names].filter((name) => !asked.has(name));
    const subscribed = [...asked].filter((name) => !this.names.has(name));
    for (const name of unsubscribed) this.names.delete(name);
    for (const name of subscribed) this.names.add(name);
    const widened = wildcard && !this.wildcard;
    this.wildcard = wildcard;
    return { ...answer, unsubscribed, subscribed, wildcard: widened, have: NONE };
  }
}
