/**
 * How many requests without a credential one address may send. Each costs the verification of a signature. After an
 * outage of the API, all agents behind one address renew, with backoff and jitter.
 */
export const ANONYMOUS = { policy: 'agents', perSecond: 100, burst: 1000 };
