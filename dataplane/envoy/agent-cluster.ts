/** How an Envoy reaches its agent. */

/** The name of the cluster of the agent in Envoy's bootstrap. */
export const AGENT_CLUSTER = 'xds';

/** The path of the gRPC method with which an Envoy asks for the answer to the challenge of a certificate authority. */
export const ANSWER_CHALLENGE = '/gatehouse.Challenges/Answer';

/** The largest length of the token of a challenge. Authorities use about 43 characters. */
export const MOST_TOKEN = 256;
