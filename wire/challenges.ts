/**
 * How long a worker thread of an Envoy uses its list of the open challenges, in milliseconds. The API lets a certificate
 * authority ask only after lists without the challenge have expired.
 */
export const CHALLENGE_LIST_AGE = 100;
