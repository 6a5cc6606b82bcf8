import type { EdgeResponse } from './edge-response.ts';

/** A response with which the edge rejects a request before it looks for a route. */
export interface EdgeRejection {
  status: 400 | 403 | 404 | 501 | 508;
  /** A sentence for people, without a full stop. */
  why: string;
  /** Whether Envoy has read all headers, so that a gRPC call gets a gRPC status. */
  isLate?: true;
  /** The response, if it is not the status alone. */
  answer?: EdgeResponse;
}

/** Makes the response with which the edge rejects a request. @param why the reason, as a sentence for people */
export const rejection = (status: EdgeRejection['status'], why: string): EdgeRejection => ({ status, why });
