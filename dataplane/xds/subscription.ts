/**
 * The changes that a request made. The session must handle them in this order: the ACK or NACK, then unsubscribed
 * names, then subscribed names.
 */
export interface Update {
  readonly ack?: string;
  readonly nack?: { readonly nonce: string; readonly message: string };
  readonly unsubscribed: readonly string[];
  /** The names to which the server must respond, with the resource or its absence. */
  readonly subscribed: readonly string[];
  /** Whether the request is a new subscription to all resources of the type. */
  readonly wildcard: boolean;
  /** The versions that the client already holds, by name; only in the first request of a delta stream. */
  readonly have: ReadonlyMap<string, string>;
}

/** The fields of a DeltaDiscoveryRequest that concern subscriptions. `error` is undefined unless it is a NACK. */
export interface DeltaRequest {
  readonly subscribe: readonly string[];
  readonly unsubscribe: readonly string[];
  readonly initialVersions: Readonly<Record<string, string>>;
  readonly nonce: string;
  readonly error: string | undefined;
}

/** The fields of a DiscoveryRequest that concern subscriptions. `error` is undefined unless it is a NACK. */
export interface SotwRequest {
  readonly names: readonly string[];
  readonly nonce: string;
  readonly error: string | undefined;
}

const WILDCARD = '*';
const NOTHING: readonly string[] = [];
const NONE: ReadonlyMap<string, string> = new Map();

/** The subscription of one client to one type, and the nonces of responses that the client has not acknowledged. */
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

  // A NACK differs from an ACK by the presence of error_detail, not by the version. A request whose nonce belongs to no
  // response under way is neither: it is a first request, or its nonce is repeated or invented.
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
        // Under a wildcard, the client drops a name from which it unsubscribes, and does not know whether the wildcard
        // still covers the name. The server must respond with the resource or its removal.
        // https://www.envoyproxy.io/docs/envoy/v1.40.0/api-docs/xds_protocol#unsubscribing-from-resources
        if (this.wildcard && !unsubscribe.includes(WILDCARD)) subscribed.push(name);
      }
    }

    // The server must respond again to a name that is requested again, because the client may have dropped the resource.
    // https://www.envoyproxy.io/docs/envoy/v1.40.0/api-docs/xds_protocol#how-the-client-specifies-what-resources-to-return
    let wildcard = false;
    for (const name of subscribe) {
      if (name === WILDCARD) wildcard = true;
      else {
        this.names.add(name);
        subscribed.push(name);
      }
    }

    // A first request without names is a wildcard subscription. It remains one when names are added, until the client
    // unsubscribes from "*".
    // https://www.envoyproxy.io/docs/envoy/v1.40.0/api-docs/xds_protocol#how-the-client-specifies-what-resources-to-return
    if (first && subscribe.length === 0) wildcard = true;
    if (wildcard) this.wildcard = true;

    // The versions that a reconnecting client kept. They are valid only in the first request of a type.
    // https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/service/discovery/v3/discovery.proto#envoy-v3-api-field-service-discovery-v3-deltadiscoveryrequest-initial-resource-versions
    const have = first ? new Map(Object.entries(initialVersions)) : NONE;
    return { ...answer, unsubscribed, subscribed, wildcard, have };
  }
}

/** A subscription in state-of-the-world xDS (SotW), where each request lists all names. */
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
    // A request that the client sent before it read the latest response is stale. Its names are not used, because the
    // client's ACK or NACK of that response lists them again.
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
