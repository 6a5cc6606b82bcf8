/** How an Envoy reaches its agent. */

/** The name of the cluster of the agent in Envoy's bootstrap. */
export const AGENT_CLUSTER = 'xds';

/** The path of the gRPC method with which an Envoy asks for the open challenges of certificate authorities. */
export const OPEN_CHALLENGES = '/gatehouse.Challenges/List';
