/**
 * What an agent signs with its Ed25519 key when it enrols and when it renews its credential. Each text begins with its
 * purpose, so that a signature for one purpose is none for the other.
 */

/** How far the time of a signed request may be from the clock of the API, in milliseconds. */
export const CLOCK_TOLERANCE_MS = 5 * 60_000;

/** A request of an agent that enrols. */
export interface Enrolment {
  /** The one-time token. */
  token: string;
  /** The public key of the agent: the base64 of 32 bytes. */
  publicKey: string;
  /** The name of the agent. */
  name: string;
}

/** The answer to an enrolment. */
export interface Enrolled {
  /** The id of the agent. */
  id: string;
  fleet: string;
  /** The number of the credential that the agent has: 0, because it gets the first one by a renewal. */
  generation: number;
}

/** A request of an enrolled agent for its next credential. */
export interface Renewal {
  /** The id of the agent. */
  agent: string;
  /** The number of the credential that the agent has. */
  generation: number;
  /** A random text that the agent keeps until it has the answer. A repeated request has the same one. */
  nonce: string;
  /**
   * The time of the signature in milliseconds since 1970, by the clock of the API. A repeated request has a later one:
   * the API rejects a request that was recorded and sent again.
   */
  issuedAt: number;
}

/** The answer to a renewal. */
export interface Renewed {
  /** The bearer token. The one before it is invalid from now on. */
  credential: string;
  generation: number;
  /** RFC 3339. */
  expiresAt: string;
  /** Until this time the agent can renew, also when the credential has expired. RFC 3339. */
  lapsesAt: string;
}

/** @returns the text that an agent signs to enrol */
export const enrolmentText = ({ token, publicKey, name }: Enrolment): string =>
  ['gatehouse enrolment 1', token, publicKey, name].join('\n');

/** @returns the text that an agent signs to renew its credential */
export const renewalText = ({ agent, generation, nonce, issuedAt }: Renewal): string =>
  ['gatehouse renewal 1', agent, generation, nonce, issuedAt].join('\n');
