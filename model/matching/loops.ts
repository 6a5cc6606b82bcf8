/**
 * The guard against loops: requests that an upstream, or a gateway that is its own upstream, sends to the edge again.
 * Each edge adds its name to the header `CDN-Loop` (RFC 8586), which no route can change. With mirrors, the number of
 * requests grows with every pass.
 */

/** The header in which every edge adds its name. */
export const LOOP_HEADER = 'cdn-loop';

/** The name that the edge adds. */
export const EDGE_NAME = 'gatehouse';

/** How often one request may pass an edge. A request from an edge fleet through an inner fleet to a sidecar passes 3. */
export const MOST_PASSES = 4;

/** What finds that a value of the header, with the name of the edge that reads it, has too many names. */
export const TOO_MANY_PASSES = new RegExp(`(?:\\b${EDGE_NAME}\\b.*){${MOST_PASSES + 1}}`);

/** The body of the response with which the edge ends a loop, with the status 508 (RFC 5842 §7.2). */
export const LOOP_ENDED = `This request has passed ${EDGE_NAME} more than ${MOST_PASSES} times.`;
